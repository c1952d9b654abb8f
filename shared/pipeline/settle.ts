import { gatherRuns } from '../core/gather-run.ts';
import { learntEvent } from '../core/parse-message.ts';
import type { Run } from '../core/run.ts';
import type { RunEvent } from '../core/run-event.ts';
import { decideStatus, inferenceId, type Status } from '../core/status.ts';
import { formatTime } from '../core/time.ts';
import { settleUuids } from '../core/uuid-claims.ts';
import type { IndexedRun, SettledThread } from '../ports/history.ts';
import type { Ports } from './context.ts';
import { inferencesOf } from './inferences.ts';
import { dueExpectations, meetExpectations } from './meet-expectations.ts';

/** Threads settled in one transaction. */
const BATCH = 500;
/** Of what year 1 begins with nothing can be due. */
const BEGINNING = Date.parse('0001-01-01T00:00:00Z');

/**
 * Decides how every run stands about which something is new, or whose time is up at `now`, and brings the
 * index up to date. A replay passes minus infinity: then only what an earlier tick inferred still counts.
 */
export async function settle({ history, log }: Ports, now: number): Promise<void> {
  const expecting = new Set<string>();
  const begun = await settleThreads({ history, log }, now, { expecting });
  // Only now: whichever run began in the place of one that is expected is in the index.
  const open = begun.size === 0 ? [] : await history.openRuns();
  const met = open.filter(({ startedAt, testName }) => startedAt === null && begun.has(testName));
  const waiting = [...new Set([...expecting, ...met.map(({ thread }) => thread)])];
  if (waiting.length > 0) await meetExpectations(waiting, history);
  if (expecting.size > 0) await settleThreads({ history, log }, now, { expecting: null });
}

/**
 * Threads that wait for any run to begin, and whose time is up, are left out and added to `expecting`. Answers with the
 * tests of which a run has begun.
 */
async function settleThreads(
  { history, log }: Pick<Ports, 'history' | 'log'>,
  now: number,
  { expecting }: { readonly expecting: Set<string> | null },
): Promise<ReadonlySet<string>> {
  const begun = new Set<string>();
  // The index knows no time before year 1; nothing is due then either.
  const due = Number.isFinite(now) ? now : BEGINNING;
  const leftOut = new Set<string>();
  const settleAll = async (threads: readonly string[]): Promise<Settling[]> => {
    const events = await history.eventsOf(threads);
    return threads.flatMap((thread) => {
      try {
        const known = events.get(thread) ?? [];
        if (expecting !== null && dueExpectations(known, now).length > 0) {
          expecting.add(thread);
          leftOut.add(thread);
          return [];
        }
        return [settleThread(thread, known, { now })];
      } catch (error) {
        // Nothing that a message says should come here; if it does, the other runs still get their verdict.
        leftOut.add(thread);
        log.error(`Cannot tell how ${thread} stands: ${(error as Error).message}`, { error });
        return [];
      }
    });
  };
  for (;;) {
    const threads = (await history.unsettled(due, BATCH + leftOut.size)).filter(
      (thread) => !leftOut.has(thread),
    );
    if (threads.length === 0) return begun;
    const settled = await settleAll(threads);
    for (const { testName, startedAt } of settled.flatMap(({ runs }) => runs)) {
      if (startedAt !== null) begun.add(testName);
    }
    // Who holds a uuid that these runs claim is settled with them: of all who claim it one gets it.
    for (;;) {
      const taken = await history.threadsOf(settled.flatMap(claimed));
      const known = new Set([...settled.map(({ thread }) => thread), ...leftOut]);
      const holders = [...new Set(taken.values())].filter((thread) => !known.has(thread));
      if (holders.length === 0) {
        const changed = withUuids(settled, log).filter(
          ({ thread, runs }) =>
            threads.includes(thread) || runs.some(({ uuid }) => taken.get(uuid) !== thread),
        );
        await history.settle(changed);
        break;
      }
      settled.push(...(await settleAll(holders)));
    }
  }
}

/** A run as it may enter the index: still with the uuid it falls back to. */
type Candidate = IndexedRun & { readonly ownUuid: string };
type Settling = Omit<SettledThread, 'runs'> & { readonly runs: readonly Candidate[] };

function settleThread(thread: string, events: readonly RunEvent[], { now }: { now: number }): Settling {
  const settled = gatherRuns(events).map((run) => {
    return { run, status: decideStatus(run, now, inferencesOf(run, events)) };
  });
  return {
    thread,
    runs: settled.map(({ run, status }) => indexed(run, status)),
    learnt: settled.flatMap(({ run, status }) => outcomeEvent(run, status) ?? []),
  };
}

function outcomeEvent(run: Run, status: Status): RunEvent | null {
  if (status.kind === 'open') return null;
  const { outcome, finishedAt, reason } = status;
  const id = inferenceId({ outcome, finishedAt, dueAt: finishedAt, reason: 'deadline' });
  return learntEvent({
    kind: 'outcome',
    thread: run.thread,
    testName: run.testName,
    id: `${run.runId}/${id}${reason === 'reported' ? '/reported' : ''}`,
    time: finishedAt,
    body: { run_id: run.runId, outcome, finished_at: formatTime(finishedAt), reason },
  });
}

function indexed(run: Run, status: Status): Candidate {
  const { uuid, ownUuid, thread, testName, runId, attempt, startedAt } = run;
  const ended = status.kind === 'ended' ? { outcome: status.outcome, finishedAt: status.finishedAt } : null;
  const checkAt = status.kind === 'open' ? status.checkAt : null;
  return { uuid, ownUuid, thread, testName, runId, attempt, startedAt, ended, checkAt };
}

function claimed({ runs }: Settling): string[] {
  return runs.flatMap(({ uuid, ownUuid }) => (uuid === ownUuid ? [uuid] : [uuid, ownUuid]));
}

/** A uuid that a message brought may stand for another run: then this one keeps its derived uuid. */
function withUuids(settled: readonly Settling[], log: Ports['log']): SettledThread[] {
  const candidates = settled.flatMap(({ runs }) => runs);
  const uuids = settleUuids(candidates);
  const given = new Map(candidates.map((run, index) => [run, uuids[index]!]));
  return settled.map(({ runs, ...thread }) => ({
    ...thread,
    runs: runs.map((candidate) => {
      const { ownUuid: _, ...run } = candidate;
      const uuid = given.get(candidate)!;
      if (uuid !== run.uuid) {
        log.warn(`uuid ${run.uuid} of run "${run.runId}" already stands for another run; it gets ${uuid}`);
      }
      return { ...run, uuid };
    }),
  }));
}
