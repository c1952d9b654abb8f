import type { Environment } from '../shared/core/run-identity.ts';
import type { AskMetadata } from './destination.ts';

/**
 * The environment, and in it what the tutorial's init container asks the metadata server for: PROJECT, ZONE, REGION,
 * CLUSTER and the link to the logs. What the environment tells itself is left as it is.
 */
export async function completeEnvironment(env: Environment, ask: AskMetadata): Promise<Environment> {
  const [project, zone, cluster] = await Promise.all([
    env.PROJECT || ask('project/project-id'),
    env.ZONE || ask('instance/zone').then((path) => path?.split('/').at(-1)),
    env.CLUSTER || ask('instance/attributes/cluster-name'),
  ]);
  const found = {
    ...env,
    PROJECT: project || undefined,
    ZONE: zone || undefined,
    CLUSTER: cluster || undefined,
    REGION: env.REGION || regionOf(zone || undefined),
  };
  return { ...found, STACKDRIVER_LOGS: env.STACKDRIVER_LOGS || logsLink(found) };
}

/** `us-central1` of `us-central1-b`. */
function regionOf(zone: string | undefined): string | undefined {
  return /^(.+-[^-]+)-[^-]+$/.exec(zone ?? '')?.[1];
}

/** The logs of all pods of the Job, as a page of the console. */
function logsLink(env: Environment): string | undefined {
  const { PROJECT: project, CLUSTER: cluster, JOB_NAME: job } = env;
  if (!project || !cluster || !job) return undefined;
  const labels = [
    ['project_id', '=', project],
    ['location', '=', env.ZONE],
    ['cluster_name', '=', cluster],
    ['namespace_name', '=', env.POD_NAMESPACE],
    ['pod_name', ':', job],
  ].flatMap(([label, is, value]) => (value ? [`resource.labels.${label}${is}"${value}"`] : []));
  const query = ['resource.type="k8s_container"', ...labels].join('\n').toWellFormed();
  return `https://console.cloud.google.com/logs?project=${encodeURIComponent(project.toWellFormed())}&advancedFilter=${encodeURIComponent(query)}`;
}
