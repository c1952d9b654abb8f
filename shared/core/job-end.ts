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

/** What a row of kind `observed` holds: an end, or that the Job is not there any more. */
export type Observed = { readonly runId: string } & (
  | { readonly kind: 'ended'; readonly end: JobEnd }
  | { readonly kind: 'gone'; readonly at: number }
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
  const time = observed.kind === 'gone' ? observed.at : observed.end.finishedAt;
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
    body: JSON.stringify({ runId, ...(observed.kind === 'gone' ? { gone: true } : endBody(observed.end)) }),
  };
}

const OBSERVER = '//tidemark/kubernetes';

function endBody(end: JobEnd) {
  return {
    ...end,
    finishedAt: formatTime(end.finishedAt),
    startedAt: end.startedAt === null ? null : formatTime(end.startedAt),
  };
}

type Body = { readonly runId: string } & ({ readonly gone: true } | ReturnType<typeof endBody>);

/** Reads a row of kind `observed` back. */
export function observedOf({ body, time }: RunEvent): Observed {
  const { runId, ...said } = JSON.parse(body) as Body;
  if ('gone' in said) return { kind: 'gone', runId, at: time };
  const { finishedAt, startedAt, ...rest } = said;
  const times = {
    finishedAt: parseTime(finishedAt)!,
    startedAt: startedAt === null ? null : parseTime(startedAt),
  };
  return { kind: 'ended', runId, end: { ...rest, ...times } };
}
