import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { reusedDataset, rowsIn, standInCalls, standInHistory } from '../../../test/support/bigquery.ts';
import { type FaultProxy, faultProxy } from '../../../test/support/fault-proxy.ts';
import type { Fault } from '../../../test/support/fault-rules.ts';
import { day, event } from '../../../test/support/history-rows.ts';
import { finished } from '../../../test/support/messages.ts';
import { bigQueryStandIn, describeWith, uniqueName } from '../../../test/support/stand-ins.ts';
import { makeWorld, settingsOf } from '../../../test/support/world.ts';
import { tick } from '../../pipeline/tick.ts';

const EVERYTHING = /./;
const append = { events: [event()], rejected: [], at: day(9) };

describeWith(['bigquery'], 'BigQuery when it is not well', () => {
  const empty = reusedDataset();
  let dataset = '';
  let proxy: FaultProxy;
  beforeAll(async () => {
    proxy = await faultProxy({ target: bigQueryStandIn().endpoint });
  });
  afterAll(() => proxy.close());
  beforeEach(async () => {
    proxy.use([]);
    dataset = await empty();
  });
  const open = () => standInHistory({ dataset, endpoint: proxy.url });

  const passing: readonly (readonly [string, Fault])[] = [
    ['429', { kind: 'status', status: 429 }],
    ['500', { kind: 'status', status: 500 }],
    ['503', { kind: 'status', status: 503 }],
    ['a reset connection', { kind: 'reset' }],
    ['a lost answer', { kind: 'lost' }],
    ['a body that is cut', { kind: 'cut', after: 20 }],
    ['a slow answer', { kind: 'trickle', bytes: 200, ms: 5 }],
  ];
  test.each(passing)('%s at every third request costs nothing', async (_, fault) => {
    const every = Array.from({ length: 200 }, (_unused, n) => 3 * n + 1);
    proxy.use([{ path: EVERYTHING, nth: every, fault }]);
    const history = await open();
    await history.append(append);
    expect(await history.unsettled(day(9), 9)).toStrictEqual(['run:a']);
    proxy.use([]);
    const rows = await rowsIn(dataset);
    expect([rows.run_events!.length, rows.threads!.length]).toStrictEqual([1, 1]);
    await history.close();
  });

  const lasting: readonly (readonly [string, Fault, string])[] = [
    ['503', { kind: 'status', status: 503 }, 'unavailable'],
    ['429', { kind: 'status', status: 429 }, 'unavailable'],
    ['no connection', { kind: 'reset' }, 'unavailable'],
    ['an expired token', { kind: 'status', status: 401 }, 'denied'],
    ['no right', { kind: 'status', status: 403, reason: 'accessDenied' }, 'denied'],
    ['a quota that is used up', { kind: 'status', status: 403, reason: 'quotaExceeded' }, 'unavailable'],
    ['a dataset that is gone', { kind: 'status', status: 404 }, 'not-found'],
  ];
  test.each(lasting)('%s for good is told in one sentence', async (_, fault, code) => {
    const history = await open();
    proxy.use([{ path: EVERYTHING, fault }]);
    const failure = await history.append(append).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'PortError', code, message: expect.stringContaining(dataset) });
    await history.close();
    const wanted = open().catch((error: unknown) => error);
    expect(await wanted).toMatchObject({ name: 'PortError' });
  });

  test('a table that vanished is told, and what to do', async () => {
    const lost = uniqueName('history');
    const history = await standInHistory({ dataset: lost });
    const { jobs } = await standInCalls(lost);
    await jobs.run({ name: 't', sql: 'DROP TABLE runs', parameters: {}, columns: [] });
    await expect(history.openRuns()).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/runs.*tidemark doctor/),
    });
    await history.close();
  });

  test('an outage of four ticks loses no message and doubles none', async () => {
    const { ports } = makeWorld(settingsOf({}));
    const publish = async (id: string, n: number) => {
      const { body, name, publishTime } = finished({ test: 't', run: id, at: day(n) }, 'success');
      await ports.queue.publish(body, name, { publishTime });
    };
    const pass = async (n: number) => {
      const history = await open();
      try {
        await tick({ ...ports, history, clock: { now: () => day(n) } }, settingsOf({}));
      } finally {
        await history.close();
      }
    };
    await publish('r0', 0);
    await pass(10);
    // The second tick of the outage dies between the journal and the tables, the others at once.
    for (let n = 1; n <= 4; n++) {
      await publish(`r${n}`, n);
      proxy.use([
        {
          path: EVERYTHING,
          fault: async ({ body }) => {
            const isHealthy = n === 2 && !body.includes('BEGIN TRANSACTION');
            return isHealthy ? null : { kind: 'status', status: 503 };
          },
        },
      ]);
      await expect(pass(10 + n)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    }
    proxy.use([]);
    await pass(20);
    const rows = await rowsIn(dataset);
    expect(rows.job_history!.map(({ run_id }) => run_id).sort()).toStrictEqual([
      'r0',
      'r1',
      'r2',
      'r3',
      'r4',
    ]);
    expect(rows.ticks).toHaveLength(2);
    expect(await ports.queue.pull(9)).toStrictEqual([]);
  });
});
