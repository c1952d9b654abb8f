import { expect, test } from 'vitest';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { replay } from '../../shared/pipeline/replay.ts';
import { PortError } from '../../shared/ports/error.ts';
import type { RemoteRequest } from '../../shared/ports/source.ts';
import { day, finished } from '../support/messages.ts';
import { eventFile, scalars } from '../support/tfevents-writer.ts';
import { makeWorld, settingsOf, tablesOf, type World } from '../support/world.ts';

const encode = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const EVENTS = { 'm/tfevents.1': eventFile(scalars({ loss: [0.5, 0.25] }, { wallTime: 100, every: 10 })) };
const json = (path: string, ...names: string[]) => ({
  json: { path, metrics: Object.fromEntries(names.map((name) => [name, `/${name}`])) },
});
const end = (fields = {}) =>
  finished({ test: 't', run: 'r', at: day(1) }, 'success', { model_dir: 'm', ...fields });
const settings = (config: TestConfig) => settingsOf({ t: config });

function metricsOf({ store }: World): Record<string, unknown> {
  const rows = tablesOf(store).metric_history;
  // When the run began is not told, so how long it took is missing everywhere.
  const given = rows.filter(({ metricName }) => metricName !== 'total_wall_time');
  return Object.fromEntries(given.map(({ metricName, value, reason }) => [metricName, reason ?? value]));
}

const warnings = ({ log }: World) => log.words.map(({ message }) => message).join('\n');

test('numbers and series of other sources stand beside those of event files', async () => {
  const lines = '{"acc":0.7}\n{"acc":0.9}\n{"acc":0.8}\n';
  const files = { ...EVENTS, 'm/out.json': encode({ auc: 0.8 }), 'm/deep/m.jsonl': encode(lines) };
  const sources = [
    { tensorboard: {} },
    json('out.json', 'auc'),
    { json_lines: { path: 'deep/*.jsonl', metrics: { acc: '/acc' }, prefix: 'eval/' } },
  ];
  const metric_collection_config = {
    metric_to_aggregation_strategies: { 'eval/acc': ['final', 'max'] as const },
  };
  const world = makeWorld(settings({ sources, metric_collection_config } as unknown as TestConfig), {
    files,
  });
  await world.tickAt(day(2), end());
  expect(metricsOf(world)).toEqual({
    loss_final: 0.25,
    auc: 0.8,
    'eval/acc_final': 0.8,
    'eval/acc_max': 0.9,
  });
});

test('where event files are not among the sources nobody looks for them', async () => {
  const world = makeWorld(settings({ sources: [json('out.json', 'auc')] }), {
    files: { ...EVENTS, 'm/out.json': encode({ auc: 0.8 }) },
  });
  world.ports.eventFiles.list = async () => {
    throw new Error('nobody asked for event files');
  };
  await world.tickAt(day(2), end());
  expect(metricsOf(world)).toEqual({ auc: 0.8 });
});

test('a replay gives the same rows when all files are gone, and so does one that wants to read again', async () => {
  const sources = [{ tensorboard: {} }, json('out.json', 'auc')];
  const world = makeWorld(settings({ sources }), {
    files: { ...EVENTS, 'm/out.json': encode({ auc: 0.8 }) },
  });
  await world.tickAt(day(2), end());
  const judged = tablesOf(world.store);
  world.files = {};
  for (const reread of [false, true]) {
    await replay(world.ports, world.settings, { reread });
    expect(tablesOf(world.store)).toEqual(judged);
  }
});

test('the newest list of sources counts whole: one of a message over that of the file', async () => {
  const world = makeWorld(settings({ sources: [json('a.json', 'a')] }), {
    files: { 'm/a.json': encode({ a: 1 }), 'm/b.json': encode({ b: 2 }) },
  });
  await world.tickAt(day(2), end({ config: { sources: [json('b.json', 'b')] } }));
  expect(metricsOf(world)).toEqual({ b: 2 });
});

test('a file that is missing and one that is damaged cost their metrics and nothing else', async () => {
  const sources = [json('none.json', 'a'), json('bad.json', 'b'), json('good.json', 'c')];
  const required_metrics = ['a'];
  const world = makeWorld(settings({ sources, regression_test_config: { required_metrics } }), {
    files: { 'm/bad.json': encode('{"b":'), 'm/good.json': encode({ c: 3 }) },
  });
  await world.tickAt(day(2), end());
  const { a, ...others } = metricsOf(world);
  expect(others).toEqual({ c: 3 });
  expect(a).toContain(
    'missing: Cannot read "m/none.json": there is no such file; Cannot read "m/bad.json": is not JSON',
  );
  expect(tablesOf(world.store).job_history).toMatchObject([{ verdict: 'fail' }]);
  expect(warnings(world)).toContain('sources.1 (json bad.json): Cannot read "m/bad.json": is not JSON');
});

