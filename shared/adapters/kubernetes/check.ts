import type { Clusters } from '../../core/cluster-refusal.ts';
import { isObject } from '../../core/json.ts';
import type { ClusterConfig } from '../../core/schema/cluster.ts';
import type { Check } from '../../ports/check.ts';
import { PortError } from '../../ports/error.ts';
import { accessTo, type Surroundings, surroundings } from './access.ts';
import { type Client, openClient, PATIENCE } from './client.ts';

/** Settings of `clusterChecks`. */
export interface ClusterCheckOptions {
  /** The clusters of the config, with paths that can be opened as they stand. */
  readonly clusters: Clusters;
  /** Reads a kubeconfig. */
  readonly readYaml: (path: string) => Promise<unknown>;
  /** Milliseconds for one cluster. */
  readonly clusterMs?: number;
}

/**
 * Whether each cluster answers, and whether who asks may list Jobs and Pods, by asking it for a review of the own
 * rights. Changes nothing; never throws for what a cluster says.
 */
export async function clusterChecks({
  clusters,
  readYaml,
  clusterMs = 10_000,
}: ClusterCheckOptions): Promise<Check[]> {
  const around = surroundings(readYaml);
  const patience = { ...PATIENCE, clusterMs, attempts: 1 };
  const checks = Object.entries(clusters).map(async ([name, config]): Promise<Check[]> => {
    const what = `cluster ${name}`;
    if (config === null)
      return [{ what, state: 'note', detail: 'stands without an endpoint: its Jobs are never asked for' }];
    try {
      const client = openClient(name, await access(name, config, around), patience);
      return await rightsIn(client, config.namespaces ?? [EVERYWHERE]).finally(client.close);
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      return [{ what, state: 'bad', detail: error.message }];
    }
  });
  return (await Promise.all(checks)).flat();
}

async function access(name: string, config: ClusterConfig, around: Surroundings) {
  try {
    return await accessTo(config, around);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    throw new PortError(error.code, `Cluster "${name}" cannot be asked: ${error.message}`, { cause: error });
  }
}

/** To a review the empty namespace is all of them. */
const EVERYWHERE = '';

async function rightsIn(client: Client, namespaces: readonly string[]): Promise<Check[]> {
  const what = `cluster ${client.cluster}`;
  if (namespaces.length === 0)
    return [{ what, state: 'note', detail: 'allows no namespace: none of its Jobs is asked for' }];
  const checks: Check[] = [];
  for (const namespace of namespaces) {
    const [jobs, pods] = await Promise.all([
      mayList(client, namespace, JOBS),
      mayList(client, namespace, PODS),
    ]);
    const place = namespace === EVERYWHERE ? what : `${what}, namespace ${namespace}`;
    checks.push({ what: place, ...findingOf({ jobs, pods, namespace }) });
  }
  return checks;
}

interface Rights {
  readonly jobs: boolean;
  readonly pods: boolean;
  readonly namespace: string;
}

function findingOf({ jobs, pods, namespace }: Rights): Omit<Check, 'what'> {
  const missing = [...(jobs ? [] : ['jobs.batch']), ...(pods ? [] : ['pods'])];
  if (missing.length === 0) return { state: 'ok', detail: 'answers; Jobs and Pods may be listed' };
  if (namespace === EVERYWHERE) {
    const todo = `name the namespaces of the tests under "namespaces", or run: kubectl create clusterrole tidemark ${LISTING}`;
    return {
      state: 'note',
      detail: `may not list ${missing.join(' and ')} in all namespaces; ${todo}, and bind it`,
    };
  }
  const todo = `run: kubectl create role tidemark -n ${namespace} ${LISTING}, and bind it to who asks`;
  // Without Pods a tick learns that a Job failed, and not why.
  return { state: jobs ? 'note' : 'bad', detail: `may not list ${missing.join(' and ')}; ${todo}` };
}

const LISTING = '--verb=list --resource=jobs.batch,pods';

interface Kind {
  readonly group: string;
  readonly resource: string;
}
const JOBS: Kind = { group: 'batch', resource: 'jobs' };
const PODS: Kind = { group: '', resource: 'pods' };

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/ */
async function mayList(client: Client, namespace: string, kind: Kind): Promise<boolean> {
  const resourceAttributes = { ...kind, verb: 'list', namespace };
  const answer = await client.json({
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    query: new URLSearchParams(),
    right: 'create on selfsubjectaccessreviews of authorization.k8s.io',
    body: JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    }),
  });
  const status = isObject(answer) ? answer.status : undefined;
  if (isObject(status) && typeof status.allowed === 'boolean') return status.allowed;
  throw new PortError(
    'invalid',
    `Cluster "${client.cluster}" answered with something that is no SelfSubjectAccessReview: look at its endpoint`,
  );
}
