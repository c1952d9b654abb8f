import { gatherRuns } from '../core/gather-run.ts';
import { learntEvent } from '../core/parse-message.ts';
import type { Run } from '../core/run.ts';
import type { RunEvent } from '../core/run-event.ts';
import { decideStatus } from '../core/status.ts';
import { compareText } from '../core/text-order.ts';
import type { History, IndexedRun } from '../ports/history.ts';
import { inferencesOf } from './inferences.ts';

/** Runs of a thread that any run of their test may begin in the place of, and of which nothing was decided. */
function openExpectations(events: readonly RunEvent[]): Run[] {
  if (!events.some(({ kind }) => kind === 'expected')) return [];
  return gatherRuns(events).filter(
    (run) => run.expected?.anyRun === true && inferencesOf(run, events).size === 0,
  );
}

/** Those of them whose time is up. */
export function dueExpectations(events: readonly RunEvent[], now: number): Run[] {
  return openExpectations(events).filter((run) => decideStatus(run, now, new Set()).kind === 'ended');
}

/**
 * Of each run that is expected: whether another run of its test has begun in time, which no other expectation has
 * taken. The one whose time is up first takes the one that began first. What was found is learnt on both sides; an
 * expectation that is met is no run any more, and one that is not is left as it is, to become `missed`.
 */
export async function meetExpectations(
  threads: readonly string[],
  history: Pick<History, 'eventsOf' | 'begunBetween' | 'settle'>,
): Promise<void> {
  const events = await history.eventsOf(threads);
  const waiting = threads
    .flatMap((thread) => openExpectations(events.get(thread) ?? []))
    .sort(
      (a, b) =>
        a.expected!.startBy - b.expected!.startBy ||
        a.expected!.since - b.expected!.since ||
        compareText(a.thread, b.thread),
    );
  for (const expected of waiting) {
    const { since: from, startBy: until } = expected.expected!;
    const begun = await history.begunBetween(expected.testName, { from, until });
    const records = await history.eventsOf([...new Set(begun.map(({ thread }) => thread))]);
    const taken = begun.find((run) => isFree(run, records.get(run.thread) ?? []));
    if (taken === undefined) continue;
    await history.settle([{ thread: expected.thread, runs: [], learnt: metBy(expected, taken) }]);
  }
}

/** One that somebody waits for by its own name is no other expectation's. */
function isFree({ runId }: IndexedRun, events: readonly RunEvent[]): boolean {
  return !events.some(
    ({ kind, id }) => kind === 'expected' || (kind === 'claimed' && id === `claimed/${runId}`),
  );
}

function metBy(expected: Run, begun: IndexedRun): RunEvent[] {
  const { testName } = expected;
  const time = begun.startedAt!;
  const body = { expected: expected.runId, run_id: begun.runId, uuid: begun.uuid };
  return [
    learntEvent({ kind: 'met', thread: expected.thread, testName, id: expected.runId, time, body }),
    learntEvent({ kind: 'claimed', thread: begun.thread, testName, id: begun.runId, time, body }),
  ];
}
