import { type JobObject, readJob } from '../../core/job-object.ts';
import { type JobSetObject, jobSetStatus, needsChildren, readJobSet } from '../../core/job-set.ts';
import { isMeant, needsPods } from '../../core/job-status.ts';
import { readWatched } from '../../core/watched-object.ts';
import type { JobQuery, JobSighting } from '../../ports/outcomes.ts';
import type { Client } from './client.ts';
import { ClusterError } from './errors.ts';
import { type Listing, pages } from './list.ts';
import { podsOf } from './pods.ts';

/** The Jobs that JobSets made, by the uid of the set. */
export type ChildJobs = ReadonlyMap<string, readonly JobObject[]>;

/** Adds the Jobs among listed objects that JobSets made. */
export function addChildren(children: Map<string, JobObject[]>, items: readonly unknown[]): void {
  for (const item of items) {
    const uid = readWatched(item)?.jobSet ?? null;
    const job = uid === null ? null : readJob(item);
    if (uid !== null && job !== null) children.set(uid, [...(children.get(uid) ?? []), job]);
  }
}

/** What was meant by no Job of a namespace: then a JobSet may be, whose Jobs are others after each restart. */
export interface Unmet {
  readonly namespace: string;
  readonly queries: readonly JobQuery[];
  readonly children: ChildJobs;
}

/**
 * How the JobSets stand that queries mean, by the queries' uuids; null: there is no such JobSet. Where JobSets may not
 * be listed, what has no Job of a JobSet is taken for a Job. Throws ClusterError where they cannot be listed now.
 */
export async function jobSetSightings(
  client: Client,
  { namespace, queries, children }: Unmet,
): Promise<ReadonlyMap<string, JobSighting | null>> {
  const sightings = new Map<string, JobSighting | null>();
  if (queries.length === 0) return sightings;
  const { sets, refusal } = await setsNamed(
    new Set(queries.map(({ jobName }) => jobName)),
    client,
    namespace,
  );
  for (const query of queries) {
    const set = sets.get(query.jobName);
    if (set !== undefined && isMeant(set, query)) {
      const jobs = children.get(set.uid) ?? [];
      sightings.set(query.uuid, await sightingOfSet(set, { jobs, client, namespace }));
    } else {
      const hasJobs = query.jobUid !== null && children.has(query.jobUid);
      sightings.set(
        query.uuid,
        refusal !== null && hasJobs ? { kind: 'unknown', detail: refusal.message } : null,
      );
    }
  }
  return sightings;
}

async function sightingOfSet(
  set: JobSetObject,
  { jobs, client, namespace }: { jobs: readonly JobObject[]; client: Client; namespace: string },
): Promise<JobSighting> {
  if (!needsChildren(set)) return jobSetStatus(set, { jobs, pods: null });
  const { pods, problem } = await podsOf(jobs.filter(needsPods), client, namespace);
  if (problem === null) return jobSetStatus(set, { jobs, pods });
  if (problem.retryable) return { kind: 'unknown', detail: problem.message };
  return jobSetStatus(set, { jobs, pods: null });
}

/** `refusal`: the right that is missing. A cluster that knows no JobSets has none. */
async function setsNamed(names: ReadonlySet<string>, client: Client, namespace: string) {
  const sets = new Map<string, JobSetObject>();
  try {
    for await (const items of pages(client, setListing(namespace))) {
      for (const set of items.map(readJobSet)) {
        if (set !== null && names.has(set.name)) sets.set(set.name, set);
      }
    }
    return { sets, refusal: null };
  } catch (error) {
    const isRefusal = error instanceof ClusterError && (error.status === 403 || error.status === 404);
    if (!isRefusal) throw error;
    return { sets, refusal: error.status === 403 ? error : null };
  }
}

function setListing(namespace: string): Listing {
  return {
    path: `/apis/jobset.x-k8s.io/v1alpha2/namespaces/${namespace}/jobsets`,
    query: new URLSearchParams(),
    kind: 'JobSetList',
    right: `list on jobsets of jobset.x-k8s.io in namespace "${namespace}"`,
  };
}
