import { digestOfConfigRecord, threadOfConfig } from '../../core/config-record.ts';
import type { RunOrder } from '../../core/run.ts';
import { MESSAGE_KINDS } from '../../core/run-event.ts';
import type { EarlierRuns, EventStore, RunIndex, RunRecorder } from '../../ports/history.ts';
import { type Told, toldOn } from './held-told.ts';
import type { Holding } from './holding.ts';
import type { Remote } from './remote.ts';
import { placeOfRun, type Residence } from './residence.ts';

/** The parts of a history that a pass works with. */
export type Worked = EventStore & RunIndex & EarlierRuns & RunRecorder & Told;

/**
 * A history over rows that lie far away: a pass works on a copy of those rows that it needs, by the very code of
 * the embedded store, and what it changes is written in few steps, each of which happens as a whole. It serves one
 * pass at a time: after `recordTick`, and after any failure, nothing is held.
 */
export function workOn(holding: Holding, remote: Remote): Worked {
  return {
    ...messages(holding),
    ...index(holding, remote),
    ...earlier(holding),
    ...toldOn(holding),
    record: (entry) =>
      holding.use(async (here) => {
        const { uuid, testName, finishedAt } = entry.job;
        await here.runs([], [uuid]);
        await here.past.before([{ testName, finishedAt }]);
        // The text of a config always stands at the same time, so it may be written unread.
        const learnt = entry.learnt.filter(({ kind }) => kind !== 'config-text');
        await here.events(learnt.map(({ thread }) => thread));
        await here.copy.record(entry);
      }),
    async recordTick(row) {
      await holding.write(({ copy }) => copy.recordTick(row));
      // The pass is over: whoever begins another one may find that somebody else was here in between.
      await holding.drop();
    },
  };
}

function messages({ use, write }: Holding): EventStore {
  return {
    append: (batch) =>
      write(async (here) => {
        await here.messages(batch.events);
        await here.conflicts(
          batch.events,
          batch.rejected.map(({ id }) => id),
        );
        return here.copy.append(batch);
      }),
    eventsOf: (threads) =>
      use(async (here) => {
        await here.events(threads);
        return here.copy.eventsOf(threads);
      }),
    rejected: () =>
      use(async (here) => {
        await here.rejections(null);
        return here.copy.rejected();
      }),
    forgetRejected: (ids) =>
      write(async (here) => {
        await here.rejections(ids);
        await here.copy.forgetRejected(ids);
      }),
  };
}

function index({ use, flush, drop }: Holding, remote: Remote): RunIndex {
  return {
    unsettled: (now, limit) => use(({ copy }) => copy.unsettled(now, limit)),
    openRuns: () => use(({ copy }) => copy.openRuns()),
    begunBetween: (testName, time) =>
      use(async (here) => {
        await here.begun(testName, time);
        return here.copy.begunBetween(testName, time);
      }),
    threadsOf: (uuids) =>
      use(async (here) => {
        await here.runs([], uuids);
        return here.copy.threadsOf(uuids);
      }),
    settle: (threads) =>
      use(async (here) => {
        const uuids = threads.flatMap(({ runs }) => runs.map(({ uuid }) => uuid));
        await here.standing(
          threads.map(({ thread }) => thread),
          uuids,
        );
        // The pipeline has read these events; who has not may replace a row that stands at another time.
        await here.events(threads.flatMap(({ learnt }) => learnt.map(({ thread }) => thread)));
        await here.copy.settle(threads);
      }),
    toJudge: (after, limit) =>
      use(async (here) => {
        const tasks = await here.copy.toJudge(after, limit);
        // Who asks for more than that counts, and judges none of them now.
        if (tasks.length <= WINDOW)
          await prepare(
            here,
            after,
            tasks.map(({ uuid }) => uuid),
          );
        return tasks;
      }),
    async rebuild() {
      await flush();
      await drop();
      await remote.rebuild(MESSAGE_KINDS);
    },
  };
}

/** Runs that are prepared together. */
const WINDOW = 1000;

/** Loads at once what judging these runs, those behind them, and those that they may mark asks for. */
async function prepare(here: Residence, after: RunOrder | null, uuids: readonly string[]): Promise<void> {
  if (uuids.every((uuid) => here.prepared.has(uuid))) return;
  const next = await here.copy.toJudge(after, WINDOW);
  const waiting = here.copy.rowsWith(
    'runs',
    'uuid',
    next.map(({ uuid }) => uuid),
  );
  await here.past.before(waiting.map(placeOfRun));
  const tests = [...new Set(waiting.map(({ test_name }) => String(test_name)))];
  const later = here.copy.rowsWith('runs', 'test_name', tests).filter(({ judged }) => judged === 1);
  const threads = [...waiting, ...later.slice(0, WINDOW)].map(({ thread }) => String(thread));
  await here.events(threads);
  const records = here.copy.rowsWith('run_events', 'thread', threads).filter(({ kind }) => kind === 'config');
  const digests = new Set(records.flatMap(({ body }) => digestOfConfigRecord(String(body)) ?? []));
  await here.events([...digests].map(threadOfConfig));
  await here.episodes(tests);
  for (const { uuid } of next) here.prepared.add(uuid);
}

function earlier({ use }: Holding): EarlierRuns {
  const before = async <T>(
    [testName, { finishedAt }]: readonly [string, RunOrder],
    ask: (here: Residence) => Promise<T>,
  ): Promise<T> =>
    use(async (here) => {
      await here.past.before([{ testName, finishedAt }]);
      return ask(here);
    });
  return {
    earlierValues: (testName, order, needs) =>
      before([testName, order], async ({ copy, past }) => {
        for (;;) {
          const values = await copy.earlierValues(testName, order, needs);
          let deeper = false;
          for (const [metric, { limit: wanted }] of needs) {
            const found = values.get(metric)?.values.length ?? 0;
            deeper = (await past.deepen(testName, metric, { found, wanted })) || deeper;
          }
          if (!deeper) return values;
        }
      }),
    lastGoodRun: (testName, order, metric) =>
      before([testName, order], ({ copy }) => copy.lastGoodRun(testName, order, metric)),
    runBack: (testName, order, options) =>
      before([testName, order], async ({ copy, past }) => {
        for (;;) {
          const found = await copy.runBack(testName, order, options);
          const asked = { found: 0, wanted: options.nth };
          if (found !== null || !(await past.deepen(testName, options.metric, asked))) return found;
        }
      }),
    recentPoints: (testName, order, options) =>
      before([testName, order], async ({ copy, past }) => {
        for (;;) {
          const points = await copy.recentPoints(testName, order, options);
          const asked = { found: points.length, wanted: options.limit };
          if (!(await past.deepen(testName, options.metric, asked))) return points;
        }
      }),
    hasLater: (testName, order) => before([testName, order], ({ copy }) => copy.hasLater(testName, order)),
  };
}
