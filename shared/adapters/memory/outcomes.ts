import { type Clusters, clusterRefusal } from '../../core/cluster-refusal.ts';
import { readJob, readPod } from '../../core/job-object.ts';
import { isMeant, jobStatus } from '../../core/job-status.ts';
import type { JobQuery, JobSighting, Outcomes } from '../../ports/outcomes.ts';

/** One cluster as tests set it up; what is in it may change between two looks. */
export interface MemoryCluster {
  /** As in the config. */
  readonly location?: string;
  readonly namespaces?: string[];
  /** `batch/v1` Jobs and `v1` Pods by namespace, as an API server would give them. */
  readonly objects: Record<string, { jobs: unknown[]; pods: unknown[] }>;
  /** Why it cannot be asked now; null when it can. */
  down?: string | null;
}

/**
 * Clusters within one process; null is one that may be named and not asked. `looks` holds what was asked for, a
 * list a look.
 */
export function memoryOutcomes(
  clusters: Readonly<Record<string, MemoryCluster | null>>,
): Outcomes & { readonly looks: readonly (readonly JobQuery[])[] } {
  const looks: (readonly JobQuery[])[] = [];
  const allowed: Clusters = Object.fromEntries(
    Object.entries(clusters).map(([name, cluster]) => [name, cluster && configOf(cluster)]),
  );
  return {
    looks,
    async look(jobs) {
      looks.push(jobs);
      const sightings = new Map<string, JobSighting>();
      const allowedJobs = jobs.filter((query) => {
        const detail = clusterRefusal(query, allowed);
        if (detail !== null) sightings.set(query.uuid, { kind: 'refused', detail });
        return detail === null;
      });
      for (const queries of Map.groupBy(allowedJobs, placeOf).values()) {
        const see = sightIn(clusters[queries[0]!.cluster]!, queries[0]!.namespace);
        for (const query of queries) sightings.set(query.uuid, see(query));
      }
      return sightings;
    },
  };
}

function configOf({ location, namespaces }: MemoryCluster) {
  return { ...(location === undefined ? {} : { location }), ...(namespaces && { namespaces }) };
}

function placeOf({ cluster, namespace }: JobQuery): string {
  return JSON.stringify([cluster, namespace]);
}

/** How the Jobs of one namespace are seen. */
function sightIn(
  { objects, down = null }: MemoryCluster,
  namespace: string,
): (query: JobQuery) => JobSighting {
  const { jobs, pods } = objects[namespace] ?? { jobs: [], pods: [] };
  const readJobs = new Map(jobs.map(readJob).flatMap((job) => (job === null ? [] : [[job.name, job]])));
  const readPods = pods.map(readPod).filter((pod) => pod !== null);
  return (query) => {
    if (down !== null) return { kind: 'unknown', detail: down };
    const job = readJobs.get(query.jobName);
    return job !== undefined && isMeant(job, query) ? jobStatus(job, readPods) : { kind: 'gone' };
  };
}
