import { sightingOf } from '../shared/adapters/kubernetes/pods.ts';
import type { JobEnd } from '../shared/core/job-end.ts';
import { type JobObject, type PodObject, readJob } from '../shared/core/job-object.ts';
import {
  type Children,
  type JobSetObject,
  jobSetStatus,
  needsChildren,
  readJobSet,
} from '../shared/core/job-set.ts';
import { type JobStatus, jobStatus } from '../shared/core/job-status.ts';
import type { WatchedObject } from '../shared/core/watched-object.ts';
import type { PortError } from '../shared/ports/error.ts';

/** A Job or a JobSet that is watched. */
export type Watched = { readonly who: WatchedObject; readonly testName: string } & (
  | { readonly kind: 'job'; readonly job: JobObject }
  | { readonly kind: 'job-set'; readonly set: JobSetObject }
);

/** Reads one; null for what is no object of that kind. */
export function readWatchedAs(
  kind: Watched['kind'],
  object: unknown,
  about: { readonly who: WatchedObject; readonly testName: string },
): Watched | null {
  if (kind === 'job') {
    const job = readJob(object);
    return job === null ? null : { ...about, kind, job };
  }
  const set = readJobSet(object);
  return set === null ? null : { ...about, kind, set };
}

/** How it stands by its own words. */
export function statusOf(watched: Watched): JobStatus {
  if (watched.kind === 'job') return jobStatus(watched.job, null);
  return jobSetStatus(watched.set, { jobs: [], pods: null });
}

/** Whether it failed, so that its Pods or Jobs may know better why. */
export function hasFailed(watched: Watched): boolean {
  if (watched.kind === 'job-set') return needsChildren(watched.set);
  return watched.job.conditions.some(({ type }) => type === 'Failed');
}

/** What can be learnt of a failure beside the object itself. */
export interface Traces {
  /** Failed Jobs of a JobSet. */
  readonly jobs: readonly JobObject[];
  /** Pods that the cluster still has. */
  readonly listed: readonly PodObject[];
  /** Pods that failed and are gone. */
  readonly remembered: readonly PodObject[];
  /** Why a Pod waited when it was last seen. */
  readonly waiting: string | null;
  /** Why some of this could not be asked. */
  readonly problem: PortError | null;
}

/** An end, and of how many failed Pods or Jobs it knows where there were more (`WatchedEnd.partial`). */
export interface KnownEnd {
  readonly end: JobEnd;
  readonly partial: number | null;
}

/** How something that failed ended, as far as its traces tell; null when it does not say when. */
export function endOf(watched: Watched, traces: Traces): KnownEnd | null {
  const known = failedPods(traces);
  const partial = partialOf(watched, traces, { known: known.length });
  let end = endBy(watched, traces, { pods: known });
  // All that failed has to have been taken away; of what is gone only the telling part was remembered.
  if (partial !== null && end?.outcome === 'preempted') end = endBy(watched, traces, { pods: traces.listed });
  if (end === null) return null;
  const message = traces.waiting === null ? end.message : `${end.message}; ${traces.waiting}`;
  return { end: { ...end, message }, partial };
}

/** Failed Pods: how one stands now says more than how it was seen. */
function failedPods({ listed, remembered }: Traces): PodObject[] {
  const pods = new Map([...remembered, ...listed].map((pod) => [`${pod.jobUid}/${pod.name}`, pod]));
  return [...pods.values()].filter(({ phase }) => phase === 'Failed');
}

function partialOf(
  watched: Watched,
  { jobs, waiting }: Traces,
  { known }: { readonly known: number },
): number | null {
  if (watched.kind === 'job-set' && jobs.length === 0) return 0;
  const failed = watched.kind === 'job' ? watched.job.failed : jobs.reduce((sum, job) => sum + job.failed, 0);
  if (known >= failed) return null;
  // A Pod that never began is one that failed, when its Job's time is over.
  return waiting !== null && known + 1 >= failed ? null : known;
}

function endBy(
  watched: Watched,
  { jobs, problem }: Traces,
  { pods }: { readonly pods: readonly PodObject[] },
): JobEnd | null {
  if (watched.kind === 'job') {
    const status = sightingOf(watched.job, { pods, problem: pods.length > 0 ? null : problem });
    return status.kind === 'ended' ? status.end : null;
  }
  const children: Children = { jobs, pods: problem === null || pods.length > 0 ? pods : null };
  const status = jobSetStatus(watched.set, children);
  if (status.kind !== 'ended') return null;
  if (problem === null || pods.length > 0) return status.end;
  const message = `${status.end.message}; what its Jobs and Pods say is not known: ${problem.message}`;
  return { ...status.end, message };
}

/** What stands for an end in a Job that was deleted while its last Pods still ended. */
const ALMOST: Readonly<Record<string, string>> = {
  FailureTarget: 'Failed',
  SuccessCriteriaMet: 'Complete',
};

/**
 * How something ended that was deleted. Deleted while it ran: cancelled, at `deletedAt` (milliseconds since the
 * epoch). Null for what had not begun or was suspended: it was no run, or is none of the cluster's telling.
 */
export function deletedEnd(watched: Watched, deletedAt: number): Watched | KnownEnd | null {
  if (statusOf(watched).kind === 'ended') return watched;
  if (watched.kind === 'job') {
    const { job } = watched;
    const conditions = job.conditions.map((one) => ({ ...one, type: ALMOST[one.type] ?? one.type }));
    const almost = { ...watched, job: { ...job, conditions } };
    if (statusOf(almost).kind === 'ended') return almost;
  }
  const { name, conditions } = watched.kind === 'job' ? watched.job : watched.set;
  const startedAt = watched.kind === 'job' ? watched.job.startedAt : null;
  const isSuspended = conditions.some(({ type }) => type === 'Suspended');
  if (isSuspended || (watched.kind === 'job' && startedAt === null)) return null;
  const end = {
    outcome: 'cancelled',
    finishedAt: deletedAt,
    startedAt,
    failures: watched.kind === 'job' ? watched.job.failed : watched.set.restarts,
    reason: 'Deleted',
    message: `${watched.kind === 'job' ? 'Job' : 'JobSet'} "${name}" was deleted before it ended`,
  } as const;
  return { end, partial: null };
}
