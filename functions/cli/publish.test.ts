import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { memoryQueue } from '../../shared/adapters/memory/queue.ts';
import { unsentStore } from '../../shared/adapters/unsent/store.ts';
import { parseMessage } from '../../shared/core/parse-message.ts';
import { readLabels } from './labels.ts';
import type { ProducerDeps } from './producer-deps.ts';
import { type PublishOptions, publish } from './publish.ts';

const scratch = mkdtempSync(join(tmpdir(), 'publish-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function publishHere(options: Partial<PublishOptions> = {}, given: Partial<ProducerDeps> = {}) {
  const queue = memoryQueue();
  const unsent = unsentStore({ folder: mkdtempSync(join(scratch, 'unsent-')) });
  let printed = '';
  let said = '';
  const status = await publish(
    { labels: {}, ...options },
    {
      queue,
      unsent,
      env: {},
      clock: { now: () => Date.UTC(2026, 7, 1, 2, 15) },
      randomId: () => 'random-1',
      hostname: 'box',
      out: (text) => (printed += text),
      err: (text) => (said += text),
      ...given,
    },
  );
  const deliveries = await queue.pull(9);
  for (const raw of deliveries) {
    const parsed = parseMessage({ ...raw, body: raw.body! });
    expect(parsed, 'the reader takes what is published here').toMatchObject({ kind: 'event' });
  }
  const messages = deliveries.map(({ body }) => JSON.parse(new TextDecoder().decode(body!)));
  return { status, printed, said, messages, id: deliveries[0]?.id, unsent };
}

const METRICS = {
  test_name: 'tf-mnist-example-cpu',
  metric_collection_config: { write_to_bigquery: 'True', default_aggregation_strategies: ['final'] },
  regression_test_config: null,
};
const tutorial = {
  MODEL_DIR: 'gs://bucket/mnist/tf-mnist-example-cpu-1',
  STACKDRIVER_LOGS: 'https://console/logs?q="a b"',
  JOB_NAME: 'tf-mnist-example-cpu-1',
  POD_NAMESPACE: 'automated',
  POD_UID: 'pod-uid',
  ZONE: 'us-central1-b',
  REGION: 'us-central1',
  CLUSTER: 'tutorial-cluster',
  METRIC_CONFIG: JSON.stringify(METRICS),
};
const v1 = {
  model_dir: tutorial.MODEL_DIR,
  logs_link: tutorial.STACKDRIVER_LOGS,
  job_name: tutorial.JOB_NAME,
  job_namespace: 'automated',
  zone: 'us-central1-b',
  region: 'us-central1',
  cluster_name: 'tutorial-cluster',
};

describe('without flags', () => {
  test('the tutorial’s message, and its id in the tutorial’s words', async () => {
    const { status, printed, said, messages, id } = await publishHere({}, { env: tutorial });
    expect(messages).toStrictEqual([{ ...v1, ...METRICS }]);
    expect([status, printed, said]).toStrictEqual([0, `messageIds:\n- '${id}'\n`, '']);
  });

  test.each([
    [
      'the metric config is merged over the environment',
      { METRIC_CONFIG: '{"zone":"z","test_name":"x"}' },
      { ...v1, zone: 'z', test_name: 'x' },
    ],
    [
      'the uid of the Job is told, that of the pod is not',
      { JOB_UID: 'j-uid' },
      { ...v1, job_uid: 'j-uid', ...METRICS },
    ],
    [
      'what is not set is not told',
      { REGION: undefined, ZONE: '' },
      { ...v1, zone: undefined, region: undefined, ...METRICS },
    ],
  ])('%s', async (_what, env, expected) => {
    const { messages } = await publishHere({}, { env: { ...tutorial, ...env } });
    expect(messages).toStrictEqual([JSON.parse(JSON.stringify(expected))]);
  });

  test.each([
    ['{"broken": ', /METRIC_CONFIG: .*JSON/],
    ['["a"]', /METRIC_CONFIG: it must be an object, but is a list$/],
    ['null', /METRIC_CONFIG: it must be an object, but is empty$/],
    ['"text"', /METRIC_CONFIG: it must be an object, but is a string$/],
  ])('a metric config %s is told, and the message goes all the same', async (METRIC_CONFIG, sentence) => {
    const env = { ...tutorial, METRIC_CONFIG };
    const { status, said, messages } = await publishHere({}, { env });
    const { metric_config_error, ...others } = messages[0];
    expect(others).toStrictEqual(v1);
    expect(metric_config_error).toMatch(sentence);
    expect([status, said]).toStrictEqual([0, `tidemark: ${metric_config_error}.\n`]);

    const strict = await publishHere({ strict: true }, { env });
    expect([strict.status, strict.messages.length]).toStrictEqual([2, 1]);
  });

  test('nothing to tell is a mistake; something missing is told', async () => {
    const { status, said, messages } = await publishHere();
    expect([status, messages]).toStrictEqual([2, []]);
    expect(said).toContain('--test-name');
    const partly = await publishHere({}, { env: { ...tutorial, MODEL_DIR: undefined } });
    expect([partly.status, partly.messages.length]).toStrictEqual([0, 1]);
    expect(partly.said).toBe('tidemark: the message will lack MODEL_DIR: not set.\n');
  });
});

describe('with flags', () => {
  test('a test name and a model folder make a started event', async () => {
    const { status, printed, said, messages, id } = await publishHere({
      testName: 'mnist',
      modelDir: 'out/1',
      labels: readLabels(['team=a', 'note=x=y', 'team=b', 'none=']),
    });
    expect(messages[0]).toMatchObject({
      type: 'io.tidemark.run.started.v1',
      id: 'random-1/1/started',
      subject: 'mnist',
    });
    expect(messages[0].data).toStrictEqual({
      run_id: 'random-1',
      attempt: 1,
      test_name: 'mnist',
      started_at: '2026-08-01T02:15:00.000Z',
      model_dir: 'out/1',
      labels: { team: 'b', note: 'x=y', none: '' },
      host: 'box',
    });
    expect([status, printed]).toStrictEqual([0, `messageIds:\n- '${id}'\n`]);
    expect(said).toContain('--run-id random-1');
  });

  test('an outcome makes a finished event; a start that is not given is absent', async () => {
    const { messages, said } = await publishHere({
      testName: 'mnist',
      outcome: 'oom',
      runId: 'r',
      attempt: 2,
    });
    expect(messages[0]).toMatchObject({ id: 'r/2/finished', time: '2026-08-01T02:15:00.000Z' });
    expect(messages[0].data).toStrictEqual({
      run_id: 'r',
      attempt: 2,
      test_name: 'mnist',
      outcome: 'oom',
      finished_at: '2026-08-01T02:15:00.000Z',
      host: 'box',
    });
    expect(said).toBe('');
  });

  test('times with any zone are told in UTC', async () => {
    const { messages } = await publishHere({
      testName: 'mnist',
      outcome: 'success',
      startedAt: '2026-08-01T02:00:00+02:00',
      finishedAt: '2026-08-01T00:10:00.5Z',
    });
    expect(messages[0].data).toMatchObject({
      started_at: '2026-08-01T00:00:00.000Z',
      finished_at: '2026-08-01T00:10:00.500Z',
      duration_s: 600.5,
    });
  });

  test.each([
    ['JSON', 'config.json', JSON.stringify(METRICS)],
    [
      'YAML',
      'config.yaml',
      'test_name: tf-mnist-example-cpu\nregression_test_config: null\nmetric_collection_config:\n  write_to_bigquery: "True"\n  default_aggregation_strategies: [final]\n',
    ],
  ])(
    'a config file in %s becomes the config; its test name serves where none is given',
    async (_what, name, text) => {
      const path = join(scratch, name);
      writeFileSync(path, text);
      const { test_name, ...config } = METRICS;
      const { messages } = await publishHere({ outcome: 'success', metricConfig: path });
      expect(messages[0].data).toMatchObject({ test_name, config });
    },
  );

  test('a config file that cannot be read is told, and the event goes all the same', async () => {
    const options = { testName: 'mnist', runId: 'r', metricConfig: join(scratch, 'absent.yaml') };
    const { status, said, messages } = await publishHere(options);
    expect(status).toBe(0);
    expect(said).toContain('absent.yaml');
    expect(messages[0].data.metric_config_error).toContain('absent.yaml');
    expect((await publishHere({ ...options, strict: true })).status).toBe(2);
  });

  test.each([
    ['an outcome without a test', { outcome: 'success' }, /--test-name/],
    [
      'an unknown outcome',
      { testName: 'm', outcome: 'failed' },
      /"failed": it is one of success, failure, timeout/,
    ],
    [
      'a day that is none',
      { testName: 'm', outcome: 'success', finishedAt: 'yesterday' },
      /--finished-at "yesterday"/,
    ],
    ['a time that is none', { testName: 'm', startedAt: '2026-13-01T02:15:00Z' }, /--started-at/],
    ['an end without an outcome', { testName: 'm', finishedAt: '2026-08-01T02:15:00Z' }, /--outcome/],
  ])('%s is a mistake, and nothing is published', async (_what, options, sentence) => {
    const { status, said, messages } = await publishHere(options);
    expect([status, messages]).toStrictEqual([2, []]);
    expect(said).toMatch(sentence);
  });
});

test.each([
  ['refuses', () => Promise.reject(new Error('the network is down')), /the network is down/],
  ['does not answer', () => new Promise<string>(() => {}), /did not answer within 0.02 s/],
])('a queue that %s: the message is kept and the next step is named', async (_what, answer, why) => {
  const queue = { ...memoryQueue(), publish: answer };
  const options = { publishWait: 20 };
  const { status, printed, said, unsent } = await publishHere(options, { env: tutorial, queue });
  expect([status, printed]).toStrictEqual([0, '']);
  expect(said).toMatch(why);
  expect(said).toContain('"tidemark flush"');
  const [path] = await unsent.list();
  const kept = await unsent.read(path!);
  expect(kept).toMatchObject({ name: tutorial.JOB_NAME, time: Date.UTC(2026, 7, 1, 2, 15) });
  expect(JSON.parse(new TextDecoder().decode(kept!.body))).toStrictEqual({ ...v1, ...METRICS });
  expect((await publishHere({ ...options, strict: true }, { env: tutorial, queue })).status).toBe(70);
});

test('a label without a key or an equals sign is a mistake', () => {
  expect(() => readLabels(['=x'])).toThrow('key=value');
  expect(() => readLabels(['x'])).toThrow('Cannot read label "x"');
});
