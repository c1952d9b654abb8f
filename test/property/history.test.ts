import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryHistory } from '../../shared/adapters/memory/history.ts';
import { sqliteHistory } from '../../shared/adapters/sqlite/history.ts';
import { type History, MAIL_STATUSES } from '../../shared/ports/history.ts';
import { changesOf, nextEpisode } from '../support/episode-rows.ts';
import { day, ended, event, job, placeOf, recordOf } from '../support/history-rows.ts';
import { anyEvent, anyStep, METRICS, RUN_IDS, type Step, TESTS } from '../support/history-steps.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Does one step; what is judged is what the history itself says is next. */
async function take(history: History, given: Step): Promise<void> {
  if (given.do === 'append') await history.append({ events: given.events, rejected: [], at: day(30) });
  else if (given.do === 'settle')
    await history.settle([{ thread: given.thread, runs: given.runs, learnt: [] }]);
  else if (given.do === 'mail') await history.addMails([given.entry], {});
  else if (given.do === 'rebuild') await history.rebuild();
  else await judgeNext(history, given);
}

async function judgeNext(history: History, { metrics, verdict }: Step & { do: 'judge' }): Promise<void> {
  const [task] = await history.toJudge(null, 1);
  if (task === undefined) return;
  for (const testName of TESTS) {
    const view = await history.findRun(testName, task.runId);
    if (view?.run.uuid !== task.uuid) continue;
    const told = verdict === 'fail' ? changesOf(await nextEpisode(history, view.run)) : changesOf();
    const learnt = [event({ eventKey: `learnt ${task.uuid}`, thread: task.thread, kind: 'collected' })];
    const record = recordOf(view.run, metrics, { told, learnt });
    await history.record({ ...record, job: job(view.run, { verdict }) });
  }
}

/** Everything a history can be asked. */
async function answers(history: History) {
  const places = RUN_IDS.flatMap((id) => [1, 3].map((n) => placeOf(ended(id, n, { uuid: `u-${id}` }))));
  const all: unknown[] = [
    (await history.rejected()).map(({ body, ...rest }) => ({ ...rest, body: [...(body ?? [])] })),
    [...(await history.eventsOf(['run:1', 'run:2', 'job:3']))].sort(),
    [await history.unsettled(day(3), 99), await history.toJudge(null, 99), await history.openRuns()],
    [...(await history.threadsOf(RUN_IDS.map((id) => `u-${id}`)))].sort(),
    [
      await history.testNames(),
      await history.counts(),
      await history.notices(null),
      await history.waitingNotices(),
    ],
    await history.mails(MAIL_STATUSES),
  ];
  for (const test of TESTS) {
    all.push(await history.findRun(test, null), await history.metricNames(test));
    for (const id of RUN_IDS) all.push(await history.findRun(test, id));
    all.push(await history.episodesOf(test), await history.lastRecord(test));
    for (const { episodeId } of await history.episodes({ testName: test }))
      all.push(await history.episodeEvents(episodeId));
    for (const name of METRICS) all.push(await history.series(test, name, 9));
    for (const place of places) {
      all.push(
        place,
        await history.earlierValues(test, place, new Map(METRICS.map((name) => [name, { limit: 3 }]))),
      );
      all.push(await history.hasLater(test, place), await history.lastGoodRun(test, place, null));
      all.push(await history.lastGoodRun(test, place, METRICS[0]!));
      all.push(await history.runBack(test, place, { metric: METRICS[0]!, nth: 2 }));
      all.push(await history.recentPoints(test, place, { metric: METRICS[1]!, limit: 2 }));
    }
  }
  return all;
}

test('memory and SQLite answer the same after any sequence of steps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 25 }), async (steps) => {
      const memory = memoryHistory();
      const sqlite = sqliteHistory({ file: join(temporaryFolder(), 'tidemark.db') });
      try {
        for (const one of steps) {
          await take(memory, one);
          await take(sqlite, one);
        }
        expect(await answers(sqlite)).toStrictEqual(await answers(memory));
      } finally {
        await sqlite.close();
      }
    }),
    { numRuns: 150 },
  );
});

test('appending in any order, split and repetition leaves the same events and rejected messages', async () => {
  const batches = fc.array(anyEvent, { minLength: 1, maxLength: 8 }).chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray([...events, ...events], {
        minLength: events.length * 2,
        maxLength: events.length * 2,
      }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(batches, async ([events, shuffled]) => {
      const [one, other] = [memoryHistory(), memoryHistory()];
      await one.append({ events, rejected: [], at: day(30) });
      for (const single of shuffled) await other.append({ events: [single], rejected: [], at: day(30) });
      const said = async (history: History) => [
        await history.eventsOf(['run:1', 'run:2', 'job:3']),
        await history.rejected(),
      ];
      expect(await said(other)).toStrictEqual(await said(one));
    }),
    { numRuns: 500 },
  );
});
