import { gatherRuns } from '../core/gather-run.ts';
import { type Observed, observedEvent } from '../core/job-end.ts';
import type { Run } from '../core/run.ts';
import type { RunEvent } from '../core/run-event.ts';
import type { JobQuery, JobSighting } from '../ports/outcomes.ts';
import type { Ports } from './context.ts';

/**
 * Asks how the Jobs of open runs stand and records what is new, so that settling them needs no cluster. What a
 * cluster does not answer is asked again at the next tick. Answers how many rows it recorded.
 */
export async function askOutcomes({ history, outcomes, clock, log }: Ports): Promise<number> {
  if (outcomes === null) return 0;
  const runs = await runsToAsk(history);
  if (runs.length === 0) return 0;
  const sightings = await outcomes.look(runs.map(queryOf));
  const events: RunEvent[] = [];
  const unknown = new Map<string, number>();
  for (const run of runs) {
    const sighting = sightings.get(run.uuid)!;
    if (sighting.kind === 'unknown') unknown.set(sighting.detail, (unknown.get(sighting.detail) ?? 0) + 1);
    const observed = newIn(sighting, run, { now: clock.now() });
    if (observed === null) continue;
    if (observed.kind === 'refused') log.warn(`Run "${run.runId}" cannot be asked for: ${observed.detail}`);
    events.push(observedEvent(run, observed));
  }
  for (const [detail, count] of unknown) {
    log.warn(`${detail}; ${count} open ${count === 1 ? 'run waits' : 'runs wait'} for the next tick`);
  }
  if (events.length > 0) await history.append({ events, rejected: [], at: clock.now() });
  return events.length;
}

/** An open run as its messages tell it, under the uuid it has in the index. */
async function runsToAsk(history: Ports['history']): Promise<Run[]> {
  const open = await history.openRuns();
  const events = await history.eventsOf([...new Set(open.map(({ thread }) => thread))]);
  return open.flatMap(({ uuid, thread, runId }) => {
    const run = gatherRuns(events.get(thread) ?? []).find((one) => one.runId === runId);
    return run?.job ? [{ ...run, uuid }] : [];
  });
}

function queryOf(run: Run): JobQuery {
  const { cluster, location, namespace, name, uid } = run.job!;
  const { uuid, publishTime: knownAt } = run;
  return { uuid, cluster, location, namespace, jobName: name, jobUid: uid, knownAt };
}

/** What is to be recorded of a sighting; null when it says nothing new. */
function newIn(sighting: JobSighting, run: Run, { now }: { readonly now: number }): Observed | null {
  const { runId } = run;
  if (sighting.kind === 'ended') return { kind: 'ended', runId, end: sighting.end };
  if (sighting.kind === 'gone' && run.jobGoneAt === null) return { kind: 'gone', runId, at: now };
  if (sighting.kind !== 'refused' || run.jobRefusal !== null) return null;
  return { kind: 'refused', runId, detail: sighting.detail };
}
