import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { publish } from '../../functions/cli/publish.ts';
import { openDestination } from '../../publisher/destination.ts';
import { publishJob } from '../../publisher/publish.ts';
import { freePort } from '../../scripts/cloud/tools.ts';
import { memoryQueue } from '../../shared/adapters/memory/queue.ts';
import { unsentStore } from '../../shared/adapters/unsent/store.ts';
import { parseMessage } from '../../shared/core/parse-message.ts';
import { start } from '../support/cli.ts';
import { type FakePubSub, fakePubSub } from '../support/fake-pubsub.ts';
import { ROOT } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const google: FakePubSub = await fakePubSub();
beforeEach(google.renew);

const GOOGLE = google.env;
/** Where nobody listens. */
const NOBODY = `127.0.0.1:${await freePort()}`;
const NOW = Date.UTC(2026, 7, 1, 2, 15);
const METRICS = {
  test_name: 'tf-mnist-example-cpu',
  metric_collection_config: { default_aggregation_strategies: ['final'] },
  regression_test_config: null,
};
const TUTORIAL = {
  METRIC_CONFIG: JSON.stringify(METRICS),
  MODEL_DIR: 'gs://bucket/mnist/tf-mnist-example-cpu-1',
  JOB_NAME: 'tf-mnist-example-cpu-1',
  POD_NAMESPACE: 'automated',
  POD_UID: 'pod-uid',
  JOB_UID: 'job-uid',
};

interface Given {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly strict?: boolean;
  readonly wait?: number;
}

async function published({ env = {}, strict = false, wait = 5_000 }: Given = {}) {
  const whole = { ...GOOGLE, ...TUTORIAL, ...env };
  const unsent = unsentStore({ folder: temporaryFolder() });
  let printed = '';
  let said = '';
  const until = AbortSignal.timeout(wait);
  const code = await publishJob(
    { strict, wait },
    {
      env: whole,
      destination: () => openDestination(whole, until),
      unsent,
      clock: { now: () => NOW },
      out: (text) => (printed += text),
      err: (text) => (said += text),
    },
  );
  const [message] = google.published;
  return { code, printed, said, body: message && JSON.parse(new TextDecoder().decode(message.body)), unsent };
}

test('the tutorial’s message, with what only the metadata server knows, and its id in the tutorial’s words', async () => {
  const { code, printed, said, body } = await published();
  expect([code, printed, said]).toStrictEqual([0, "messageIds:\n- '1'\n", '']);
  const { logs_link, ...told } = body;
  expect(told).toStrictEqual({
    model_dir: TUTORIAL.MODEL_DIR,
    job_name: TUTORIAL.JOB_NAME,
    job_namespace: 'automated',
    zone: 'us-central1-b',
    region: 'us-central1',
    cluster_name: 'tutorial-cluster',
    job_uid: 'job-uid',
    ...METRICS,
  });
  expect(new URL(logs_link).searchParams.get('advancedFilter')?.split('\n')).toStrictEqual([
    'resource.type="k8s_container"',
    'resource.labels.project_id="p1"',
    'resource.labels.location="us-central1-b"',
    'resource.labels.cluster_name="tutorial-cluster"',
    'resource.labels.namespace_name="automated"',
    'resource.labels.pod_name:"tf-mnist-example-cpu-1"',
  ]);
  const [{ topic, authorization, attributes } = {}] = google.published;
  expect([topic, authorization]).toStrictEqual(['metrics-written', 'Bearer t-1']);
  expect(attributes).toStrictEqual({ 'content-type': 'application/json', name: TUTORIAL.JOB_NAME });
});

