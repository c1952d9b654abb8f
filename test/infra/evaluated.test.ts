import { beforeAll, expect, test } from 'vitest';
import { tableMetadata } from '../../shared/adapters/bigquery/schema.ts';
import { TABLES } from '../../shared/adapters/bigquery/tables.ts';
import { subscriptionChecks } from '../../shared/adapters/pubsub/subscription-checks.ts';
import { filesUnder, readText } from '../support/repository.ts';
import { type Evaluated, evaluate } from './evaluate.ts';
import { entries, type Json, readTerraform, texts } from './terraform.ts';
import { describeWithTerraform } from './terraform-command.ts';

const LEAST = { project: 'my-project', alert_emails: ['on-call@example.com'] };
const EVERYTHING = {
  ...LEAST,
  alert_emails: ['on-call@example.com', 'second@example.com'],
  model_roots: ['gs://models/runs', 'gs://models/others', 'gs://more'],
  publishers: [{ namespace: 'automated', service_account: 'tests' }],
  image_readers: ['nodes@my-project.iam.gserviceaccount.com'],
  mail: 'smtp://me%40example.com@smtp.example.com:587',
  billing_account: '000000-000000-000000',
};

/** Terraform may have to wait for a busy machine. */
const PATIENCE_MS = 120_000;

const files = await readTerraform('infra/terraform');
const seconds = (text: Json) => Number(/^(\d+)s$/.exec(String(text))![1]);

/** A member of a value, by names and numbers with points between; null where there is none. */
function at(value: Json | undefined, path: string): Json {
  const step = (from: Json, name: string): Json =>
    Array.isArray(from) ? (from[Number(name)] ?? null) : (Object.fromEntries(entries(from))[name] ?? null);
  return path.split('.').reduce(step, value ?? null);
}

function finder(resources: readonly Evaluated[]) {
  const all = (type: string) => resources.filter((one) => one.type === type);
  const one = (type: string, name: string, key: string | null = null) => {
    const found = all(type).find((each) => each.name === name && each.key === key);
    if (found === undefined) throw new Error(`There is no ${type}.${name}`);
    return (path: string) => at(found.values, path);
  };
  return { all, one };
}

