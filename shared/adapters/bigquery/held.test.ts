import { join } from 'node:path';
import { expect, test } from 'vitest';
import { historyContract } from '../../../test/contracts/history.ts';
import { changesOf, episode } from '../../../test/support/episode-rows.ts';
import {
  day,
  ended,
  event,
  job,
  judge,
  metric,
  newestValues,
  placeOf,
  threads,
} from '../../../test/support/history-rows.ts';
import { sqliteRemote } from '../../../test/support/sqlite-remote.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { History } from '../../ports/history.ts';
import { sqliteHistory } from '../sqlite/history.ts';
import { sqliteWorkingCopy } from '../sqlite/working-copy.ts';
import { workOn } from './held.ts';
import { holdingOf } from './holding.ts';
import type { Remote } from './remote.ts';

const DAY_MS = 86_400_000;

interface Given {
  readonly depth?: number;
  readonly lookbackDays?: number;
  readonly mostRows?: number;
  /** Whether each call is a pass of its own, so that it finds nothing but what is stored. */
  readonly newPass?: boolean;
}

/** A history whose rows lie in SQLite and are worked on in copies; `asked` counts what was asked of the store. */
async function held({ depth = 100, lookbackDays = 400, mostRows, newPass = false }: Given = {}) {
  const file = join(temporaryFolder(), 'remote.db');
  const people = sqliteHistory({ file });
  const remote = sqliteRemote(file);
  const asked: string[] = [];
  const broken = { now: false };
  const counting = Object.fromEntries(
    Object.entries(remote).map(([name, ask]) => [
      name,
      async (...given: unknown[]) => {
        asked.push(name);
        if (broken.now) throw new Error('the store is away');
        return (ask as (...given: unknown[]) => unknown)(...given);
      },
    ]),
  ) as unknown as Remote;
  const holding = holdingOf(counting, {
    workingCopy: sqliteWorkingCopy,
    depth,
    lookbackMs: lookbackDays * DAY_MS,
    ...(mostRows === undefined ? {} : { mostRows }),
  });
  const history = withViews(people, {
    ...workOn(holding, counting),
    flush: () => holding.flush(),
    close: async () => {
      await holding.drop();
      await people.close();
      remote.close();
    },
  });
  if (!newPass) return { history, asked, broken };
  const alone = Object.entries(history).map(([name, call]) => [
    name,
    typeof call !== 'function' || name === 'close'
      ? call
      : async (...given: unknown[]) => {
          const answer = await (call as (...given: unknown[]) => Promise<unknown>)(...given);
          await holding.flush();
          await holding.drop();
          return answer;
        },
  ]);
  return { history: Object.fromEntries(alone) as History, asked, broken };
}

/** People are answered from the store, by its own code. */
function withViews(people: History, worked: Omit<History, ViewName>): History {
  const views = VIEWS.map((name) => [
    name,
    async (...given: never[]) => {
      await worked.flush();
      return (people[name] as (...given: never[]) => Promise<unknown>)(...given);
    },
  ]);
  return { ...worked, ...(Object.fromEntries(views) as Pick<History, ViewName>) };
}

const VIEWS = [
  ...(['testNames', 'findRun', 'metricNames', 'series', 'newestRuns', 'counts', 'query'] as const),
  ...(['episodes', 'episodeEvents', 'notices', 'sightings', 'deliveries', 'runCounts', 'decisions'] as const),
  ...(['runsWith', 'unjudgedRuns'] as const),
] as const;
type ViewName = (typeof VIEWS)[number];

historyContract({
  name: 'a copy of the rows that a pass needs',
  open: async () => (await held()).history,
  sql: true,
});
historyContract({
  name: 'a copy begun anew for every call',
  open: async () => (await held({ depth: 1, newPass: true })).history,
  sql: true,
});

const before = placeOf(ended('z', 99));
const fail = { verdict: 'fail', reason: 'above' } as const;

test('the last good run is exact, however far behind the rows that are loaded', async () => {
  const { history } = await held({ depth: 2, newPass: true });
  for (let n = 1; n <= 9; n++) {
    await judge(history, ended(`r${n}`, n), [metric('loss', n, n === 2 ? {} : fail)]);
  }
  const good = await history.lastGoodRun('t', before, 'loss');
  expect(good).toMatchObject({ job: { runId: 'r2' }, metric: { value: 2 } });
  expect(await history.lastGoodRun('t', placeOf(ended('a', 2)), 'loss')).toBeNull();
  expect((await history.runBack('t', before, { metric: 'loss', nth: 8 }))?.job.runId).toBe('r2');
  expect(await history.runBack('t', before, { metric: 'loss', nth: 10 })).toBeNull();
  await history.close();
});

