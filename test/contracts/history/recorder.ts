import { expect } from 'vitest';
import type { MetricRow } from '../../../shared/core/rows.ts';
import type { IndexedRun } from '../../../shared/ports/history.ts';
import { changesOf, episode } from '../../support/episode-rows.ts';
import {
  day,
  ended,
  event,
  job,
  judge,
  metric,
  recordOf,
  tasks,
  threads,
} from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

const a = ended('a', 1);
const failed = (run: IndexedRun): IndexedRun => ({
  ...run,
  ended: { outcome: 'failure', finishedAt: run.ended!.finishedAt },
});

interface Change {
  readonly sentence: string;
  readonly before: readonly [IndexedRun, ...MetricRow[]] | null;
  readonly after: readonly [IndexedRun, ...MetricRow[]];
  readonly cascades: boolean;
}

const loss = metric('loss', 0.5);
const CHANGES: readonly Change[] = [
  { sentence: 'a first record with a value cascades', before: null, after: [a, loss], cascades: true },
  { sentence: 'a first record without metrics does not', before: null, after: [a], cascades: false },
  {
    sentence: 'a first record of a failed run does not',
    before: null,
    after: [failed(a), loss],
    cascades: false,
  },
  { sentence: 'the same values again do not cascade', before: [a, loss], after: [a, loss], cascades: false },
  {
    sentence: 'the same values in another order do not',
    before: [a, loss, metric('acc', 1)],
    after: [a, metric('acc', 1), loss],
    cascades: false,
  },
  {
    sentence: 'another value does',
    before: [a, loss],
    after: [a, metric('loss', 0.5000000000000001)],
    cascades: true,
  },
  {
    sentence: 'another verdict or bound alone does not',
    before: [a, loss],
    after: [a, metric('loss', 0.5, { verdict: 'fail', reason: 'above', upper: 0.1, baselineN: 7 })],
    cascades: false,
  },
  {
    sentence: 'another baseline alone does not',
    before: [a, loss],
    after: [a, metric('loss', 0.5, { baseline: { n: 2, first: 'x', last: 'y', digest: '0' } })],
    cascades: false,
  },
  { sentence: 'one more metric does', before: [a, loss], after: [a, loss, metric('acc', 1)], cascades: true },
  {
    sentence: 'one more metric without a value does not',
    before: [a, loss],
    after: [a, loss, metric('acc', null), metric('nan', null, { kind: 'nan' })],
    cascades: false,
  },
  {
    sentence: 'a value that becomes non-finite does',
    before: [a, loss],
    after: [a, metric('loss', null, { kind: 'posinf' })],
    cascades: true,
  },
  {
    sentence: 'a success that becomes a failure does',
    before: [a, loss],
    after: [failed(a), loss],
    cascades: true,
  },
  {
    sentence: 'a success without values that becomes a failure does not',
    before: [a],
    after: [failed(a)],
    cascades: false,
  },
  {
    sentence: 'a failure that becomes a success does',
    before: [failed(a), loss],
    after: [a, loss],
    cascades: true,
  },
];

