import { expect } from 'vitest';
import type { EarlierNeed } from '../../../shared/core/baseline/question.ts';
import type { Outcome } from '../../../shared/core/outcome.ts';
import type { JobRow, MetricRow } from '../../../shared/core/rows.ts';
import type { History, IndexedRun } from '../../../shared/ports/history.ts';
import {
  day,
  ended,
  job,
  judge,
  metric,
  newestValues,
  open,
  placeOf,
  recordOf,
  threads,
} from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

const end = (runId: string, n: number, outcome: Outcome): IndexedRun =>
  ended(runId, n, { ended: { outcome, finishedAt: day(n) } });

const before = (n: number) => ({ finishedAt: day(n), runId: '', uuid: '' });

/** Runs r1, r2, … on days 1, 2, … whose metric `loss` says what the rows say; null: the run has no such row. */
async function losses(history: History, rows: readonly (Partial<MetricRow> | null)[]): Promise<void> {
  for (const [i, row] of rows.entries()) {
    const metrics = row === null ? [] : [metric('loss', row.value ?? null, row)];
    await judge(history, ended(`r${i + 1}`, i + 1), metrics);
  }
}

async function values(
  history: History,
  place = before(99),
  limit = 30,
): Promise<readonly number[] | undefined> {
  return (await newestValues(history, ['t', place], { loss: limit })).get('loss');
}

/** Runs r0 to r3 on days 0 to 3, each of another kind, whose `loss` is their number. */
async function fourKinds(history: History): Promise<void> {
  const kinds: readonly Partial<JobRow>[] = [
    { accelerator: 'tpu', labels: { 'v"1.x': 'a' } },
    { accelerator: 'gpu', labels: { 'v"1.x': 'b' } },
    { accelerator: null, labels: {} },
    { accelerator: 'tpu', frameworkVersion: '2', testType: 'func', labels: { 'v"1.x': 'b' } },
  ];
  for (const [i, kind] of kinds.entries()) {
    const run = ended(`r${i}`, i);
    await history.settle(threads(run));
    await history.record({ ...recordOf(run, [metric('loss', i)]), job: job(run, kind) });
  }
}

