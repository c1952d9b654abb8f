import type { GivenConfig } from './given-config.ts';
import type { Environment } from './run-identity.ts';

// The keys of the tutorial's message and the variables its init container takes them from. POD_UID is not
// among them: it names one pod, and a Job may have several.
const FIELDS: readonly (readonly [key: string, variable: string])[] = [
  ['model_dir', 'MODEL_DIR'],
  ['logs_link', 'STACKDRIVER_LOGS'],
  ['job_name', 'JOB_NAME'],
  ['job_namespace', 'POD_NAMESPACE'],
  ['zone', 'ZONE'],
  ['region', 'REGION'],
  ['cluster_name', 'CLUSTER'],
  ['job_uid', 'JOB_UID'],
];

/** The v1 message: what the environment tells, and over it the top level of the metric config. */
export function tutorialMessage(env: Environment, metricConfig: GivenConfig | null): Record<string, unknown> {
  const told = FIELDS.flatMap(([key, variable]) => (env[variable] ? [[key, env[variable]]] : []));
  const error = metricConfig?.error === undefined ? {} : { metric_config_error: metricConfig.error };
  return { ...Object.fromEntries(told), ...metricConfig?.given, ...error };
}

/** What nobody can do without: which test ran, as which Job, and where its metrics are. */
export function missingParts(message: Readonly<Record<string, unknown>>): string[] {
  const needed = [
    ['model_dir', 'MODEL_DIR'],
    ['job_name', 'JOB_NAME'],
    // A config that could not be read has been told already.
    ...(message.metric_config_error === undefined ? [['test_name', 'test_name in METRIC_CONFIG']] : []),
  ];
  return needed.flatMap(([key = '', from = '']) => (message[key] ? [] : [from]));
}
