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

/** Clusters within one process. `looks` holds what was asked for, a list a look. */
export function memoryOutcomes(
  clusters: Readonly<Record<string, MemoryCluster>>,
): Outcomes & { readonly looks: readonly (readonly JobQuery[])[] } {
  const looks: (readonly JobQuery[])[] = [];
  const allowed: Clusters = Object.fromEntries(
    Object.entries(clusters).map(([name, { objects: _, down: __, ...config }]) => [name, config]),
  );
  return {
    looks,
    async look(jobs) {
      looks.push(jobs);
      return new Map(
        jobs.map((query) => {
          const detail = clusterRefusal(query, allowed);
          if (detail !== null) return [query.uuid, { kind: 'refused', detail } as const];
          return [query.uuid, sightingIn(clusters[query.cluster]!, query)];
        }),
      );
    },
  };
}

function sightingIn({ objects, down }: MemoryCluster, query: JobQuery): JobSighting {
  if (typeof down === 'string') return { kind: 'unknown', detail: down };
  const { jobs, pods } = objects[query.namespace] ?? { jobs: [], pods: [] };
  const job = jobs.map(readJob).find((one) => one !== null && one.name === query.jobName);
  if (!job || !isMeant(job, query)) return { kind: 'gone' };
  return jobStatus(
    job,
    pods.map(readPod).filter((pod) => pod !== null),
  );
}
