import { type CloudEvent, type FinishedData, finishedEvent } from './event-envelope.ts';
import type { JobEnd } from './job-end.ts';

/** `reporter` of what the watcher tells: of a whole Job with all its attempts, by the clock of its cluster. */
export const WATCHER = 'watcher';

/** A Job or JobSet that ended. */
export interface WatchedEnd {
  readonly testName: string;
  readonly cluster: string;
  readonly namespace: string;
  /** Of the Job or JobSet; the run's id, as its publisher has it. */
  readonly uid: string;
  readonly end: JobEnd;
  /**
   * Null: all is known that there was to know. Else of how many failed Pods (or Jobs of a JobSet) the cause was read,
   * where there had been more.
   */
  readonly partial: number | null;
}

/**
 * The event by which the watcher tells of an end. It is made of the object alone, so a watcher that begins anew tells
 * the same bytes. What Pods said may be gone by then; such an event has an id of its own and never contradicts the
 * first one: of several ends the more precise outcome counts (`chooseEnd`).
 */
export function watcherEvent(told: WatchedEnd): CloudEvent<FinishedData> {
  const { testName, cluster, namespace, uid, end, partial } = told;
  const { outcome, finishedAt, startedAt, failures, reason, message } = end;
  const source = `//tidemark/watcher/${encodeURIComponent(cluster.toWellFormed())}`;
  const event = finishedEvent(
    { source, runId: uid, attempt: 1, testName, cluster, namespace },
    {
      outcome,
      finishedAt,
      startedAt: startedAt ?? undefined,
      reason: reason || undefined,
      message: message || undefined,
      numFailures: failures,
      reporter: WATCHER,
    },
  );
  return partial === null ? event : { ...event, id: `${event.id}/${partial}` };
}
