import { show } from './problem.ts';
import { type ClusterConfig, isNamespace } from './schema/cluster.ts';

/** Where a message says that a Job runs. */
export interface JobPlace {
  readonly cluster: string;
  readonly location: string | null;
  readonly namespace: string;
}

/** The clusters of the config, by name. */
export type Clusters = Readonly<Record<string, ClusterConfig | null>>;

/**
 * Why a place that a message names may not be asked, as a sentence; null if it may. Only what the config names
 * is asked: an address never comes from a message.
 */
export function clusterRefusal(
  { cluster, location, namespace }: JobPlace,
  clusters: Clusters,
): string | null {
  const allowed = Object.hasOwn(clusters, cluster) ? clusters[cluster] : undefined;
  const name = `Cluster ${show(cluster)}`;
  if (allowed === undefined) return `${name} is not among the clusters of the config`;
  if (allowed === null) return `${name} stands in the config without an endpoint: it may be named, not asked`;
  if (location !== null && allowed.location !== undefined && location !== allowed.location)
    return `${name} is at "${allowed.location}" by the config, and the message says ${show(location)}`;
  if (!isNamespace(namespace)) return `${name}: ${show(namespace)} is not the name of a namespace`;
  if (allowed.namespaces !== undefined && !allowed.namespaces.includes(namespace))
    return `${name}: namespace "${namespace}" is not among those of the config`;
  return null;
}