test('its bytes are those of `tidemark publish` in the same environment', async () => {
  const env = {
    ...TUTORIAL,
    CLUSTER: 'c',
    ZONE: 'z-a',
    REGION: 'z',
    STACKDRIVER_LOGS: 'https://logs',
    PROJECT: 'p1',
  };
  await published({ env });
  const queue = memoryQueue();
  const unsent = unsentStore({ folder: temporaryFolder() });
  const quiet = { out: () => {}, err: () => {}, randomId: () => 'r', hostname: 'h' };
  await publish({ labels: {} }, { queue, unsent, env, clock: { now: () => NOW }, ...quiet });
  const [{ body } = {}] = await queue.pull(1);
  expect(Buffer.from(google.published[0]?.body ?? []).toString()).toBe(Buffer.from(body ?? []).toString());
});

describe('what the job’s author must mend is told, and the message goes all the same', () => {
  test.each([
    ['no JSON', { METRIC_CONFIG: '{"a": ' }, [/Cannot read the metric config METRIC_CONFIG: .*JSON/]],
    ['a list', { METRIC_CONFIG: '[1]' }, [/must be an object, but is a list/]],
    [
      'misspelt and incomplete',
      { METRIC_CONFIG: '{"regression_test_config":{"metric_success_condition":{},"required_metrics":5}}' },
      [
        /metric_success_condition: unknown key; did you mean "metric_success_conditions"\?\n/,
        /required_metrics/,
        /test_name: is missing/,
      ],
    ],
    ['no folder', { MODEL_DIR: '' }, [/MODEL_DIR is not set: no metrics can be collected\.\n/]],
    [
      'only a folder',
      { JOB_NAME: undefined, METRIC_CONFIG: undefined },
      [/JOB_NAME is not set/, /METRIC_CONFIG is not set/],
    ],
    [
      'no namespace and no uid',
      { POD_NAMESPACE: '', JOB_UID: '' },
      [/POD_NAMESPACE is not set/, /JOB_UID is not set/],
    ],
  ])('%s', async (what, env, sentences) => {
    const { code, said, body } = await published({ env });
    for (const sentence of sentences) expect(said).toMatch(sentence);
    expect(said.match(/^tidemark-publisher: /gm)).toHaveLength(sentences.length);
    expect([code, google.published.length]).toStrictEqual([0, 1]);
    if (what === 'no JSON') expect(body.metric_config_error).toContain('METRIC_CONFIG');
    if (what === 'misspelt and incomplete') expect(body).toHaveProperty('regression_test_config');
    expect((await published({ env, strict: true })).code).toBe(what === 'no namespace and no uid' ? 0 : 2);
  });

  test('nothing at all: every variable is named, and nothing is published', async () => {
    const env = { METRIC_CONFIG: '', MODEL_DIR: '', JOB_NAME: '', POD_NAMESPACE: '', JOB_UID: '' };
    const { code, said } = await published({ env });
    for (const name of Object.keys(env)) expect(said).toContain(`${name} is not set`);
    expect([code, google.published]).toStrictEqual([0, []]);
    expect((await published({ env, strict: true })).code).toBe(2);
  });
});

describe('who announces', () => {
  test('of an Indexed Job the first Pod, since all are one run', async () => {
    const other = await published({ env: { JOB_COMPLETION_INDEX: '12' }, strict: true });
    expect([other.code, other.printed, google.published, google.asked]).toStrictEqual([0, '', [], []]);
    expect(other.said).toBe(
      'tidemark-publisher: Index 12 of the Job announces nothing: index 0 does, and they are one run.\n',
    );
    for (const index of ['0', '', '-1', 'x', '1e1']) {
      expect((await published({ env: { JOB_COMPLETION_INDEX: index }, strict: true })).printed).not.toBe('');
    }
  });

  test('a Job whose name has 53 characters, and one of its name made anew: each by its own uid', async () => {
    const name = `tf-${'m'.repeat(50)}`;
    for (const uid of ['u-1', 'u-2'])
      await published({ env: { JOB_NAME: name, JOB_UID: uid }, strict: true });
    const bodies = google.published.map(({ body }) => JSON.parse(new TextDecoder().decode(body)));
    expect(bodies.map(({ job_name, job_uid }) => [job_name, job_uid])).toStrictEqual([
      [name, 'u-1'],
      [name, 'u-2'],
    ]);
  });
});

