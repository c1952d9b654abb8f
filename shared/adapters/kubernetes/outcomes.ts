import { type Clusters, clusterRefusal } from '../../core/cluster-refusal.ts';
import { type JobObject, readJob } from '../../core/job-object.ts';
import { isMeant, needsPods } from '../../core/job-status.ts';
import { PortError } from '../../ports/error.ts';
import type { JobQuery, JobSighting, Outcomes } from '../../ports/outcomes.ts';
import { accessTo, surroundings } from './access.ts';
import { type Client, openClient, PATIENCE, type Patience } from './client.ts';
import { addChildren, jobSetSightings } from './job-sets.ts';
import { type Listing, pages } from './list.ts';
import { podsOf, sightingOf } from './pods.ts';

/** Settings of `kubernetesOutcomes`. */
export interface KubernetesOptions {
  /** The clusters of the config, with paths that can be opened as they stand. Nothing else is ever asked. */
  readonly clusters: Clusters;
  /** Reads a kubeconfig. */
  readonly readYaml: (path: string) => Promise<unknown>;
  readonly patience?: Partial<Patience>;
}

type Sightings = Map<string, JobSighting>;

/** Asks the API servers of the config. A cluster that cannot be reached costs its own Jobs this look and no other. */
export function kubernetesOutcomes({ clusters, readYaml, patience }: KubernetesOptions): Outcomes {
  const around = surroundings(readYaml);
  const patient = { ...PATIENCE, ...patience };
  return {
    async look(jobs) {
      const sightings: Sightings = new Map();
      const allowed = jobs.filter((job) => {
        const detail = clusterRefusal(job, clusters);
        if (detail !== null) sightings.set(job.uuid, { kind: 'refused', detail });
        return detail === null;
      });
      const looks = [...Map.groupBy(allowed, ({ cluster }) => cluster)].map(([cluster, queries]) =>
        lookInto({ queries, sightings, open: () => open(cluster) }),
      );
      await Promise.all(looks);
      return sightings;
    },
  };

  async function open(cluster: string): Promise<Client> {
    const access = await accessTo(clusters[cluster]!, around).catch((error: unknown) => {
      throw new PortError('invalid', `Cluster "${cluster}" cannot be asked: ${sentence(error)}`);
    });
    return openClient(cluster, access, patient);
  }
}

interface Look {
  readonly queries: readonly JobQuery[];
  readonly sightings: Sightings;
  readonly open: () => Promise<Client>;
}

/** Namespace after namespace. One that lacks a right or is too large leaves the others, a silent cluster does not. */
async function lookInto({ queries, sightings, open }: Look): Promise<void> {
  let client: Client | null = null;
  let failure: unknown = null;
  for (const [namespace, wanted] of Map.groupBy(queries, (query) => query.namespace)) {
    try {
      if (failure instanceof PortError && failure.code === 'unavailable') throw failure;
      client ??= await open();
      await lookInNamespace(client, { namespace, wanted, sightings });
    } catch (error) {
      failure = error;
      for (const { uuid } of wanted) sightings.set(uuid, { kind: 'unknown', detail: sentence(error) });
    }
  }
  client?.close();
}

interface Namespace {
  readonly namespace: string;
  readonly wanted: readonly JobQuery[];
  readonly sightings: Sightings;
}

async function lookInNamespace(client: Client, { namespace, wanted, sightings }: Namespace): Promise<void> {
  const names = new Set(wanted.map(({ jobName }) => jobName));
  const { jobs, children } = await jobsNamed(names, client, namespace);
  const meant = (query: JobQuery) => {
    const job = jobs.get(query.jobName);
    return job !== undefined && isMeant(job, query) ? job : null;
  };
  const failed = wanted
    .map(meant)
    .filter((job) => job !== null)
    .filter(needsPods);
  const pods = await podsOf(failed, client, namespace);
  const unmet = wanted.filter((query) => meant(query) === null);
  const sets = await jobSetSightings(client, { namespace, queries: unmet, children }).catch(
    (error: unknown) =>
      new Map(unmet.map(({ uuid }) => [uuid, { kind: 'unknown' as const, detail: sentence(error) }])),
  );
  for (const query of wanted) {
    sightings.set(query.uuid, sets.get(query.uuid) ?? sightingOf(meant(query), pods));
  }
}

/** Those of a namespace that are asked for, and those that JobSets made; reading ends with the last that is asked for. */
async function jobsNamed(names: ReadonlySet<string>, client: Client, namespace: string) {
  const jobs = new Map<string, JobObject>();
  const children = new Map<string, JobObject[]>();
  for await (const items of pages(client, jobListing(namespace))) {
    addChildren(children, items);
    for (const job of items.map(readJob)) {
      if (job !== null && names.has(job.name)) jobs.set(job.name, job);
    }
    if (jobs.size === names.size) break;
  }
  return { jobs, children };
}

function jobListing(namespace: string): Listing {
  return {
    path: `/apis/batch/v1/namespaces/${namespace}/jobs`,
    query: new URLSearchParams(),
    kind: 'JobList',
    right: `list on jobs of batch in namespace "${namespace}"`,
  };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
