import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { memoryQueue } from '../../shared/adapters/memory/queue.ts';
import { unsentStore } from '../../shared/adapters/unsent/store.ts';
import { parseMessage } from '../../shared/core/parse-message.ts';
import type { ProducerDeps } from './producer-deps.ts';
import { type RunOptions, run } from './run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'run-unit-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const START = Date.UTC(2026, 7, 1, 2, 15);

/** Runs a command that does nothing, by a clock that moves one second at each look. */
async function runHere(options: Partial<RunOptions> = {}, given: Partial<ProducerDeps> = {}) {
  const queue = memoryQueue();
  let printed = '';
  let now = START - 1_000;
  const status = await run(
    { testName: 'mnist', labels: {}, command: ['true'], ...options },
    {
      queue,
      unsent: unsentStore({ folder: mkdtempSync(join(scratch, 'unsent-')) }),
      env: { PATH: process.env.PATH },
      clock: { now: () => (now += 1_000) },
      randomId: () => 'random-1',
      hostname: 'box',
      out: () => expect.unreachable(),
      err: (text) => (printed += text),
      ...given,
    },
  );
  const deliveries = await queue.pull(9);
  const events = deliveries.map(({ body }) => JSON.parse(new TextDecoder().decode(body!)));
  for (const raw of deliveries) {
    const parsed = parseMessage({ ...raw, body: raw.body! });
    expect(parsed, 'the reader takes what is published here').toMatchObject({ kind: 'event' });
  }
  return { status, printed, started: events[0], finished: events[1], count: events.length };
}

test('start and end tell everything that was given, and the same identity', async () => {
  const { status, printed, started, finished, count } = await runHere({
    modelDir: 'gs://bucket/run',
    timeout: 3_600_000,
    labels: { team: 'ranking' },
    runId: 'r-9',
    attempt: 3,
    metricConfig: {
      test_name: 'another name',
      accelerator: 'cpu',
      regression_test_config: { required_metrics: ['loss_final'] },
    },
  });
  expect([status, printed, count]).toStrictEqual([0, '', 2]);
  const common = {
    run_id: 'r-9',
    attempt: 3,
    test_name: 'mnist',
    started_at: '2026-08-01T02:15:00.000Z',
    model_dir: 'gs://bucket/run',
    labels: { team: 'ranking' },
    config: { regression_test_config: { required_metrics: ['loss_final'] } },
    host: 'box',
  };
  expect(started).toMatchObject({
    type: 'io.tidemark.run.started.v1',
    id: 'r-9/3/started',
    source: '//shell/box/mnist',
  });
  expect(started.data).toStrictEqual({ ...common, deadline: '2026-08-01T03:15:00.000Z', accelerator: 'cpu' });
  expect(finished).toMatchObject({ id: 'r-9/3/finished', source: '//shell/box/mnist' });
  const { finished_at, duration_s, ...end } = finished.data;
  expect(end).toStrictEqual({ ...common, outcome: 'success', exit_code: 0 });
  expect(Date.parse(finished_at) - START).toBe(duration_s * 1000);
  expect(duration_s).toBeGreaterThan(0);
});

test('identity, model folder, links and config come from the environment of the job', async () => {
  const env = {
    PATH: process.env.PATH,
    JOB_NAME: 'mnist-1',
    POD_NAMESPACE: 'automated',
    CLUSTER: 'c1',
    MODEL_DIR: 'gs://bucket/mnist-1',
    STACKDRIVER_LOGS: 'https://logs/1',
    METRIC_CONFIG: '{"test_name":"x","metric_collection_config":{"tags_to_ignore":["lr"]}}',
  };
  const { started, finished } = await runHere({}, { env });
  for (const { source, data } of [started, finished]) {
    expect(source).toBe('//kubernetes/c1/automated/mnist');
    expect(data).toMatchObject({
      run_id: 'mnist-1',
      attempt: 1,
      model_dir: 'gs://bucket/mnist-1',
      links: ['https://logs/1'],
      config: { metric_collection_config: { tags_to_ignore: ['lr'] } },
    });
  }
});

test('a config that cannot be read is told once, travels as its sentence, and changes nothing else', async () => {
  const { status, printed, started, finished } = await runHere(
    { command: ['sh', '-c', 'exit 4'] },
    { env: { PATH: process.env.PATH, METRIC_CONFIG: '{"a": ' } },
  );
  expect(status).toBe(4);
  expect(printed.match(/Cannot read the metric config METRIC_CONFIG/g)).toHaveLength(1);
  for (const { data } of [started, finished]) {
    expect(data.metric_config_error).toContain('METRIC_CONFIG');
    expect(data).not.toHaveProperty('config');
  }
});

test('the command gets the environment it was given, and the streams of signals are given back', async () => {
  const before = process.listenerCount('SIGTERM');
  const env = { PATH: process.env.PATH, ANSWER: '42' };
  const { status } = await runHere({ command: ['sh', '-c', 'exit $ANSWER'] }, { env });
  expect(status).toBe(42);
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('nothing beats after the end', async () => {
  const queue = memoryQueue();
  await runHere({ command: ['sleep', '0.1'], heartbeat: 1 }, { queue });
  const names = queue.waiting();
  expect(names).toContain('random-1/1/heartbeat/1');
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(queue.waiting()).toStrictEqual(names);
  expect(names.at(-1)).toBe('random-1/1/finished');
});

test.each([
  ['a deadline no calendar holds', { timeout: 9_000 * 365 * 86_400_000 }, {}],
  [
    'a closed terminal',
    { command: ['no-such-command-here'] },
    {
      err: () => {
        throw new Error('EPIPE');
      },
    },
  ],
])('%s does not change the status', async (_what, options, deps) => {
  const { status, started, finished } = await runHere(options, deps);
  expect(status).toBe('command' in options ? 127 : 0);
  expect(started.data).not.toHaveProperty('deadline');
  expect(finished.id).toBe('random-1/1/finished');
});

test('a message that can neither be published nor kept is told to be lost', async () => {
  const broken = {
    ...unsentStore({ folder: scratch }),
    keep: async () => {
      throw new Error('the disk is full');
    },
  };
  const queue = { ...memoryQueue(), publish: async () => Promise.reject(new Error('the network is down')) };
  const { status, printed } = await runHere({}, { queue, unsent: broken });
  expect(status).toBe(0);
  expect(printed.split('\n')).toStrictEqual([
    'tidemark: cannot publish that run random-1 started: the network is down; the disk is full. It is lost.',
    'tidemark: cannot publish that run random-1 finished: the network is down; the disk is full. It is lost.',
    '',
  ]);
});
