import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { reusedDataset, rowsIn, standInCalls, standInHistory } from '../../../test/support/bigquery.ts';
import { changesOf, episode } from '../../../test/support/episode-rows.ts';
import { type FaultProxy, faultProxy } from '../../../test/support/fault-proxy.ts';
import {
  day,
  ended,
  entry,
  event,
  judge,
  metric,
  recordOf,
  threads,
} from '../../../test/support/history-rows.ts';
import { bigQueryStandIn, describeWith } from '../../../test/support/stand-ins.ts';
import type { History } from '../../ports/history.ts';
import { JOURNAL, TABLES } from './tables.ts';

const ALL = [...TABLES, JOURNAL];

/** A pass in small: messages, a run that is judged with an alert, a mail, the row of the tick. */
async function pass(history: History): Promise<void> {
  const run = ended('a', 1);
  await history.append({ events: [event()], rejected: [], at: day(9) });
  await judge(history, run, [metric('loss', 0.1), metric('acc', null)], { told: changesOf(episode('one')) });
  await history.flush();
  await history.addMails([entry('m', { alertIds: ['n-one-1'] })], {});
  await history.markMails([{ key: 'm', status: 'sent', detail: '250', at: day(9) }]);
  const counted = { runs: 1, waiting: 0, rejected: 0, mails: 1 };
  await history.recordTick({
    tickId: 't',
    command: 'tick',
    startedAt: day(9),
    finishedAt: day(9),
    ...counted,
  });
}

