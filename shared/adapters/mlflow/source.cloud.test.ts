import { afterAll, beforeAll, expect, test } from 'vitest';
import { remoteSourceContract } from '../../../test/contracts/remote-source.ts';
import { type FaultProxy, faultProxy } from '../../../test/support/fault-proxy.ts';
import type { Fault } from '../../../test/support/fault-rules.ts';
import { experiment, finishedRun } from '../../../test/support/mlflow-runs.ts';
import { describeWith, mlflowStandIn } from '../../../test/support/stand-ins.ts';
import type { SourcePoint } from '../../core/sources/reading.ts';
import { mlflowChecks } from './check.ts';
import { type MlflowOptions, mlflowSource } from './source.ts';

const run = (id: string) => ({ kind: 'mlflow', connection: 'tracking', run: id }) as const;
const QUICK = { attempts: 3, baseMs: 1, mostMs: 2 };

describeWith(['mlflow'], "runs of MLflow's own server", () => {
  const { endpoint } = mlflowStandIn();
  const options = (more: Partial<MlflowOptions> = {}): MlflowOptions => ({
    name: 'tracking',
    url: endpoint,
    authorization: null,
    retry: QUICK,
    ...more,
  });
  const series = (name: string, count: number): SourcePoint[] =>
    Array.from({ length: count }, (_, step) => ({
      name,
      step,
      wallTime: 1_700_000_000 + step,
      value: 1 / (step + 1),
    }));

  remoteSourceContract('MLflow', async (points) => ({
    source: mlflowSource(options()),
    connection: 'tracking',
    request: run(await finishedRun(await experiment(), { points })),
    missing: run('none'),
    refused: { kind: 'mlflow', connection: 'tracking', experiment: 'Default', filter: 'x y z' },
    unreachable: mlflowSource(options({ url: 'http://127.0.0.1:1' })),
    stranger: null,
  }));

  test('a history of three pages is all of it, in order', async () => {
    const points = series('loss', 25_000);
    const id = await finishedRun(await experiment(), { points });
    const proxy = await faultProxy({ target: endpoint });
    const reading = await mlflowSource(options({ url: proxy.url })).read(run(id));
    expect(reading.points).toEqual(points);
    expect(proxy.count('GET', /get-history/)).toBe(3);
    await proxy.close();
  });

  test('of an experiment the newest run counts that the filter lets through', async () => {
    const { id, name } = await experiment();
    for (const [at, version, value] of [
      [1, '1', 0.5],
      [3, '2', 0.75],
      [2, '2', 0.25],
    ] as const)
      await finishedRun(
        { id, name },
        { points: [{ name: 'auc', step: 0, wallTime: 1, value }], tags: { version }, startedAt: at },
      );
    const auc = async (filter: string | null) => {
      const { points } = await mlflowSource(options()).read({
        kind: 'mlflow',
        connection: 'tracking',
        experiment: name,
        filter,
      });
      return points[0]?.value;
    };
    expect(await auc("tags.version = '2'")).toBe(0.75);
    expect(await auc("tags.version = '1'")).toBe(0.5);
    expect(await auc(null)).toBe(0.75);
    await expect(auc("tags.version = '3'")).rejects.toMatchObject({ code: 'not-found' });
  });

  test('doctor asks it', async () => {
    expect(await mlflowChecks(options())).toMatchObject([{ what: 'connection tracking', state: 'ok' }]);
    expect(await mlflowChecks(options({ url: `${endpoint}/elsewhere` }))).toMatchObject([{ state: 'bad' }]);
  });

  faults(options);
});

function faults(options: (more: Partial<MlflowOptions>) => MlflowOptions): void {
  let proxy: FaultProxy;
  let id = '';
  const points = [{ name: 'loss', step: 0, wallTime: 1_700_000_000, value: 0.5 }];
  beforeAll(async () => {
    id = await finishedRun(await experiment(), { points });
    proxy = await faultProxy({ target: mlflowStandIn().endpoint });
  });
  afterAll(() => proxy.close());
  const read = (more: Partial<MlflowOptions> = {}) =>
    mlflowSource(options({ url: proxy.url, ...more })).read(run(id));

  test.each<[string, Fault]>([
    ['503', { kind: 'status', status: 503 }],
    ['429', { kind: 'status', status: 429 }],
    ['a connection that is reset', { kind: 'reset' }],
    ['an answer that is cut', { kind: 'cut', after: 20 }],
    ['an answer that comes slowly', { kind: 'trickle', bytes: 50, ms: 2 }],
  ])('%s once changes nothing', async (_what, fault) => {
    for (const path of [/runs\/get/, /get-history/]) {
      proxy.use([{ path, nth: [1], fault }]);
      expect((await read()).points).toEqual(points);
    }
  });

  test.each<[string, Fault, string]>([
    ['503', { kind: 'status', status: 503 }, 'unavailable'],
    ['silence', { kind: 'hang' }, 'unavailable'],
    ['a trickle', { kind: 'trickle', bytes: 1, ms: 10 }, 'unavailable'],
    ['a redirect', { kind: 'status', status: 307, headers: { location: 'http://127.0.0.1:1/' } }, 'invalid'],
  ])('%s for ever is told', async (_what, fault, code) => {
    proxy.use([{ path: /get-history/, fault }]);
    await expect(read({ limits: { waitMs: 200, requestMs: 300 } })).rejects.toMatchObject({ code });
  });

  test('a login that was refused is denied to who has none, and comes back to who has one', async () => {
    proxy.use([{ path: /./, fault: { kind: 'status', status: 401 } }]);
    await expect(read()).rejects.toMatchObject({ code: 'denied' });
    await expect(read({ authorization: 'Bearer old' })).rejects.toMatchObject({ code: 'unavailable' });
  });
}