test.each<[string, TestConfig['sources'], string]>([
  [
    'two values',
    [json('a.json', 'auc'), { json_lines: { path: 'b.jsonl', preset: 'metrics-lines' } }],
    'both sources.0 (json a.json) and sources.1 (json_lines b.jsonl) give the metric "auc"',
  ],
  [
    'a value and an aggregate of event files',
    [{ tensorboard: {} }, json('a.json', 'loss_final')],
    'both tensorboard (event files) and sources.1 (json a.json) give the metric "loss_final"',
  ],
  [
    'series of two sources',
    [{ tensorboard: {} }, { json_lines: { path: 'c.jsonl', metrics: { loss: '/l' } } }],
    'both tensorboard (event files) and sources.1 (json_lines c.jsonl) give the metric "loss_final"',
  ],
])(
  'two sources that give one name make the run inconclusive and are both named: %s',
  async (_what, sources, said) => {
    const metric_success_conditions = {
      other: { comparison: 'less', success_threshold: { fixed_value: 1 } },
    } as const;
    const world = makeWorld(settings({ sources, regression_test_config: { metric_success_conditions } }), {
      files: {
        ...EVENTS,
        'm/a.json': encode({ auc: 0.8, loss_final: 7 }),
        'm/b.jsonl': encode('{"metrics":{"auc":0.1,"other":0.5}}\n'),
        'm/c.jsonl': encode('{"l":1}\n'),
      },
    });
    await world.tickAt(day(2), end());
    const { job_history: jobs } = tablesOf(world.store);
    expect(jobs).toMatchObject([{ outcome: 'success', verdict: 'inconclusive' }]);
    expect(metricsOf(world)).toMatchObject({ other: 'config' });
    expect(warnings(world)).toContain(`config: ${said}`);
  },
);

test('a source that cannot be reached puts its run off, and the next tick reads it', async () => {
  const world = makeWorld(settings({ sources: [json('out.json', 'auc')] }), {
    files: { 'm/out.json': encode({ auc: 0.8 }) },
  });
  const { find } = world.ports.eventFiles;
  world.ports.eventFiles.find = async () => {
    throw new PortError('unavailable', 'Cannot read "m": the network is down');
  };
  const report = await world.tickAt(day(2), end());
  expect(report.waiting).toBe(1);
  expect(tablesOf(world.store).job_history).toEqual([]);
  world.ports.eventFiles.find = find;
  await world.tickAt(day(3));
  expect(metricsOf(world)).toEqual({ auc: 0.8 });
});

test('a server is asked for what the run says, without a folder, and once', async () => {
  const sources = [
    { mlflow: { connection: 'tracking', run: '{label.mlflow}', prefix: 'ml/' } },
    { sql: { connection: 'db', query: 'select $1', parameters: ['{label.none}'] } },
  ];
  const asked: RemoteRequest[] = [];
  const world = makeWorld(settings({ sources }));
  Object.assign(world.ports, {
    remote: {
      read: async (request: RemoteRequest) => {
        asked.push(request);
        const point = { name: 'loss', step: 0, wallTime: 1, value: 0.5 };
        return { values: [{ name: 'auc', value: 0.8 }], points: [point], notes: [] };
      },
      close: async () => {},
    },
  });
  await world.tickAt(day(2), end({ model_dir: null, labels: { mlflow: 'abc' } }));
  expect(metricsOf(world)).toEqual({ 'ml/auc': 0.8, 'ml/loss_final': 0.5 });
  expect(asked).toEqual([{ kind: 'mlflow', connection: 'tracking', run: 'abc' }]);
  expect(warnings(world)).toContain('sources.1 (sql db): Cannot ask db: the run has no label "none"');
  await replay(world.ports, world.settings, { reread: false });
  expect(asked).toHaveLength(1);
});

test('a run of event files alone is recorded as it always was', async () => {
  const rows = async (config: TestConfig) => {
    const world = makeWorld(settings(config), { files: EVENTS });
    await world.tickAt(day(2), end());
    return [...world.store.events.values()].filter(({ kind }) => kind === 'collected');
  };
  const [row] = await rows({});
  expect(row!.id).toBe(
    'collected/r/1/success/2026-08-01T00:00:00.000Z/{"modelDir":"m","timeToAccuracy":null,"useRunNamePrefix":false}',
  );
  expect(JSON.parse(row!.body)).not.toHaveProperty('sources');
  expect(await rows({ sources: [{ tensorboard: {} }] })).toEqual([row]);
});
