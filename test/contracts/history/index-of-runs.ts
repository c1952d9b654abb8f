import { expect } from 'vitest';
import { MESSAGE_KINDS } from '../../../shared/core/run-event.ts';
import type { JudgeTask } from '../../../shared/ports/history.ts';
import {
  day,
  ended,
  event,
  judge,
  metric,
  open,
  recordOf,
  tasks,
  threads,
} from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

import { threeJudged } from './settle.ts';

export function runIndexContract(check: HistoryTest): void {
  check('one thread may hold several runs', async (history) => {
    const runs = ['1', '2', '3'].map((id, n) => ended(id, n, { thread: 'job:j' }));
    await history.settle([{ thread: 'job:j', runs, learnt: [] }]);
    expect(await tasks(history)).toStrictEqual(['1: own', '2: own', '3: own']);
    await history.settle([{ thread: 'job:j', runs: runs.slice(1), learnt: [] }]);
    expect(await tasks(history)).toStrictEqual(['2: own', '3: own']);
  });

  check('messages make their thread unsettled until it is settled, up to a limit', async (history) => {
    const events = ['c', 'a', 'b'].map((id) => event({ id, thread: `run:${id}` }));
    await history.append({ events, rejected: [], at: day(9) });
    expect([...(await history.unsettled(day(0), 9))].sort()).toStrictEqual(['run:a', 'run:b', 'run:c']);
    expect(await history.unsettled(day(0), 2)).toHaveLength(2);
    expect(await history.unsettled(day(0), 0)).toStrictEqual([]);
    await history.settle([{ thread: 'run:b', runs: [], learnt: [] }]);
    expect([...(await history.unsettled(day(0), 9))].sort()).toStrictEqual(['run:a', 'run:c']);
  });

  check(
    'an open run is unsettled once the clock is past its time, as its status is decided',
    async (history) => {
      await history.settle(threads(open('late', 5), open('due', 1), ended('done', 0)));
      const due = day(3);
      expect(await history.unsettled(due - 1, 9)).toStrictEqual([]);
      expect(await history.unsettled(due, 9)).toStrictEqual([]);
      expect(await history.unsettled(due + 1, 9)).toStrictEqual(['run:due']);
    },
  );

  check('a thread with new messages and a due run is named once', async (history) => {
    await history.settle(threads(open('a', 1)));
    await history.append({ events: [event()], rejected: [], at: day(9) });
    expect(await history.unsettled(day(9), 9)).toStrictEqual(['run:a']);
  });

  check('a deadline beyond the last year that can be written is never due', async (history) => {
    const never = Date.UTC(9999, 11, 31) + 5 * 86_400_000;
    await history.settle(threads(open('a', 1, { checkAt: never })));
    expect(await history.unsettled(day(9), 9)).toStrictEqual([]);
    expect(await history.openRuns()).toHaveLength(1);
  });

  check('open runs come as they were settled, by their start', async (history) => {
    const runs = [open('b', 2), open('a', 1), open('c', 0, { startedAt: null, attempt: 3 })];
    await history.settle(threads(...runs, ended('d', 0)));
    expect(await history.openRuns()).toStrictEqual([runs[2], runs[1], runs[0]]);
    await history.settle(threads(ended('a', 3)));
    expect((await history.openRuns()).map(({ runId }) => runId)).toStrictEqual(['c', 'b']);
  });

  check(
    'runs of a test that began between two times come by their start, both times included',
    async (history) => {
      const run = (runId: string, startedAt: number | null) => ended(runId, 9, { startedAt });
      const runs = [
        run('late', day(3)),
        run('early', day(1)),
        open('still open', 2),
        run('before', day(1) - 1),
      ];
      const others = [
        run('behind', day(3) + 1),
        run('unknown', null),
        ended('x', 9, { testName: 'u', startedAt: day(2) }),
      ];
      await history.settle(threads(...runs, ...others));
      const begun = await history.begunBetween('t', { from: day(1), until: day(3) });
      expect(begun).toStrictEqual([runs[1], runs[2], runs[0]]);
      expect(await history.begunBetween('t', { from: day(4), until: day(5) })).toStrictEqual([]);
    },
  );

  check('each uuid tells its thread, unknown ones are left out', async (history) => {
    await history.settle([{ thread: 'job:j', runs: [ended('a', 1, { thread: 'job:j' })], learnt: [] }]);
    const found = await history.threadsOf(['uuid-a', 'uuid-none']);
    expect([...found]).toStrictEqual([['uuid-a', 'job:j']]);
  });

  check('runs to judge come by end, run id in code points, then uuid, a page at a time', async (history) => {
    const last = ended('z', 2);
    const tied = [
      ended('', 1),
      ended('B', 1),
      ended('a', 1, { uuid: 'u1', thread: 'run:a1' }),
      ended('a', 1, { uuid: 'u2', thread: 'run:a2' }),
      ended('a\u0000', 1),
      ended('aa', 1),
      ended('é', 1),
      ended('\uff5e', 1),
      ended('😀', 1),
    ];
    await history.settle(threads(last, ...tied.toReversed()));
    const expected = [...tied, last].map(({ uuid, runId, thread, ended: end }) => {
      return { uuid, thread, runId, finishedAt: end!.finishedAt, why: 'own' };
    });
    expect(await history.toJudge(null, 99)).toStrictEqual(expected);
    const paged = [];
    const sizes = [];
    let after: JudgeTask | null = null;
    do {
      const page: readonly JudgeTask[] = await history.toJudge(after, 3);
      sizes.push(page.length);
      paged.push(...page);
      after = page.at(-1) ?? null;
    } while (after !== null);
    expect(paged).toStrictEqual(expected);
    expect(sizes).toStrictEqual([3, 3, 3, 1, 0]);
  });

  check(
    'rebuilding asks for every thread with messages and keeps the rows of runs they stand for',
    async (history) => {
      await threeJudged(history);
      const fact = event({ eventKey: 'learnt', kind: 'config', thread: 'run:b', id: 'config/1' });
      const events = [event(), event({ id: 'x', thread: 'run:x' })];
      await history.append({ events, rejected: [], at: day(9) });
      await history.settle([
        { thread: 'run:a', runs: [ended('a', 1)], learnt: [] },
        { thread: 'run:b', runs: [ended('b', 2)], learnt: [fact] },
        { thread: 'run:x', runs: [ended('x', 9, { testName: 'other' })], learnt: [] },
      ]);
      await history.rebuild();
      await history.rebuild();
      expect([...(await history.unsettled(day(0), 9))].sort()).toStrictEqual(['run:a', 'run:x']);
      expect((await history.series('t', 'loss', 9)).map(({ runId }) => runId)).toStrictEqual(['a']);
      expect((await history.series('other', 'loss', 9)).map(({ runId }) => runId)).toStrictEqual(['x']);
      expect(await history.findRun('t', 'b')).toBeNull();
      expect((await history.eventsOf(['run:b'])).get('run:b')).toStrictEqual([fact]);
    },
  );

  check('rebuilding asks for the threads of every kind of message', async (history) => {
    const events = MESSAGE_KINDS.map((kind) => event({ id: kind, kind, thread: `run:${kind}` }));
    await history.append({ events, rejected: [], at: day(9) });
    const settled = events.map(({ thread }) => ({ thread, runs: [], learnt: [] }));
    await history.settle(settled);
    expect(await history.unsettled(day(0), 99)).toStrictEqual([]);
    await history.rebuild();
    expect([...(await history.unsettled(day(0), 99))].sort()).toStrictEqual(
      events.map(({ thread }) => thread).sort(),
    );
  });

  check(
    'after rebuilding, the same runs and rows change nothing and nobody is judged twice',
    async (history) => {
      const run = ended('a', 1);
      await history.append({ events: [event()], rejected: [], at: day(9) });
      await judge(history, run, [metric('loss', 1)]);
      const before = await history.findRun('t', null);
      await history.rebuild();
      await history.settle(threads(run));
      await history.record(recordOf(run, [metric('loss', 1)]));
      expect(await history.findRun('t', null)).toStrictEqual(before);
      expect(await tasks(history)).toStrictEqual([]);
    },
  );
}
