import { expect } from 'vitest';
import { PortError } from '../../../shared/ports/error.ts';
import type { IndexedRun } from '../../../shared/ports/history.ts';
import { changesOf, episode } from '../../support/episode-rows.ts';
import {
  day,
  ended,
  entry,
  event,
  job,
  judge,
  metric,
  open,
  rejection,
  threads,
} from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

interface Newest {
  readonly sentence: string;
  readonly runs: readonly IndexedRun[];
  readonly asked: string | null;
  /** Attempt number of the run that is to be found: each run below has its own. */
  readonly found: number | null;
}

const run = (attempt: number, given: IndexedRun): IndexedRun => ({
  ...given,
  attempt,
  uuid: `u${attempt}`,
  thread: `run:u${attempt}`,
});
const started = (runId: string, n: number, startedAt: number | null) => ended(runId, n, { startedAt });

const NEWEST: readonly Newest[] = [
  { sentence: 'no run, no answer', runs: [], asked: null, found: null },
  {
    sentence: 'the run that began last is the newest, not the one that ended last',
    runs: [run(1, started('a', 9, day(1))), run(2, started('b', 3, day(2)))],
    asked: null,
    found: 2,
  },
  {
    sentence: 'an open run that began later is the newest',
    runs: [run(1, started('a', 2, day(1))), run(2, open('b', 3))],
    asked: null,
    found: 2,
  },
  {
    sentence: 'an open run that began earlier is not',
    runs: [run(1, open('b', 1)), run(2, started('a', 4, day(3)))],
    asked: null,
    found: 2,
  },
  {
    sentence: 'of runs that began at one moment the open one is the newest',
    runs: [run(1, open('a', 1)), run(2, started('b', 2, day(1)))],
    asked: null,
    found: 1,
  },
  {
    sentence: 'of ended runs that began at one moment the last in the order is the newest',
    runs: [
      run(3, started('b', 2, day(1))),
      run(2, started('a', 2, day(1))),
      run(1, started('z', 1.5, day(1))),
    ],
    asked: null,
    found: 3,
  },
  {
    sentence: 'of two open runs that began at one moment the one with the greater run id is the newest',
    runs: [run(1, open('\uff5e', 1)), run(2, open('😀', 1))],
    asked: null,
    found: 2,
  },
  {
    sentence: 'a run whose start is unknown counts from its end',
    runs: [run(1, started('a', 5, null)), run(2, started('b', 9, day(4)))],
    asked: null,
    found: 1,
  },
  {
    sentence: 'a named run is found though newer ones are there',
    runs: [run(1, ended('a', 1)), run(2, ended('b', 2)), run(3, open('c', 3))],
    asked: 'a',
    found: 1,
  },
  {
    sentence: 'of several runs with one id the newest is found',
    runs: [run(1, ended('a', 1)), run(2, ended('a', 3)), run(3, ended('a', 2))],
    asked: 'a',
    found: 2,
  },
  { sentence: 'a run of another name is not', runs: [run(1, ended('a', 1))], asked: 'A', found: null },
  {
    sentence: 'a run of another test is not',
    runs: [run(1, ended('a', 1, { testName: 'other' }))],
    asked: null,
    found: null,
  },
];