describeWith(['bigquery'], 'writing to BigQuery', () => {
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

  /** Lets requests that begin jobs like this fail for good. */
  function refuse(text: RegExp, nth?: readonly number[]): void {
    let time = 0;
    proxy.use([
      {
        method: 'POST',
        path: /\/jobs(\?|$)/,
        fault: async ({ body }) => {
          if (!text.test(body.toString())) return null;
          time += 1;
          if (nth !== undefined && !nth.includes(time)) return null;
          return { kind: 'status', status: 403, reason: 'accessDenied' };
        },
      },
    ]);
  }

  test('a pass done twice leaves what it left the first time, and an empty journal', async () => {
    const history = await open();
    await pass(history);
    const once = await rowsIn(dataset, ALL);
    await pass(history);
    const twice = await rowsIn(dataset, ALL);
    expect(twice).toStrictEqual(once);
    expect(once.write_journal).toStrictEqual([]);
    expect(once.job_history).toHaveLength(1);
    expect(once.metric_history).toHaveLength(2);
    expect(once.alert_outbox).toMatchObject([{ status: 'sent', attempts: 0 }]);
    await history.close();
  });

  test('changes that were journaled and not applied are applied by the next pass', async () => {
    const history = await open();
    refuse(/BEGIN TRANSACTION/);
    const appended = history.append({ events: [event()], rejected: [], at: day(9) });
    await expect(appended).rejects.toMatchObject({ code: 'denied' });
    const torn = await rowsIn(dataset, ALL);
    expect([torn.run_events!.length, torn.threads!.length]).toStrictEqual([0, 0]);
    expect(torn.write_journal!.length).toBeGreaterThan(2);
    proxy.use([]);
    const next = await open();
    expect(await next.unsettled(day(9), 9)).toStrictEqual(['run:a']);
    const whole = await rowsIn(dataset, ALL);
    expect([whole.run_events!.length, whole.write_journal!.length]).toStrictEqual([1, 0]);
    await history.close();
    await next.close();
  });

  test('changes that never reached the journal have not happened, and the same pass may try again', async () => {
    const history = await open();
    refuse(/INSERT INTO write_journal/, [1]);
    await expect(pass(history)).rejects.toMatchObject({ code: 'denied' });
    expect((await rowsIn(dataset)).run_events).toStrictEqual([]);
    await pass(history);
    const rows = await rowsIn(dataset, ALL);
    expect([rows.run_events!.length, rows.job_history!.length]).toStrictEqual([1, 1]);
    await history.close();
  });

  test('a transaction of which one statement fails changes nothing', async () => {
    const { jobs } = await standInCalls(dataset);
    const history = await open();
    await pass(history);
    const before = await rowsIn(dataset, ALL);
    const broken = `BEGIN TRANSACTION;\nDELETE FROM runs WHERE TRUE;\nSELECT 1 / 0;\nCOMMIT TRANSACTION;`;
    await expect(jobs.run({ name: 't', sql: broken, parameters: {}, columns: [] })).rejects.toThrow();
    expect(await rowsIn(dataset, ALL)).toStrictEqual(before);
    await history.close();
  });

  test('a job whose answer got lost is looked for, not begun a second time', async () => {
    const history = await open();
    const used = new Set<string>();
    let lost = 0;
    proxy.use([
      {
        method: 'POST',
        path: /\/jobs(\?|$)/,
        fault: async ({ body }) => {
          const { jobReference } = JSON.parse(body.toString()) as { jobReference: { jobId: string } };
          // The stand-in runs a used id once more, where the service answers with 409.
          if (used.has(jobReference.jobId)) return { kind: 'status', status: 409, reason: 'duplicate' };
          used.add(jobReference.jobId);
          lost += 1;
          return { kind: 'lost' };
        },
      },
    ]);
    await history.append({ events: [event()], rejected: [], at: day(9) });
    expect(lost).toBeGreaterThan(3);
    expect(proxy.requests.filter(({ status }) => status === 409)).toHaveLength(lost);
    proxy.use([]);
    expect((await rowsIn(dataset)).run_events).toHaveLength(1);
    await history.close();
  });

  test('a run that moves over months, or goes, leaves no row behind', async () => {
    const history = await open();
    const at = (n: number) => ended('a', 1, { ended: { outcome: 'success', finishedAt: day(n) } });
    await judge(history, at(1), [metric('loss', 1), metric('old', 1)]);
    await judge(history, ended('b', 70), [metric('loss', 2)]);
    await history.flush();
    const next = await open();
    await judge(next, at(100), [metric('loss', 3)]);
    await next.flush();
    const rows = await rowsIn(dataset);
    expect(rows.job_history!.map(({ run_id, timestamp }) => `${run_id} ${timestamp}`)).toStrictEqual([
      'a 2026-11-09T00:00:00.000Z',
      'b 2026-10-10T00:00:00.000Z',
    ]);
    expect(rows.metric_history!.map(({ run_id, metric_name }) => `${run_id} ${metric_name}`)).toStrictEqual([
      'a loss',
      'b loss',
    ]);
    expect((await next.toJudge(null, 9)).map(({ runId }) => runId)).toStrictEqual(['b']);
    await history.close();
    await next.close();
  });

  test('25,000 rows go by a file that is loaded, and stand once although they are written twice', async () => {
    const history = await open();
    const run = ended('a', 1);
    const many = Array.from({ length: 25_000 }, (_, n) => metric(`metric ${n}`, n / 7));
    for (let time = 1; time <= 2; time++) {
      proxy.use([]);
      await history.settle(threads(run));
      await history.record(recordOf(run, many));
      await history.flush();
      expect(proxy.count('POST', /\/upload\//)).toBe(1);
    }
    expect((await history.counts()).metric_rows).toBe(25_000);
    expect((await history.series('t', 'metric 24999', 2)).map(({ value }) => value)).toStrictEqual([
      24_999 / 7,
    ]);
    expect((await rowsIn(dataset, [JOURNAL])).write_journal).toStrictEqual([]);
    await history.close();
  });

  test('what is too large for a request goes by a file, too', async () => {
    const history = await standInHistory({ dataset, endpoint: proxy.url, limits: { bytes: 2000 } });
    proxy.use([]);
    const events = Array.from({ length: 4 }, (_, n) => event({ id: `${n}`, body: 'ü"\\'.repeat(300) }));
    await history.append({ events, rejected: [], at: day(9) });
    expect(proxy.count('POST', /\/upload\//)).toBe(1);
    const rows = await rowsIn(dataset);
    expect(rows.run_events!.map(({ body }) => body)).toStrictEqual(events.map(({ body }) => body));
    await history.close();
  });
});