export function earlierRunsContract(check: HistoryTest): void {
  check('values come newest first, as many as asked for', async (history) => {
    await losses(history, [{ value: 1 }, { value: 2 }, { value: 3 }, { value: 4 }]);
    expect(await values(history)).toStrictEqual([4, 3, 2, 1]);
    expect(await values(history, before(99), 2)).toStrictEqual([4, 3]);
    expect(await values(history, before(99), 0)).toStrictEqual([]);
  });

  check('a run judged late takes its place in the order, not the last one', async (history) => {
    for (const n of [3, 1, 2]) await judge(history, ended(`r${n}`, n), [metric('loss', n)]);
    expect(await values(history)).toStrictEqual([3, 2, 1]);
  });

  check('several metrics are asked at once, each with its own number of values', async (history) => {
    for (const n of [1, 2, 3]) {
      await judge(history, ended(`r${n}`, n), [metric('loss', n), metric('acc', n * 10)]);
    }
    const found = await newestValues(history, ['t', before(99)], { acc: 1, loss: 2, none: 5 });
    expect(found).toStrictEqual(
      new Map([
        ['acc', [30]],
        ['loss', [3, 2]],
        ['none', []],
      ]),
    );
  });

  check('only the runs that a need lets through count, each with its id and version', async (history) => {
    await fourKinds(history);
    const asked = async (need: Partial<EarlierNeed>) =>
      (await history.earlierValues('t', before(99), new Map([['loss', { limit: 9, ...need }]]))).get('loss');
    const found = async (need: Partial<EarlierNeed>) => (await asked(need))?.values;
    expect(await asked({ version: 'label.v"1.x' })).toStrictEqual({
      values: [3, 2, 1, 0],
      runIds: ['r3', 'r2', 'r1', 'r0'],
      versions: ['b', null, 'b', 'a'],
    });
    expect((await asked({ version: 'framework_version', limit: 2 }))?.versions).toStrictEqual(['2', null]);
    expect((await asked({}))?.versions).toStrictEqual([null, null, null, null]);
    expect(await found({ since: day(2) })).toStrictEqual([3, 2]);
    expect(await found({ from: placeOf(ended('r1', 1)) })).toStrictEqual([3, 2, 1]);
    expect(await found({ without: ['uuid-r3', "'", 'uuid-r0'] })).toStrictEqual([2, 1]);
    expect(await found({ like: new Map([['accelerator', 'tpu']]) })).toStrictEqual([3, 0]);
    expect(await found({ like: new Map([['accelerator', null]]) })).toStrictEqual([2]);
    expect(await found({ like: new Map([['label.v"1.x', 'b']]), limit: 1 })).toStrictEqual([3]);
    expect(await found({ like: new Map([['label.v"1.x', null]]) })).toStrictEqual([2]);
    const all = { since: day(1), without: ['uuid-r2'], like: new Map([['label.v"1.x', 'b']] as const) };
    expect(await found(all)).toStrictEqual([3, 1]);
    expect(await found({ ...all, like: new Map([['test_type', 'func']]) })).toStrictEqual([3]);
    const back = await history.runBack('t', before(99), {
      metric: 'loss',
      nth: 2,
      need: { limit: 1, ...all },
    });
    expect(back?.job.runId).toBe('r1');
  });

  check('only finite values of successful runs count, whatever their verdict', async (history) => {
    const outcomes: Outcome[] = ['failure', 'timeout', 'cancelled', 'preempted', 'oom', 'lost', 'missed'];
    for (const [i, outcome] of outcomes.entries()) {
      await judge(history, end(outcome, i, outcome), [metric('loss', 100 + i)]);
    }
    await losses(history, [
      { value: 1, verdict: 'fail' },
      { kind: 'nan' },
      { value: 2, verdict: null },
      { kind: 'posinf' },
      { kind: 'neginf' },
      { kind: 'missing' },
      { value: 3, verdict: 'inconclusive' },
      null,
    ]);
    expect(await values(history)).toStrictEqual([3, 2, 1]);
  });

  check('only runs strictly before the place count, ties told by run id and uuid', async (history) => {
    const tied = [
      ended('a', 1, { uuid: 'u1', thread: '1' }),
      ended('a', 1, { uuid: 'u2', thread: '2' }),
      ended('a', 1, { uuid: 'u3', thread: '3' }),
      ended('\uff5e', 1),
      ended('😀', 1),
    ];
    for (const [i, run] of tied.entries()) await judge(history, run, [metric('loss', i)]);
    const seen = [];
    for (const run of tied) seen.push(await values(history, placeOf(run)));
    expect(seen).toStrictEqual([[], [0], [1, 0], [2, 1, 0], [3, 2, 1, 0]]);
  });

  check('other tests are never looked at', async (history) => {
    await judge(history, ended('x', 1, { testName: 'T' }), [metric('loss', 1, { verdict: 'fail' })]);
    const place = before(9);
    expect(await values(history)).toStrictEqual([]);
    expect(await history.lastGoodRun('t', place, null)).toBeNull();
    expect(await history.runBack('t', place, { metric: 'loss', nth: 1 })).toBeNull();
    expect(await history.recentPoints('t', place, { metric: 'loss', limit: 9 })).toStrictEqual([]);
    expect(await history.hasLater('t', before(0))).toBe(false);
  });

  check('a metric may have passed without a value', async (history) => {
    await losses(history, [{ value: null, kind: 'missing', verdict: 'pass', reason: 'missing' }]);
    const found = await history.lastGoodRun('t', before(99), 'loss');
    expect(found?.metric).toStrictEqual(metric('loss', null, { verdict: 'pass' }));
  });

  check('an earlier good run comes with its rows, with and without a metric', async (history) => {
    await losses(history, [{ value: 0.25 }, { value: 2, verdict: 'fail' }, { value: 3, verdict: null }]);
    await judge(history, end('r4', 4, 'failure'));
    const r1 = { job: job(ended('r1', 1)), metric: metric('loss', 0.25) };
    expect(await history.lastGoodRun('t', before(99), 'loss')).toStrictEqual(r1);
    expect(await history.lastGoodRun('t', before(1), 'loss')).toBeNull();
    expect(await history.lastGoodRun('t', before(99), 'acc')).toBeNull();
    expect(await history.lastGoodRun('t', before(99), null)).toStrictEqual({
      job: job(ended('r3', 3)),
      metric: null,
    });
    expect(await history.lastGoodRun('u', before(99), null)).toBeNull();
  });

  check('runs are counted backwards over finite values of successful runs', async (history) => {
    await losses(history, [{ value: 1 }, { kind: 'nan' }, { value: 3, verdict: 'fail' }, null, { value: 5 }]);
    await judge(history, end('r6', 6, 'failure'), [metric('loss', 6)]);
    const back = async (nth: number, place = before(99)) =>
      (await history.runBack('t', place, { metric: 'loss', nth }))?.job.runId ?? null;
    expect([await back(1), await back(2), await back(3), await back(4)]).toStrictEqual([
      'r5',
      'r3',
      'r1',
      null,
    ]);
    expect(await back(1, placeOf(ended('r5', 5)))).toBe('r3');
    expect((await history.runBack('t', before(99), { metric: 'loss', nth: 2 }))?.metric).toStrictEqual(
      metric('loss', 3, { verdict: 'fail' }),
    );
  });

  check('recent points come oldest first with bounds and outcome', async (history) => {
    await losses(history, [{ value: 1 }, { kind: 'nan', upper: 2 }, null]);
    await judge(history, end('r4', 4, 'failure'), [metric('loss', 6)]);
    const points = await history.recentPoints('t', before(99), { metric: 'loss', limit: 9 });
    expect(points).toStrictEqual(await history.series('t', 'loss', 9));
    expect(points.map(({ runId }) => runId)).toStrictEqual(['r1', 'r2', 'r4']);
    const two = await history.recentPoints('t', before(4), { metric: 'loss', limit: 1 });
    expect(two.map(({ runId }) => runId)).toStrictEqual(['r2']);
    expect(await history.recentPoints('t', before(99), { metric: 'loss', limit: 0 })).toStrictEqual([]);
  });

  check('a later run is one that was judged and stands behind', async (history) => {
    const run = ended('b', 2);
    await judge(history, run);
    await history.settle(threads(ended('d', 4), open('e', 5)));
    expect(await history.hasLater('t', placeOf(ended('a', 1)))).toBe(true);
    expect(await history.hasLater('t', placeOf(ended('a', 2)))).toBe(true);
    expect(await history.hasLater('t', placeOf(run))).toBe(false);
    expect(await history.hasLater('t', placeOf(ended('c', 3)))).toBe(false);
  });
}