test('as many values are found as are asked for, although fewer were loaded at first', async () => {
  const { history, asked } = await held({ depth: 2, newPass: true });
  for (let n = 1; n <= 20; n++) {
    const value = n % 3 === 0 ? null : n;
    await judge(history, ended(`r${n}`, n), [metric('loss', value), metric('acc', n)]);
  }
  asked.length = 0;
  const found = await newestValues(history, ['t', before], { loss: 12, acc: 1 });
  expect(found.get('loss')).toStrictEqual([20, 19, 17, 16, 14, 13, 11, 10, 8, 7, 5, 4]);
  expect(asked.filter((name) => name === 'series')).toHaveLength(2);
  const recent = await history.recentPoints('t', before, { metric: 'loss', limit: 15 });
  expect(recent).toHaveLength(15);
  expect(await history.recentPoints('t', before, { metric: 'none', limit: 15 })).toStrictEqual([]);
  await history.close();
});

test('the last success is found behind many runs that are none', async () => {
  const { history } = await held({ depth: 2, newPass: true });
  const outcomes = ['success', 'failure', ...Array.from({ length: 6 }, () => 'preempted' as const)] as const;
  for (const [n, outcome] of outcomes.entries()) {
    await judge(history, ended(`r${n}`, n, { ended: { outcome, finishedAt: day(n) } }));
  }
  expect((await history.lastGoodRun('t', before, null))?.job.runId).toBe('r0');
  await history.close();
});

test('what ended longer ago than the lookback is not looked back on', async () => {
  const { history } = await held({ lookbackDays: 5, newPass: true });
  for (const n of [1, 4, 6]) await judge(history, ended(`r${n}`, n), [metric('loss', n)]);
  const values = await newestValues(history, ['t', placeOf(ended('z', 8))], { loss: 9 });
  expect(values.get('loss')).toStrictEqual([6, 4]);
  await history.close();
});

test('the statements of a pass do not grow with its runs', async () => {
  const statementsOf = async (runs: number) => {
    const { history, asked } = await held();
    const names = Array.from({ length: runs }, (_, n) => `r${n}`);
    const events = names.map((id) => event({ id: `${id}/1/finished`, thread: `run:${id}` }));
    await history.append({ events, rejected: [], at: day(1) });
    const due = await history.unsettled(day(9), 500);
    await history.eventsOf(due);
    await history.threadsOf(names.map((id) => `uuid-${id}`));
    await history.settle(
      threads(...names.map((id, n) => ended(id, 1 + n / 1000, { testName: `t${n % 7}` }))),
    );
    for (let [task] = await history.toJudge(null, 1); task !== undefined; ) {
      await history.eventsOf([task.thread]);
      const n = names.indexOf(task.runId);
      const run = ended(task.runId, 1 + n / 1000, { testName: `t${n % 7}` });
      await newestValues(history, [run.testName, task], { loss: 30 });
      await history.hasLater(run.testName, task);
      const episodes = await history.episodesOf(run.testName);
      const seq = (await history.lastRecord(run.testName)) + 1;
      await history.record({
        job: job(run),
        metrics: [metric('loss', n)],
        learnt: [],
        told: changesOf(...episodes, episode(run.runId, { testName: run.testName, record: seq })),
        ingestedAt: 0,
      });
      [task] = await history.toJudge(task, 1);
    }
    await history.flush();
    await history.close();
    return asked;
  };
  const few = await statementsOf(10);
  expect(await statementsOf(200)).toStrictEqual(few);
  expect(few.length).toBeLessThan(12);
});

test('what could not be written is dropped, and the store says what is still to be done', async () => {
  const { history, broken } = await held();
  await history.settle(threads(ended('a', 1)));
  await history.flush();
  await judge(history, ended('b', 2), [metric('loss', 1)]);
  broken.now = true;
  await expect(history.flush()).rejects.toThrow('away');
  await expect(history.toJudge(null, 9)).rejects.toThrow('away');
  broken.now = false;
  expect((await history.toJudge(null, 9)).map(({ runId }) => runId)).toStrictEqual(['a']);
  await history.close();
});

test('a copy that grew too large is begun anew, and nothing is lost', async () => {
  const { history, asked } = await held({ mostRows: 5 });
  for (let n = 1; n <= 6; n++) {
    await judge(history, ended(`r${n}`, n), [metric('loss', n)]);
    await history.flush();
  }
  const values = await newestValues(history, ['t', before], { loss: 9 });
  expect(values.get('loss')).toStrictEqual([6, 5, 4, 3, 2, 1]);
  expect(asked.filter((name) => name === 'opening').length).toBeGreaterThan(1);
  await history.close();
});

test('calls made together are done one after the other', async () => {
  const { history, asked } = await held();
  const runs = ['a', 'b', 'c'].map((id, n) => ended(id, n));
  await Promise.all([
    history.settle(threads(...runs)),
    ...runs.map((run) => history.eventsOf([run.thread])),
    history.toJudge(null, 9),
    history.flush(),
  ]);
  expect((await history.counts()).unjudged_runs).toBe(3);
  expect(asked.filter((name) => name === 'opening')).toHaveLength(1);
  await history.close();
});