describe('the cluster', () => {
  const told = async (env: Record<string, string>, clusterFound: (cluster: string) => void) => {
    let said = '';
    const whole = { ...GOOGLE, ...TUTORIAL, ...env };
    const code = await publishJob(
      { strict: true, wait: 5_000 },
      {
        env: whole,
        destination: () => openDestination(whole, AbortSignal.timeout(5_000)),
        unsent: unsentStore({ folder: temporaryFolder() }),
        clock: { now: () => NOW },
        clusterFound,
        out: () => {},
        err: (text) => (said += text),
      },
    );
    return { code, said };
  };

  test.each([
    ['as the metadata server has it', {}, 'tutorial-cluster'],
    ['as the pod has it', { CLUSTER: 'own' }, 'own'],
  ])('is told for the wrapper before anything is published: %s', async (_what, env, cluster) => {
    const found: [string, number][] = [];
    await told(env, (name) => void found.push([name, google.published.length]));
    expect(found).toStrictEqual([[cluster, 0]]);
  });

  test('that cannot be told costs a sentence and not the message', async () => {
    const { code, said } = await told({}, () => {
      throw new Error('EROFS');
    });
    expect([code, google.published.length]).toStrictEqual([0, 1]);
    expect(said).toMatch(/^tidemark-publisher: Cannot tell the wrapper which cluster this is: EROFS;/);
  });
});

describe('hostile values', () => {
  const VALUES = {
    quotes: `a"b'c\\d`,
    newlines: '\n\nx\r\ny\n',
    'what a shell would run': '$(id) `id` $HOME',
    emoji: '🏁 é 漢',
    controls: String.fromCharCode(...Array.from({ length: 31 }, (_, i) => i + 1)),
    'half a pair': 'a\ud800b',
  };
  test.each(Object.entries(VALUES))('%s in every variable arrive as they were', async (_what, value) => {
    const env = Object.fromEntries(
      [
        'MODEL_DIR',
        'JOB_NAME',
        'POD_NAMESPACE',
        'JOB_UID',
        'CLUSTER',
        'ZONE',
        'REGION',
        'STACKDRIVER_LOGS',
      ].map((name) => [name, value]),
    );
    const { code, body } = await published({
      env: { ...env, METRIC_CONFIG: JSON.stringify({ ...METRICS, test_name: value }) },
    });
    expect(code).toBe(0);
    // What is half a character is no text; JSON writes it as an escape, and readers get it back.
    for (const key of [
      'model_dir',
      'job_name',
      'job_namespace',
      'job_uid',
      'cluster_name',
      'zone',
      'test_name',
    ]) {
      expect(body[key], key).toBe(value);
    }
  });

  test('a megabyte in every variable is published, and the log says what makes it too large', async () => {
    const large = 'x'.repeat(1_000_000);
    const env = { MODEL_DIR: large, JOB_NAME: large, CLUSTER: large, METRIC_CONFIG: large };
    const { code, said } = await published({ env });
    expect([code, google.published.length]).toStrictEqual([0, 1]);
    expect(said).toMatch(
      /The message has \d{7} bytes, and readers set aside what is over 1 MiB\. Largest variables, in bytes: .*MODEL_DIR 1000000/,
    );
    for (const line of said.split('\n')) expect(line.length).toBeLessThan(1_200);
    expect((await published({ env, strict: true })).code).toBe(2);
  });
});

