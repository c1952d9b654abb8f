import type { JobEnd } from './job-end.ts';
import type { Condition, JobObject, PodObject } from './job-object.ts';
import type { Outcome } from './outcome.ts';
import { type PodCause, podCause } from './pod-cause.ts';

/** How one Job stands; `unknown`: it claims to have ended, but not when. */
export type JobStatus =
  | { readonly kind: 'ended'; readonly end: JobEnd }
  | { readonly kind: 'open' }
  | { readonly kind: 'unknown'; readonly detail: string };

/** Which Job a run means. */
export interface JobIdentity {
  readonly jobUid: string | null;
  /** When a message named the Job, milliseconds since the epoch: it was there then. */
  readonly knownAt: number;
}

/** How far the clocks of a cluster and of a queue may differ. */
const CLOCK_SLACK_MS = 2 * 60_000;

/**
 * Whether a Job or JobSet of the right name is the one that was meant. `status.startTime` is no help: it is set anew
 * whenever a suspended Job is resumed.
 */
export function isMeant(
  job: Pick<JobObject, 'uid' | 'createdAt'>,
  { jobUid, knownAt }: JobIdentity,
): boolean {
  if (jobUid !== null) return job.uid === jobUid;
  return job.createdAt === null || job.createdAt <= knownAt + CLOCK_SLACK_MS;
}

/** Whether its Pods may know better why it failed than the Job does. */
export function needsPods(job: JobObject): boolean {
  const failed = conditionOf(job, 'Failed');
  return failed !== null && failed.reason !== DEADLINE;
}

const DEADLINE = 'DeadlineExceeded';

/**
 * How a Job stands, by its conditions `Complete` and `Failed` alone. `SuccessCriteriaMet` and `FailureTarget`
 * come before them, while Pods still end and write; between two attempts and while suspended there is neither.
 * `pods`: those that are left, which matter only where `needsPods`; null when nobody could tell.
 */
export function jobStatus(job: JobObject, pods: readonly PodObject[] | null): JobStatus {
  const failed = conditionOf(job, 'Failed');
  if (failed !== null) return failedStatus(job, failed, pods);
  const complete = conditionOf(job, 'Complete');
  if (complete === null) return { kind: 'open' };
  return ended(job, complete, { outcome: 'success', finishedAt: job.completedAt ?? complete.since });
}

function failedStatus(job: JobObject, failed: Condition, pods: readonly PodObject[] | null): JobStatus {
  const finishedAt = failed.since;
  if (failed.reason === DEADLINE) return ended(job, failed, { outcome: 'timeout', finishedAt });
  if (pods === null) return ended(job, failed, { outcome: 'failure', finishedAt });
  const cause = podCause(pods.filter(({ jobUid }) => jobUid === job.uid)) ?? WITHOUT_TRACE;
  const reason = cause.reason ?? failed.reason;
  const said = cause.reason === null ? failed.message : `${failed.reason}: ${failed.message}`;
  return ended(job, { reason, message: `${said}; ${cause.message}` }, { outcome: cause.outcome, finishedAt });
}

/** Pods that were evicted or preempted are deleted, so what took them away cannot be told from a failure. */
const WITHOUT_TRACE: PodCause = {
  outcome: 'failure',
  reason: null,
  message: 'none of its Pods is left to say why',
};

interface Ending {
  readonly outcome: Outcome;
  readonly finishedAt: number | null;
}

function ended(
  job: JobObject,
  { reason, message }: Pick<Condition, 'reason' | 'message'>,
  { outcome, finishedAt }: Ending,
): JobStatus {
  if (finishedAt === null)
    return { kind: 'unknown', detail: `Job "${job.name}" has ended, but does not say when` };
  const { startedAt, failed: failures } = job;
  return { kind: 'ended', end: { outcome, finishedAt, startedAt, failures, reason, message } };
}

function conditionOf(job: JobObject, type: string): Condition | null {
  return job.conditions.find((condition) => condition.type === type) ?? null;
}
