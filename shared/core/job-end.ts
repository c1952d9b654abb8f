import { digestOf } from './digest.ts';
import type { Outcome } from './outcome.ts';
import type { RunEvent } from './run-event.ts';
import { formatTime, parseTime } from './time.ts';

/** How a cluster says that a Job ended. Times are milliseconds since the epoch. */
export interface JobEnd {
  readonly outcome: Outcome;
  readonly finishedAt: number;
  /** Null when the cluster does not say. */
  readonly startedAt: number | null;
  /** Pods that failed on the way. */
  readonly failures: number;
  /** The cluster's own words, such as `BackoffLimitExceeded`, and what they were said of. */
  readonly reason: string;
  readonly message: string;
}

/**
 * What a row of kind `observed` holds: an end, that the Job is not there any more, or why its cluster may not be
 * asked.
 */
export type Observed = { readonly runId: string } & (
  | { readonly kind: 'ended'; readonly end: JobEnd }
  | { readonly kind: 'gone'; readonly at: number }
  | { readonly kind: 'refused'; readonly detail: string }
);

/** The run that was asked for. */
export interface ObservedRun {
  readonly thread: string;
  readonly testName: string;
  readonly publishTime: number;
}

/** The row that keeps what was observed of a run; the same thing seen again is the same row. */
export function observedEvent(run: ObservedRun, observed: Observed): RunEvent {
  const { thread, testName, publishTime } = run;
  const { runId } = observed;
  const time = timeOf(observed) ?? publishTime;
  return {
    eventKey: digestOf('observed', thread, runId, observed.kind),
    thread,
    kind: 'observed',
    testName,
    source: OBSERVER,
    id: `observed/${runId}/${observed.kind}`,
    time,
    // Never before the message that told of the Job, whatever the cluster's clock says: that one names the run.
    publishTime: Math.max(time, publishTime),
    body: JSON.stringify(bodyOf(observed)),
  };
}

const OBSERVER = '//tidemark/kubernetes';

function timeOf(observed: Observed): number | null {
  if (observed.kind === 'refused') return null;
  return observed.kind === 'gone' ? observed.at : observed.end.finishedAt;
}

interface EndBody extends Omit<JobEnd, 'finishedAt' | 'startedAt'> {
  readonly finishedAt: string;
  readonly startedAt: string | null;
}
type Body = { readonly runId: string } & ({ readonly gone: true } | { readonly refused: string } | EndBody);

function bodyOf(observed: Observed): Body {
  const { runId } = observed;
  if (observed.kind === 'gone') return { runId, gone: true };
  if (observed.kind === 'refused') return { runId, refused: observed.detail };
  const { finishedAt, startedAt, ...rest } = observed.end;
  const times = {
    finishedAt: formatTime(finishedAt),
    startedAt: startedAt === null ? null : formatTime(startedAt),
  };
  return { runId, ...rest, ...times };
}

/** Reads a row of kind `observed` back. */
export function observedOf({ body, time }: RunEvent): Observed {
  const { runId, ...said } = JSON.parse(body) as Body;
  if ('gone' in said) return { kind: 'gone', runId, at: time };
  if ('refused' in said) return { kind: 'refused', runId, detail: said.refused };
  const { finishedAt, startedAt, ...rest } = said;
  const times = {
    finishedAt: parseTime(finishedAt)!,
    startedAt: startedAt === null ? null : parseTime(startedAt),
  };
  return { kind: 'ended', runId, end: { ...rest, ...times } };
}
