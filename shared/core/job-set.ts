import type { JobEnd } from './job-end.ts';
import { type Condition, type JobObject, type PodObject, readJob } from './job-object.ts';
import { type JobStatus, jobStatus } from './job-status.ts';
import { isObject } from './json.ts';

/** What is read of a `jobset.x-k8s.io` JobSet. */
export interface JobSetObject {
  readonly name: string;
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number | null;
  /** How often all its Jobs were made anew. */
  readonly restarts: number;
  readonly conditions: readonly Condition[];
}

/** Reads a JobSet as an API server gives it; null for what has no name and uid. */
export function readJobSet(value: unknown): JobSetObject | null {
  // The parts that both have are of one shape.
  const job = readJob(value);
  if (job === null) return null;
  const { name, uid, createdAt, conditions } = job;
  const status = isObject(value) && isObject(value.status) ? value.status : {};
  const restarts = Number.isSafeInteger(status.restarts) ? Math.max(0, Number(status.restarts)) : 0;
  return { name, uid, createdAt, restarts, conditions };
}

/** Whether its Jobs may know better why it failed. */
export function needsChildren(set: JobSetObject): boolean {
  return conditionOf(set, 'Failed') !== null;
}

/** The Jobs of a JobSet that are left, and their Pods; null when nobody could tell of those. */
export interface Children {
  readonly jobs: readonly JobObject[];
  readonly pods: readonly PodObject[] | null;
}

/**
 * How a JobSet stands, by its conditions `Completed` and `Failed` alone: between two attempts, and while it is
 * suspended, there is neither. Why it failed says the Job that it names as the first that did, else the earliest
 * one; without any, its own words have to do. When it began it does not say: each restart begins anew.
 */
export function jobSetStatus(set: JobSetObject, children: Children): JobStatus {
  const failed = conditionOf(set, 'Failed');
  if (failed !== null) return failedStatus(set, failed, children);
  const completed = conditionOf(set, 'Completed');
  if (completed === null) return { kind: 'open' };
  return ended(set, completed, { outcome: 'success', failures: set.restarts });
}

function failedStatus(set: JobSetObject, failed: Condition, { jobs, pods }: Children): JobStatus {
  const failures = set.restarts + 1;
  const ends = jobs
    .flatMap((job) => {
      const status = jobStatus(job, pods);
      const isFailure = status.kind === 'ended' && status.end.outcome !== 'success';
      return isFailure ? [{ name: job.name, end: status.end }] : [];
    })
    .sort((a, b) => a.end.finishedAt - b.end.finishedAt || (a.name < b.name ? -1 : 1));
  const named = FIRST_FAILED.exec(failed.message)?.[1];
  const first = ends.find((one) => one.name === named) ?? ends[0];
  if (first === undefined) return ended(set, failed, { outcome: 'failure', failures });
  const { outcome, reason, message } = first.end;
  const words = { ...failed, reason, message: `${failed.reason}: ${failed.message}; ${message}` };
  return ended(set, words, { outcome, failures });
}

/** How its controller ends the message of a failure. */
const FIRST_FAILED = /\(first failed job: ([^()\s]+)\)/;

function ended(
  { name }: JobSetObject,
  { reason, message, since }: Condition,
  { outcome, failures }: Pick<JobEnd, 'outcome' | 'failures'>,
): JobStatus {
  if (since === null) return { kind: 'unknown', detail: `JobSet "${name}" has ended, but does not say when` };
  return { kind: 'ended', end: { outcome, finishedAt: since, startedAt: null, failures, reason, message } };
}

function conditionOf(set: JobSetObject, type: string): Condition | null {
  return set.conditions.find((condition) => condition.type === type) ?? null;
}
