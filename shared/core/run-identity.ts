export type Environment = Readonly<Record<string, string | undefined>>;

/** Who a run is, as far as the scheduler's environment tells. */
export interface RunIdentity {
  readonly runId: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** Who reports, a URI reference. */
  readonly source: string;
  /** Parts of its identity where it is a Job of Kubernetes, so that they meet the tutorial's messages. */
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  /** Pages where people see this run. */
  readonly links: readonly string[];
}

export interface IdentityFallback {
  readonly testName: string;
  readonly hostname: string;
  /** The run's id where no scheduler gives one. */
  readonly randomId: string;
}

interface Scheduler {
  /** The variable that names the run; the scheduler is at work when it is set. */
  readonly idFrom: string;
  /** A variable that names it better, where it is set too. */
  readonly betterIdFrom?: string;
  /** Told apart from the run's other parts by this variable. */
  readonly indexFrom?: string;
  readonly attempt?: (env: Environment) => number;
  readonly kind: string;
  /** Where the scheduler's ids are unique. */
  readonly within: (env: Environment, hostname: string) => readonly (string | undefined)[];
  readonly link?: (env: Environment) => string | undefined;
}

const counter = (name: string, first: 0 | 1) => (env: Environment) => {
  const value = Number(present(env, name) ?? first);
  return Number.isSafeInteger(value) && value >= first ? value - first + 1 : 1;
};

/** The Pods of a Job that failed or were taken away before this one, or the restarts of its JobSet, as the template says. */
function podsBefore(env: Environment): number {
  return ['JOB_FAILURES', 'JOB_DISRUPTIONS', 'JOB_RESTARTS']
    .map((name) => present(env, name) ?? '')
    .reduce((sum, text) => sum + (/^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0), 0);
}

// In order: the first scheduler whose variable is set names the run.
const SCHEDULERS: readonly Scheduler[] = [
  {
    idFrom: 'JOB_NAME',
    // A name may be used again; the uid never is.
    betterIdFrom: 'JOB_UID',
    indexFrom: 'JOB_COMPLETION_INDEX',
    attempt: (env) => 1 + podsBefore(env),
    kind: 'kubernetes',
    within: (env) => [present(env, 'CLUSTER'), present(env, 'POD_NAMESPACE')],
  },
  {
    idFrom: 'AIRFLOW_CTX_DAG_RUN_ID',
    attempt: counter('AIRFLOW_CTX_TRY_NUMBER', 1),
    kind: 'airflow',
    // The run id of a DAG is a date: other DAGs, and all tasks of this one, have the same.
    within: (env) => [present(env, 'AIRFLOW_CTX_DAG_ID'), present(env, 'AIRFLOW_CTX_TASK_ID')],
  },
  {
    idFrom: 'SLURM_JOB_ID',
    attempt: counter('SLURM_RESTART_COUNT', 0),
    kind: 'slurm',
    within: (env, hostname) => [present(env, 'SLURM_CLUSTER_NAME') ?? hostname],
  },
  {
    idFrom: 'GITHUB_RUN_ID',
    attempt: counter('GITHUB_RUN_ATTEMPT', 1),
    kind: 'github',
    within: (env) => [present(env, 'GITHUB_REPOSITORY'), present(env, 'GITHUB_JOB')],
    link: githubLink,
  },
  { idFrom: 'ARGO_WORKFLOW', kind: 'argo', within: (env) => [present(env, 'POD_NAMESPACE')] },
  { idFrom: 'TRAINING_JOB_NAME', kind: 'sagemaker', within: (env) => [present(env, 'AWS_REGION')] },
  { idFrom: 'CLOUD_ML_JOB_ID', kind: 'vertex', within: (env) => [present(env, 'CLOUD_ML_PROJECT_ID')] },
];

/**
 * The run's identity from the environment of whatever scheduler started it, else the random id.
 * The test's name ends the source, because one job may run several tests: their events have the same ids.
 */
export function runIdentity(env: Environment, fallback: IdentityFallback): RunIdentity {
  const { testName, hostname, randomId } = fallback;
  const scheduler = SCHEDULERS.find(({ idFrom }) => present(env, idFrom) !== undefined);
  if (scheduler === undefined) {
    return {
      runId: randomId,
      attempt: 1,
      source: sourceOf('shell', [hostname, testName]),
      links: linksOf(env, undefined),
    };
  }
  const index = scheduler.indexFrom && present(env, scheduler.indexFrom);
  const better = scheduler.betterIdFrom && present(env, scheduler.betterIdFrom);
  const name = better || (present(env, scheduler.idFrom) ?? randomId);
  const kubernetes = scheduler.kind === 'kubernetes';
  return {
    runId: index === undefined || index === '' ? name : `${name}-${index}`,
    attempt: scheduler.attempt?.(env) ?? 1,
    ...(kubernetes ? { cluster: present(env, 'CLUSTER'), namespace: present(env, 'POD_NAMESPACE') } : {}),
    source: sourceOf(scheduler.kind, [
      ...scheduler.within(env, hostname),
      testName,
      ...(kubernetes ? podOf(env) : []),
    ]),
    links: linksOf(env, scheduler.link?.(env)),
  };
}

/** Not every Pod is counted: of a Job that was suspended and resumed two are the same attempt. */
function podOf(env: Environment): string[] {
  const uid = present(env, 'POD_UID');
  return uid === undefined ? [] : [uid];
}

function present(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** `-` stands for what the environment does not tell, so that each part keeps its place. */
function sourceOf(kind: string, parts: readonly (string | undefined)[]): string {
  const segments = parts.map((part) => encodeURIComponent((part ?? '-').toWellFormed()));
  return `//${kind}/${segments.join('/')}`;
}

function linksOf(env: Environment, own: string | undefined): string[] {
  const links = [present(env, 'STACKDRIVER_LOGS'), own];
  return links.filter((link) => link !== undefined && /^https?:\/\/\S+$/.test(link)) as string[];
}

function githubLink(env: Environment): string | undefined {
  const repository = present(env, 'GITHUB_REPOSITORY');
  const server = present(env, 'GITHUB_SERVER_URL');
  if (repository === undefined || server === undefined) return undefined;
  const attempt = present(env, 'GITHUB_RUN_ATTEMPT');
  const page = `${server}/${repository}/actions/runs/${present(env, 'GITHUB_RUN_ID')}`;
  return attempt === undefined ? page : `${page}/attempts/${attempt}`;
}
