import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Worked, workOn } from '../../shared/adapters/bigquery/held.ts';
import { type Holding, holdingOf } from '../../shared/adapters/bigquery/holding.ts';
import { sqliteHistory } from '../../shared/adapters/sqlite/history.ts';
import { sqliteWorkingCopy } from '../../shared/adapters/sqlite/working-copy.ts';
import { type History, MAIL_STATUSES } from '../../shared/ports/history.ts';
import { TABLE_KEYS, TABLE_NAMES } from '../../shared/ports/tables.ts';
import { changesOf, nextEpisode } from '../support/episode-rows.ts';
import { day, ended, event, job, placeOf, recordOf } from '../support/history-rows.ts';
import { anyStep, METRICS, RUN_IDS, type Step, TESTS } from '../support/history-steps.ts';
import { sqliteRemote } from '../support/sqlite-remote.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What befalls the copy between two steps: nothing, a write, the end of its pass. */
type Between = 'on' | 'flush' | 'new pass';

interface Ask {
  readonly do: 'ask';
  readonly test: string;
  readonly metric: string;
  readonly at: number;
  readonly runId: string;
}

const between = fc.constantFrom<Between>('on', 'on', 'on', 'flush', 'new pass');
const ask: fc.Arbitrary<Ask> = fc.record({
  do: fc.constant('ask' as const),
  test: fc.constantFrom(...TESTS),
  metric: fc.constantFrom(...METRICS),
  at: fc.integer({ min: 0, max: 5 }),
  runId: fc.constantFrom(...RUN_IDS),
});
// A rebuild is SQL on whole tables and never goes through the copy.
const step = fc.oneof(
  { weight: 4, arbitrary: anyStep.filter((one) => one.do !== 'rebuild') },
  { weight: 1, arbitrary: ask },
);

interface Pair {
  readonly plain: History;
  readonly held: Worked;
  readonly holding: Holding;
}

async function take({ plain, held }: Pair, given: Step | Ask): Promise<void> {
  switch (given.do) {
    case 'append': {
      const batch = { events: given.events, rejected: [], at: day(30) };
      expect(await held.append(batch)).toStrictEqual(await plain.append(batch));
      break;
    }
    case 'settle': {
      const threads = [{ thread: given.thread, runs: given.runs, learnt: [] }];
      await plain.settle(threads);
      await held.settle(threads);
      break;
    }
    case 'mail':
      await plain.addMails([given.entry], {});
      await held.addMails([given.entry], {});
      break;
    case 'judge':
      await judgeNext({ plain, held }, given);
      break;
    case 'ask':
      expect(await answers(held, given)).toStrictEqual(await answers(plain, given));
  }
}

async function judgeNext(
  { plain, held }: Pick<Pair, 'plain' | 'held'>,
  { metrics, verdict }: Step & { do: 'judge' },
): Promise<void> {
  const tasks = await plain.toJudge(null, 2);
  expect(await held.toJudge(null, 2)).toStrictEqual(tasks);
  const [task] = tasks;
  if (task === undefined) return;
  for (const testName of TESTS) {
    const view = await plain.findRun(testName, task.runId);
    if (view?.run.uuid !== task.uuid) continue;
    const told = verdict === 'fail' ? changesOf(await nextEpisode(plain, view.run)) : changesOf();
    const learnt = [event({ eventKey: `learnt ${task.uuid}`, thread: task.thread, kind: 'collected' })];
    const record = { ...recordOf(view.run, metrics, { told, learnt }), job: job(view.run, { verdict }) };
    await plain.record(record);
    await held.record(record);
  }
}

async function answers(history: Worked, { test: name, metric, at, runId }: Ask) {
  const place = placeOf(ended(runId, at, { uuid: `u-${runId}` }));
  return [
    await history.earlierValues(name, place, new Map([[metric, { limit: 3 }]])),
    await history.recentPoints(name, place, { metric, limit: 4 }),
    await history.runBack(name, place, { metric, nth: 2 }),
    await history.lastGoodRun(name, place, metric),
    await history.lastGoodRun(name, place, null),
    await history.episodesOf(name),
    await history.lastRecord(name),
    await history.hasLater(name, place),
    await history.unsettled(day(3), 99),
    await history.openRuns(),
    await history.waitingNotices(),
    await history.mails(MAIL_STATUSES.slice(0, 3)),
    [...(await history.threadsOf([`u-${runId}`]))],
    [...(await history.eventsOf(['run:1']))],
  ];
}

/** Every row but the moment when it was written. */
function tables(file: string) {
  const database = new DatabaseSync(file, { readOnly: true });
  const all = TABLE_NAMES.map((table) => {
    const rows = database.prepare(`SELECT * FROM ${table} ORDER BY ${TABLE_KEYS[table].join(', ')}`).all();
    return [table, rows.map(({ ingested_at: _, created_at: __, ...row }) => row)];
  });
  database.close();
  return all;
}

test('a copy of few rows, begun anew at any time, leaves the same tables as the whole history', async () => {
  let flushed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(step, between), { minLength: 1, maxLength: 25 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, depth) => {
        const folder = temporaryFolder();
        const files = [join(folder, 'plain.db'), join(folder, 'remote.db')] as const;
        const plain = sqliteHistory({ file: files[0] });
        await sqliteHistory({ file: files[1] }).close();
        const remote = sqliteRemote(files[1]);
        const holding = holdingOf(remote, {
          workingCopy: sqliteWorkingCopy,
          depth,
          lookbackMs: 400 * 86_400_000,
        });
        const pair = { plain, holding, held: workOn(holding, remote) };
        for (const [one, then] of steps) {
          await take(pair, one);
          if (then !== 'on') await holding.flush();
          if (then === 'new pass') await holding.drop();
        }
        await holding.flush();
        flushed += remote.writes();
        expect(tables(files[1])).toStrictEqual(tables(files[0]));
        await holding.drop();
        await plain.close();
      },
    ),
    { numRuns: 120 },
  );
  expect(flushed).toBeGreaterThan(120);
});