describe('trouble', () => {
  const publishing = (path: string) => path.endsWith(':publish');
  const isToken = (path: string) => path.endsWith('/token');

  test('a metadata server that refuses at first is asked again, and so is Pub/Sub', async () => {
    let left = 6;
    google.refuse = () => (left-- > 0 ? 503 : undefined);
    const { code, printed } = await published({ strict: true });
    expect([code, printed]).toStrictEqual([0, "messageIds:\n- '1'\n"]);
  });

  test.each([
    [
      'no such topic',
      { TOPIC: 'wrong-topic' },
      undefined,
      /projects\/p1\/topics\/wrong-topic: it does not exist; create the topic/,
    ],
    ['not permitted', {}, (path: string) => (publishing(path) ? 403 : undefined), /roles\/pubsub\.publisher/],
    [
      'an expired token',
      {},
      (path: string) => (publishing(path) ? 401 : undefined),
      /credentials are not accepted/,
    ],
    [
      'no identity',
      {},
      (path: string) => (isToken(path) ? 404 : undefined),
      /Cannot get a Google access token .*it answered 404; give this pod/,
    ],
    ['Pub/Sub is down', {}, (path: string) => (publishing(path) ? 500 : undefined), /out of reach/],
    [
      'no network',
      { ...GOOGLE, TIDEMARK_PUBSUB_ENDPOINT: `http://${NOBODY}` },
      undefined,
      /out of reach \(.*ECONNREFUSED/,
    ],
    [
      'no metadata server',
      { GCE_METADATA_HOST: NOBODY, PROJECT: 'p1' },
      undefined,
      /access token .*ECONNREFUSED/,
    ],
    ['no metadata server and no project', { GCE_METADATA_HOST: NOBODY }, undefined, /which project's topic/],
    ['a queue of another kind', { TIDEMARK_QUEUE: 'kafka://x' }, undefined, /the publisher knows pubsub/],
    ['a queue without a folder', { TIDEMARK_QUEUE: 'spool:' }, undefined, /wanted pubsub/],
  ])('%s is one sentence, and the job may run', async (_what, env, refuse, sentence) => {
    google.refuse = refuse;
    const { code, said } = await published({ env, wait: 600 });
    expect(said).toMatch(sentence);
    expect([code, google.published]).toStrictEqual([0, []]);
    expect((await published({ env, wait: 100, strict: true })).code).toBe(70);
  });

  test('what was not published waits where TIDEMARK_STATE says, for a wrapper or a flush', async () => {
    google.refuse = (path) => (publishing(path) ? 500 : undefined);
    const { said, unsent } = await published({ wait: 200 });
    const [path = ''] = await unsent.list();
    expect(said).toContain(path);
    const kept = await unsent.read(path);
    expect(kept).toMatchObject({ name: TUTORIAL.JOB_NAME, time: NOW });
    const about = {
      body: kept?.body ?? new Uint8Array(),
      id: 'x',
      name: 'x',
      publishTime: NOW,
      format: 'json' as const,
    };
    expect(parseMessage(about)).toMatchObject({ kind: 'event' });
  });

  test('where nothing can be written it says what is lost, and the job may run', async () => {
    const env = {
      ...TUTORIAL,
      CLUSTER: 'c',
      TIDEMARK_QUEUE: 'spool:/dev/null/queue',
      TIDEMARK_STATE: '/dev/null/state',
    };
    const program = [process.execPath, join(ROOT, 'publisher/main.ts'), '--wait', '1s'];
    const answer = await start(program, { env });
    expect(answer).toMatchObject({ status: 0, stdout: '' });
    expect(answer.stderr).toMatch(
      /cannot publish the message: .*\/dev\/null\/queue.*\/dev\/null\/state.* It is lost\.\n/,
    );
    expect((await start([...program, '--strict'], { env })).status).toBe(70);
    const installed = await start([...program, '--install', '/dev/null'], { env });
    expect(installed).toMatchObject({ status: 70, stdout: '' });
    expect(installed.stderr).toMatch(/^tidemark-publisher: Cannot install the wrapper into \/dev\/null: /);
  });

  test('a stand-in needs no project of this machine, and is told no token', async () => {
    const env = { PUBSUB_EMULATOR_HOST: google.address, GCE_METADATA_HOST: '', PROJECT: 'p1' };
    expect((await published({ env, strict: true })).code).toBe(0);
    expect(google.published[0]?.authorization).toBeUndefined();
    expect(google.asked).toStrictEqual(['/v1/projects/p1/topics/metrics-written:publish']);
  });
});
