import { expect } from 'vitest';
import type { History, IndexedRun } from '../../../shared/ports/history.ts';
import { day, ended, judge, metric, open, placeOf, tasks, threads } from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

/** Runs a, b and c of test t, and x of another one, all judged. */
export async function threeJudged(history: History): Promise<void> {
  for (const [n, id] of ['a', 'b', 'c'].entries())
    await judge(history, ended(id, n + 1), [metric('loss', n)]);
  await judge(history, ended('x', 9, { testName: 'other' }), [metric('loss', 9)]);
}

const moved = (run: IndexedRun, n: number): IndexedRun => ({
  ...run,
  ended: { outcome: 'success', finishedAt: day(n) },
});

const b = ended('b', 2);

interface Change {
  readonly sentence: string;
  readonly settled: readonly { thread: string; runs: readonly IndexedRun[] }[];
  readonly rowsLeft: boolean;
  readonly toJudge: readonly string[];
}

/** What settling does after runs a, b and c of one test, ended on days 1, 2 and 3, were judged. */
const CHANGES: readonly Change[] = [
  {
    sentence: 'the same again is judged for its own sake, and its rows stay until then',
    settled: [{ thread: 'run:b', runs: [b] }],
    rowsLeft: true,
    toJudge: ['b: own'],
  },
  {
    sentence: 'another outcome at the same time leaves the rows until it is judged',
    settled: [{ thread: 'run:b', runs: [{ ...b, ended: { outcome: 'oom', finishedAt: day(2) } }] }],
    rowsLeft: true,
    toJudge: ['b: own'],
  },
  {
    sentence: 'a run that is gone loses its rows, and the later one is to be judged again',
    settled: [{ thread: 'run:b', runs: [] }],
    rowsLeft: false,
    toJudge: ['c: cascade'],
  },
  {
    sentence: 'a run that is open again loses its rows, and the later one is to be judged again',
    settled: [{ thread: 'run:b', runs: [open('b', 2)] }],
    rowsLeft: false,
    toJudge: ['c: cascade'],
  },
  {
    sentence: 'a run that moved behind another loses its rows, and the one it left is to be judged first',
    settled: [{ thread: 'run:b', runs: [moved(b, 4)] }],
    rowsLeft: false,
    toJudge: ['c: cascade', 'b: own'],
  },
  {
    sentence: 'a run that moved to the front loses its rows, and those behind its old place are judged again',
    settled: [{ thread: 'run:b', runs: [moved(b, 0)] }],
    rowsLeft: false,
    toJudge: ['b: own', 'c: cascade'],
  },
  {
    sentence: 'a run that got another run id has moved',
    settled: [{ thread: 'run:b', runs: [{ ...b, runId: 'b2' }] }],
    rowsLeft: false,
    toJudge: ['b2: own', 'c: cascade'],
  },
  {
    sentence: 'a run that turns out to be of another test has moved',
    settled: [{ thread: 'run:b', runs: [{ ...b, testName: 'other' }] }],
    rowsLeft: false,
    toJudge: ['b: own', 'c: cascade'],
  },
  {
    sentence: 'a run that another thread takes over without change keeps its rows',
    settled: [{ thread: 'job:b', runs: [{ ...b, thread: 'job:b' }] }],
    rowsLeft: true,
    toJudge: ['b: own'],
  },
  {
    sentence: 'a run that another thread takes over as open loses its rows',
    settled: [{ thread: 'job:b', runs: [open('b', 2, { thread: 'job:b' })] }],
    rowsLeft: false,
    toJudge: ['c: cascade'],
  },
  {
    sentence: 'the last run of a test that is gone leaves nothing to judge',
    settled: [{ thread: 'run:c', runs: [] }],
    rowsLeft: true,
    toJudge: [],
  },
  {
    sentence: 'several threads are settled as one',
    settled: [
      { thread: 'run:a', runs: [] },
      { thread: 'run:b', runs: [] },
    ],
    rowsLeft: false,
    toJudge: ['c: cascade'],
  },
];

export function settleContract(check: HistoryTest): void {
  for (const { sentence, settled, rowsLeft, toJudge } of CHANGES) {
    check(sentence, async (history) => {
      await threeJudged(history);
      const change = settled.map((thread) => ({ ...thread, learnt: [] }));
      await history.settle(change);
      expect(await tasks(history)).toStrictEqual(toJudge);
      const good = await history.lastGoodRun('t', placeOf(ended('c', 3)), 'loss');
      expect(good?.metric?.value === 1).toBe(rowsLeft);
      await history.settle(change);
      expect(await tasks(history), 'settled twice').toStrictEqual(toJudge);
    });
  }

  check(
    'a run that was refined to a failure and then moved still cascades, by what its rows said',
    async (history) => {
      await threeJudged(history);
      await history.settle(threads({ ...b, ended: { outcome: 'failure', finishedAt: day(2) } }));
      await history.settle(threads({ ...b, ended: { outcome: 'failure', finishedAt: day(1.5) } }));
      expect(await tasks(history)).toStrictEqual(['b: own', 'c: cascade']);
    },
  );

  check('a run that was never judged goes without a trace', async (history) => {
    await judge(history, ended('c', 3));
    await history.settle(threads(b));
    await history.settle([{ thread: 'run:b', runs: [], learnt: [] }]);
    expect(await tasks(history)).toStrictEqual([]);
    expect(await history.findRun('t', 'b')).toBeNull();
  });

  check('a run of another test never cascades', async (history) => {
    await threeJudged(history);
    await history.settle([{ thread: 'run:x', runs: [], learnt: [] }]);
    expect(await tasks(history)).toStrictEqual([]);
  });

  check('own stays own when an earlier run changes', async (history) => {
    await threeJudged(history);
    await history.settle(threads(ended('c', 3)));
    await history.settle([{ thread: 'run:a', runs: [], learnt: [] }]);
    expect(await tasks(history)).toStrictEqual(['b: cascade', 'c: own']);
  });
}