export function viewsContract(check: HistoryTest, sql: boolean): void {
  for (const { sentence, runs, asked, found } of NEWEST) {
    check(sentence, async (history) => {
      await history.settle(threads(...runs));
      const view = await history.findRun('t', asked);
      expect(view?.run.attempt ?? null).toBe(found);
      if (view !== null) expect(runs).toContainEqual(view.run);
    });
  }

  check('a run that is not judged yet has no rows', async (history) => {
    await history.settle(threads(ended('a', 1)));
    expect(await history.findRun('t', 'a')).toStrictEqual({ run: ended('a', 1), job: null, metrics: [] });
  });

  check('the metrics of a run come by name', async (history) => {
    await judge(
      history,
      ended('a', 1),
      ['b', '😀', 'B', '\uff5e'].map((name) => metric(name, 1)),
    );
    const names = (await history.findRun('t', 'a'))!.metrics.map(({ metricName }) => metricName);
    expect(names).toStrictEqual(['B', 'b', '\uff5e', '😀']);
  });

  check('tests are named once, in order, as soon as a run of theirs is known', async (history) => {
    const runs = ['b', 'a', '😀', 'b'].map((testName, i) => open(`${i}`, i, { testName }));
    await history.settle(threads(...runs, ended('e', 1, { testName: 'C' })));
    expect(await history.testNames()).toStrictEqual(['C', 'a', 'b', '😀']);
  });

  check('names of metrics: those with a condition in any run first, then by name', async (history) => {
    const free = { verdict: null };
    await judge(history, ended('a', 1), [metric('z', 1), metric('old', 1, free)]);
    await judge(history, ended('b', 2), [metric('z', 1, free), metric('b', 1, free), metric('y', null)]);
    await judge(history, ended('c', 3, { testName: 'other' }), [metric('other', 1)]);
    expect(await history.metricNames('t')).toStrictEqual(['y', 'z', 'b', 'old']);
    expect(await history.metricNames('none')).toStrictEqual([]);
  });

  check('a metric that only an old run has is still named', async (history) => {
    await judge(history, ended('first', 0), [metric('old', 1)]);
    for (let i = 1; i <= 60; i++) await judge(history, ended(`r${i}`, i), [metric('new', i)]);
    expect(await history.metricNames('t')).toStrictEqual(['new', 'old']);
  });

  check('a series is the newest points, oldest first, each with its run', async (history) => {
    const failed = ended('b', 2, { ended: { outcome: 'failure', finishedAt: day(2) } });
    const rows = [metric('m', 1, { lower: 0.5 }), metric('m', null, { kind: 'nan' }), metric('m', 3)];
    await judge(history, ended('c', 3), [rows[2]!, metric('n', 9)]);
    await judge(history, ended('a', 1), [rows[0]!]);
    await judge(history, failed, [rows[1]!]);
    const point = (i: number, runId: string, outcome: string) => {
      const facts = { accelerator: 'cpu' };
      return { ...rows[i], runId, uuid: `uuid-${runId}`, finishedAt: day(i + 1), outcome, facts };
    };
    const all = [point(0, 'a', 'success'), point(1, 'b', 'failure'), point(2, 'c', 'success')];
    expect(await history.series('t', 'm', 99)).toStrictEqual(all);
    expect(await history.series('t', 'm', 2)).toStrictEqual(all.slice(1));
    expect(await history.series('t', 'm', 0)).toStrictEqual([]);
    expect(await history.series('other', 'm', 9)).toStrictEqual([]);
  });

  check('of every test the newest runs come, newest first', async (history) => {
    for (const n of [2, 1, 3]) await judge(history, ended(`r${n}`, n));
    await judge(history, ended('x', 9, { testName: 'u' }));
    await judge(history, ended('old', 0, { testName: 'v' }));
    const found = await history.newestRuns({ since: day(1), limit: 2 });
    expect([...found].map(([name, runs]) => [name, runs.map(({ runId }) => runId)])).toStrictEqual([
      ['t', ['r3', 'r2']],
      ['u', ['x']],
    ]);
    expect(found.get('u')).toStrictEqual([job(ended('x', 9, { testName: 'u' }))]);
    expect(await history.newestRuns({ since: day(10), limit: 9 })).toStrictEqual(new Map());
  });

  check('everything is counted', async (history) => {
    const none = {
      tests: 0,
      finished_runs: 0,
      open_runs: 0,
      unjudged_runs: 0,
      metric_rows: 0,
      rejected_messages: 0,
      mails_waiting: 0,
      mails_failed: 0,
      open_episodes: 0,
    };
    expect(await history.counts()).toStrictEqual(none);
    await history.append({ events: [event()], rejected: [rejection()], at: day(1) });
    await judge(history, ended('a', 1), [metric('m', 1), metric('n', null)]);
    await history.settle(threads(ended('b', 2), open('c', 3, { testName: 'other' })));
    const statuses = ['pending', 'sending', 'sent', 'uncertain', 'failed', 'suppressed'] as const;
    await history.addMails(
      statuses.map((status) => entry(status, { status })),
      {},
    );
    const closed = episode('closed', { state: 'closed' });
    const told = changesOf(closed, episode('open'), episode('dim', { state: 'suspect' }));
    await history.recordEpisodes({ ...told, learnt: [], actions: [], ingestedAt: 0 });
    expect(await history.counts()).toStrictEqual({
      tests: 2,
      finished_runs: 1,
      open_runs: 1,
      unjudged_runs: 1,
      metric_rows: 2,
      rejected_messages: 1,
      mails_waiting: 2,
      mails_failed: 2,
      open_episodes: 2,
    });
  });

  if (sql) {
    check('a query answers with columns and rows', async (history) => {
      await judge(history, ended('a', 1), [metric('loss', 0.5)]);
      const { columns, rows } = await history.query('SELECT run_id, metric_value AS v FROM metric_history');
      expect(columns).toStrictEqual(['run_id', 'v']);
      expect([...rows]).toStrictEqual([['a', 0.5]]);
    });
  } else {
    check('a query is refused', async (history) => {
      const refusal = await history.query('SELECT 1').catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(PortError);
      expect(refusal).toMatchObject({ code: 'invalid' });
    });
  }
}
