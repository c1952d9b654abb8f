import type { JobEnd } from '../core/job-end.ts';

export type { JobEnd } from '../core/job-end.ts';

/** A Job that a message named, as far as it did. */
export interface JobQuery {
  /** The uuid of the run that asks; answers come under it. */
  readonly uuid: string;
  readonly cluster: string;
  /** Zone or region of the cluster; null when the message named none. */
  readonly location: string | null;
  readonly namespace: string;
  readonly jobName: string;
  /** Null: any Job of that name that was there at `knownAt`. */
  readonly jobUid: string | null;
  /** When the first message of the run was published, milliseconds since the epoch: the Job was there then. */
  readonly knownAt: number;
}

/**
 * What was seen of a Job. `ended`: for good. `open`: running, suspended, between attempts or about to end.
 * `gone`: the cluster answered and the Job is not there, or another one has its name. `unknown`: the cluster
 * could not be asked now. `refused`: this cluster or namespace may not be asked at all.
 */
export type JobSighting =
  | { readonly kind: 'ended'; readonly end: JobEnd }
  | { readonly kind: 'open' | 'gone' }
  | { readonly kind: 'unknown' | 'refused'; readonly detail: string };

/**
 * Asks how the Jobs of open runs stand: one list per cluster and namespace, whatever the number of Jobs.
 * Answers every query, under its uuid; never throws for what a cluster says or does not say.
 */
export interface Outcomes {
  look(jobs: readonly JobQuery[]): Promise<ReadonlyMap<string, JobSighting>>;
}