describeWithTerraform('the infrastructure, evaluated by', () => {
  let full: ReturnType<typeof finder>;
  let least: ReturnType<typeof finder>;
  beforeAll(() => {
    full = finder(evaluate(files, EVERYTHING));
    least = finder(evaluate(files, LEAST));
  }, PATIENCE_MS);

  test('comes to something for every resource', () => {
    const names = (found: Evaluated[]) => found.map(({ type, name }) => `${type}.${name}`);
    const declared = files.flatMap(({ things }) => things.map(({ type, name }) => `${type}.${name}`));
    const types = new Set(files.flatMap(({ things }) => things.map(({ type }) => type)));
    expect(new Set([...types].flatMap((type) => names(full.all(type))))).toEqual(new Set(declared));
  });

  test('ends a tick before its caller gives up, and that before the next one', () => {
    const tick = full.one('google_cloudfunctions2_function', 'tick');
    const call = full.one('google_cloud_scheduler_job', 'tick');
    const limit = Number(tick('service_config.0.timeout_seconds'));
    const patience = seconds(call('attempt_deadline'));
    const every = Number(/^\*\/(\d+) \* \* \* \*$/.exec(String(call('schedule')))![1]) * 60;
    expect(limit).toBeLessThan(patience);
    expect(patience).toBeLessThan(every);
    expect(tick('service_config.0.environment_variables.TIDEMARK_TIME_LIMIT')).toBe(`${limit}s`);
    expect(call('retry_config.0.retry_count')).toBe(0);
    expect(call('http_target.0.uri')).toBe(tick('service_config.0.uri'));
    expect(call('http_target.0.oidc_token.0.audience')).toBe(call('http_target.0.uri'));
  });

  test('makes a subscription that doctor has nothing to say about', () => {
    const subscription = full.one('google_pubsub_subscription', 'tick');
    const [check, ...more] = subscriptionChecks(
      {
        topic: String(subscription('topic')),
        ackDeadline: Number(subscription('ack_deadline_seconds')),
        retention: seconds(subscription('message_retention_duration')),
        expiration: null,
        pushedTo: null,
        filter: '',
        isDetached: false,
        hasDeadLetterPolicy: false,
        hasRetryPolicy: false,
      },
      { name: String(subscription('name')), topic: '(google_pubsub_topic.written.id)' },
    );
    expect(more).toEqual([]);
    expect(check!.state).toBe('ok');
    expect(readText('docs/deploy.md')).toContain(check!.detail);
  });

  test('makes every table with its partitions and clusters, and protects it', () => {
    for (const table of TABLES) {
      const made = full.one('google_bigquery_table', 'table', table.name);
      const wanted = tableMetadata(table) as { readonly [key: string]: Json };
      expect(JSON.parse(String(made('schema')))).toStrictEqual(at(wanted, 'schema.fields'));
      expect(made('clustering')).toStrictEqual(at(wanted, 'clustering.fields'));
      expect(made('time_partitioning.0')).toStrictEqual(at(wanted, 'timePartitioning'));
      expect(made('deletion_protection')).toBe(true);
    }
  });

  test('mounts the password where the function looks for it, and only with mail', () => {
    const tick = full.one('google_cloudfunctions2_function', 'tick');
    const volume = (path: string) => tick(`service_config.0.secret_volumes.0.${path}`);
    const place = `${volume('mount_path')}/${volume('versions.0.path')}`;
    expect(tick('service_config.0.environment_variables.TIDEMARK_SMTP_PASSWORD_FILE')).toBe(place);
    expect(volume('secret')).toBe(full.one('google_secret_manager_secret', 'smtp')('secret_id'));
    const without = least.one('google_cloudfunctions2_function', 'tick');
    expect(without('service_config.0.secret_volumes')).toEqual([]);
    expect(texts(without('service_config.0.environment_variables')).join(' ')).not.toMatch(/smtp/i);
  });

  test('lets the named accounts of Kubernetes publish, and lets nobody where nobody is named', () => {
    const grant = full.one('google_pubsub_topic_iam_member', 'publishes', 'automated/tests');
    expect(grant('member')).toBe(
      'principal://iam.googleapis.com/projects/(google_project.this.number)/locations/global/workloadIdentityPools/my-project.svc.id.goog/subject/ns/automated/sa/tests',
    );
    expect(least.all('google_pubsub_topic_iam_member').map(({ name }) => name)).toEqual(['tick_sets_aside']);
    expect(least.all('google_billing_budget')).toEqual([]);
  });

  test('reads from each bucket of the model roots once', () => {
    const buckets = full
      .all('google_storage_bucket_iam_member')
      .filter(({ name }) => name === 'tick_reads_events')
      .map(({ values }) => values.bucket);
    expect(buckets).toEqual(['models', 'more']);
  });

  test('sends the page of each alarm along, to everybody', () => {
    const pages = new Set(filesUnder('infra/playbooks').map(readText));
    const policies = full.all('google_monitoring_alert_policy').map(({ values }) => values);
    expect(policies.length).toBeGreaterThan(5);
    const sent = policies.map((policy) => String(at(policy, 'documentation.0.content')));
    expect(sent.filter((text) => !pages.has(text))).toEqual([]);
    const reached = policies.map((policy) => (policy.notification_channels as Json[]).length);
    expect(new Set(reached)).toEqual(new Set([2]));
  });

  test('watches metrics that it makes', () => {
    const made = full
      .all('google_logging_metric')
      .map(({ values }) => `logging.googleapis.com/user/${values.name}`);
    const filters = full
      .all('google_monitoring_alert_policy')
      .flatMap(({ values }) => texts(values.conditions!));
    const watched = filters.flatMap((text) =>
      [...text.matchAll(/metric\.type="(logging[^"]+)"/g)].map((one) => one[1]!),
    );
    expect(watched.length).toBeGreaterThan(5);
    expect(watched.filter((metric) => !made.includes(metric))).toEqual([]);
  });

  test.each([
    ['nobody to hear of trouble', { alert_emails: [] }, 'nobody would hear'],
    ['a tick longer than its interval', { timeout_seconds: 900 }, 'lower timeout_seconds'],
    ['no project', { project: null }, 'project'],
  ])('refuses %s', (_, change, why) => {
    expect(() => evaluate(files, { ...LEAST, ...change })).toThrow(why);
  });
});