export function recorderContract(check: HistoryTest): void {
  for (const { sentence, before, after, cascades } of CHANGES) {
    check(sentence, async (history) => {
      if (before !== null) await judge(history, before[0], before.slice(1) as MetricRow[]);
      await judge(history, ended('z', 0));
      await judge(history, ended('b', 2));
      await judge(history, ended('other', 3, { testName: 'other' }));
      expect(await tasks(history)).toStrictEqual([]);
      const [run, ...metrics] = after;
      await judge(history, run, metrics as MetricRow[]);
      expect(await tasks(history)).toStrictEqual(cascades ? ['b: cascade'] : []);
    });
  }

  check('only runs that were judged cascade', async (history) => {
    await history.settle(threads(a, ended('b', 2), ended('c', 3)));
    await history.record(recordOf(ended('b', 2)));
    await history.record(recordOf(a, [loss]));
    expect(await tasks(history)).toStrictEqual(['b: cascade', 'c: own']);
  });

  check('of runs that ended together those behind in the order cascade', async (history) => {
    const tied = ['A', 'b', 'c', '😀'].map((id) => ended(id, 1));
    for (const run of tied) await judge(history, run);
    await judge(history, tied[1]!, [loss]);
    expect(await tasks(history)).toStrictEqual(['c: cascade', '😀: cascade']);
  });

  check(
    'labels by which a series may be split cascade as values do, where there are values',
    async (history) => {
      await judge(history, ended('b', 2));
      for (const [metrics, cascade] of [
        [[], []],
        [[loss], ['b: cascade']],
      ] as const) {
        await judge(history, a, [...metrics]);
        await judge(history, ended('b', 2));
        await history.record({ ...recordOf(a, [...metrics]), job: job(a, { labels: { team: 'x' } }) });
        expect(await tasks(history)).toStrictEqual(cascade);
      }
    },
  );

  check('a record replaces all rows of its run', async (history) => {
    await judge(history, a, [loss, metric('gone', 1)]);
    const row = job(a, { verdict: 'fail', attempt: 2, labels: { kind: 'nightly' } });
    await history.record({ ...recordOf(a, [metric('loss', 0.7)]), job: row });
    expect(await history.findRun('t', 'a')).toStrictEqual({
      run: a,
      job: row,
      metrics: [metric('loss', 0.7)],
    });
    expect((await history.counts()).finished_runs).toBe(1);
    expect((await history.counts()).metric_rows).toBe(1);
  });

  check('every column of a run and a metric comes back', async (history) => {
    const row = job(a, {
      testType: 'nightly',
      accelerator: 'tpu-v4',
      frameworkVersion: '2.19',
      numFailures: 3,
      jobDurationSec: 12.345,
      startedAt: null,
      logsLink: 'https://logs',
      logsDownloadCommand: 'logs read',
      workloadLink: 'https://jobs',
      publishTime: day(1) + 5000,
      verdict: 'inconclusive',
      labels: { b: '1', a: '2' },
    });
    const nan = metric('m', null, {
      kind: 'nan',
      lower: -1.5,
      upper: 2.5,
      verdict: 'inconclusive',
      reason: 'history: 1 of 10',
      baselineN: 1,
      baseline: { n: 1, first: '😀', last: "it's", digest: 'd', frozen: 2, like: { 'label.x': null } },
    });
    const free = metric('free', 4, { verdict: null });
    await history.settle(threads(a));
    await history.record({ ...recordOf(a, [nan, free]), job: row });
    const view = await history.findRun('t', 'a');
    expect(view?.job).toStrictEqual(row);
    expect(view?.metrics).toStrictEqual([free, nan]);
  });

  check('a publish time is kept in whole seconds', async (history) => {
    await history.record({ ...recordOf(a), job: job(a, { publishTime: day(1) + 999 }) });
    await history.settle(threads(a));
    expect((await history.findRun('t', 'a'))?.job?.publishTime).toBe(day(1));
  });

  check('recording twice is recording once', async (history) => {
    const fact = event({ eventKey: 'learnt', kind: 'collected', id: 'collected/a' });
    const whole = recordOf(a, [loss], { learnt: [fact], told: changesOf(episode('e')) });
    await history.settle(threads(a));
    await history.record(whole);
    const counts = await history.counts();
    await history.record(whole);
    expect(await history.counts()).toStrictEqual(counts);
    expect(await history.waitingNotices()).toStrictEqual(changesOf(episode('e')).notices);
    expect((await history.eventsOf(['run:a'])).get('run:a')).toStrictEqual([fact]);
    expect(await tasks(history)).toStrictEqual([]);
  });

  check('what was settled and recorded is in every answer, before and after a flush', async (history) => {
    await history.settle(threads(a, ended('b', 2)));
    await history.record(recordOf(a, [loss]));
    const answers = async () => [
      await tasks(history),
      await history.findRun('t', 'a'),
      (await history.series('t', 'loss', 9)).length,
    ];
    const before = await answers();
    expect(before[0]).toStrictEqual(['b: own']);
    await history.flush();
    await history.flush();
    expect(await answers()).toStrictEqual(before);
  });

  check('a tick can be recorded again', async (history) => {
    const counted = { runs: 1, waiting: 2, rejected: 3, mails: 4 };
    const tick = { tickId: 't1', command: 'tick', startedAt: day(1), finishedAt: day(2), ...counted };
    await history.recordTick(tick);
    await history.recordTick({ ...tick, mails: 5 });
  });
}
