import { beforeAll, expect, test } from 'vitest';
import { type Environment, loadSetup } from '../../functions/config.ts';
import { smtpPassword } from '../../functions/ports.ts';
import { handleTick } from '../../functions/tick/handler.ts';
import { bigQueryPlace } from '../../shared/adapters/bigquery/place.ts';
import { tableMetadata } from '../../shared/adapters/bigquery/schema.ts';
import { JOURNAL, TABLES, VIEWS } from '../../shared/adapters/bigquery/tables.ts';
import { leasePlace } from '../../shared/adapters/gcs/lease.ts';
import { pubSubPlace } from '../../shared/adapters/pubsub/place.ts';
import { subscriptionChecks } from '../../shared/adapters/pubsub/subscription-checks.ts';
import { ROOT } from '../support/repository.ts';
import { entries, type Json, readTerraform } from './terraform.ts';
import { describeWithTerraform, initialized, settingsOf, terraform } from './terraform-command.ts';

const FOLDER = `${ROOT}/infra/terraform`;
const DAY = 86_400;

interface Answers {
  readonly names: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, number | string>>;
  readonly environment: Environment;
  readonly tables: Readonly<Record<string, { schema: string; clustering: string[]; partition: Json }>>;
  readonly views: Readonly<Record<string, string>>;
}

/** The defaults of the infrastructure, which are the settings' variables. */
async function defaults(): Promise<Record<string, unknown>> {
  const files = await readTerraform('infra/terraform');
  const declared = files.flatMap(({ blocks }) => entries(blocks.variable));
  const wanted = await readTerraform('infra/terraform/settings');
  const names = wanted.flatMap(({ blocks }) => entries(blocks.variable).map(([name]) => name));
  const values = declared.map(([name, bodies]) => [
    name,
    (bodies as { default?: Json }[])[0]!.default ?? null,
  ]);
  return Object.fromEntries(values.filter(([name]) => names.includes(name as string)));
}

/** The variables of a person who sets what has no default, and mail. */
async function variables(): Promise<Record<string, unknown>> {
  const own = {
    project: 'my-project',
    mail: 'smtp://me%40x.org@smtp.x.org:587',
    model_roots: ['gs://models/runs'],
  };
  return { ...(await defaults()), ...own };
}

describeWithTerraform('the settings, run by', () => {
  let answers: Answers;
  beforeAll(async () => {
    answers = settingsOf(await variables()) as unknown as Answers;
  }, 120_000);

  test('are written as "terraform fmt" writes', () => {
    expect(terraform(FOLDER, 'fmt', '-check', '-recursive').trim()).toBe('');
  });

  test('pass their own tests', () => {
    const text = initialized(`${FOLDER}/settings`, ['test', '-no-color']);
    expect(text).toMatch(/Success! [1-9]\d* passed, 0 failed/);
  });

  test('make the tables and views that the first tick would make', () => {
    const made = Object.entries(answers.tables).map(([name, { schema, clustering, partition }]) => {
      const metadata = { schema: { fields: JSON.parse(schema) }, clustering: { fields: clustering } };
      return [name, partition === null ? metadata : { ...metadata, timePartitioning: partition }];
    });
    const wanted = [...TABLES, JOURNAL].map((table) => [table.name, tableMetadata(table)]);
    expect(Object.fromEntries(made)).toStrictEqual(Object.fromEntries(wanted));
    const inFull = (sql: string) => sql.replace(/`(\w+)`/, '`my-project.metrics_handler_dataset.$1`');
    const views = VIEWS.map(({ name, sql }) => [name, inFull(sql)]);
    expect(answers.views).toStrictEqual(Object.fromEntries(views));
  });

  test('give the function an environment that leads to what is made', async () => {
    const setup = await loadSetup({}, answers.environment);
    expect(pubSubPlace(setup.queue)).toMatchObject({
      project: 'my-project',
      topic: answers.names.topic,
      subscription: answers.names.subscription,
      deadLetterTopic: answers.names.dead_letter_topic,
    });
    expect(bigQueryPlace(setup.history)).toMatchObject({
      project: 'my-project',
      dataset: 'metrics_handler_dataset',
      location: 'US',
    });
    expect(leasePlace(setup.lease!).bucket).toBe(answers.names.state_bucket);
    expect(setup.mail).toBe('smtp://me%40x.org@smtp.x.org:587');
  });

  test('give the function no variable that it does not read', async () => {
    const read = new Set<string>();
    const env = new Proxy(answers.environment, {
      get: (target, name: string) => {
        read.add(name);
        return target[name];
      },
    });
    const { body } = await handleTick({ headers: {} }, { env, write: () => {} });
    // It got past all settings, to what the config has to say.
    expect(body.error).toContain('the function wants model_roots and clusters');
    expect(() => smtpPassword(env)).toThrow(answers.environment.TIDEMARK_SMTP_PASSWORD_FILE);
    expect(Object.keys(answers.environment).filter((name) => !read.has(name))).toEqual([]);
  });
});

test('the subscription is one that doctor finds nothing to say about', async () => {
  const files = await readTerraform('infra/terraform');
  const subscriptions = files.flatMap(({ things }) =>
    things.filter(({ type }) => type === 'google_pubsub_subscription'),
  );
  const { body } = subscriptions.find(({ name }) => name === 'tick')!;
  const given = Object.keys(body).sort();
  // Whatever else it had would be a setting that the check below does not see.
  expect(given).toEqual([
    'ack_deadline_seconds',
    'expiration_policy',
    'message_retention_duration',
    'name',
    'topic',
  ]);
  expect(body.expiration_policy).toEqual([{ ttl: '' }]);
  const settings = await readTerraform('infra/terraform/settings');
  const locals = Object.assign(
    {},
    ...settings.flatMap(({ blocks }) => (blocks.locals ?? []) as object[]),
  ) as {
    readonly ack_deadline_seconds: number;
  };
  const { retention_days: days } = await defaults();
  const place = { name: 'projects/p/subscriptions/s', topic: 'projects/p/topics/t' };
  const found = subscriptionChecks(
    {
      topic: place.topic,
      ackDeadline: locals.ack_deadline_seconds,
      retention: Number(days) * DAY,
      expiration: null,
      pushedTo: null,
      filter: '',
      isDetached: false,
      hasDeadLetterPolicy: false,
      hasRetryPolicy: false,
    },
    place,
  );
  expect(found.map(({ state }) => state)).toEqual(['ok']);
});
