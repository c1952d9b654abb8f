import type { ClusterObject } from './watched-cluster.ts';

/** Who a Job of a test is. */
export interface JobName {
  readonly uid: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** The uid of the JobSet that made it. */
  readonly set?: string;
}

const STARTED = '2026-11-20T01:00:00Z';
const ENDED = '2026-11-20T01:30:00Z';

/** A Job with these parts of a status, as the API server gives it. */
export function job(
  { uid, name = `job-${uid}`, namespace = 'ml', labels, set }: JobName,
  status = {},
): ClusterObject {
  const owner = { apiVersion: 'jobset.x-k8s.io/v1alpha2', kind: 'JobSet', controller: true };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      uid,
      labels: { benchmarkId: 'mnist', ...ofSet(set), ...labels },
      ...(set !== undefined && { ownerReferences: [{ ...owner, name: `set-${set}`, uid: set }] }),
    },
    spec: { template: { spec: { containers: [{ name: 'train', image: 'train' }] } } },
    status: { startTime: STARTED, ...status },
  };
}

const condition = (type: string, reason: string, message = '') => ({
  type,
  status: 'True',
  reason,
  message,
  lastTransitionTime: ENDED,
});

/** Statuses of Jobs, as the Job controller of Kubernetes 1.36 writes them. */
export const STATUS = {
  running: { active: 1, ready: 1 },
  suspended: { startTime: undefined, conditions: [condition('Suspended', 'JobSuspended', 'Job suspended')] },
  complete: {
    succeeded: 1,
    completionTime: ENDED,
    conditions: [
      condition('SuccessCriteriaMet', 'CompletionsReached'),
      condition('Complete', 'CompletionsReached'),
    ],
  },
  failed: {
    failed: 1,
    conditions: [
      condition('FailureTarget', 'BackoffLimitExceeded'),
      condition('Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit'),
    ],
  },
  overdue: {
    failed: 1,
    conditions: [
      condition('FailureTarget', 'DeadlineExceeded'),
      condition('Failed', 'DeadlineExceeded', 'Job was active longer than specified deadline'),
    ],
  },
  ending: { conditions: [condition('FailureTarget', 'DeadlineExceeded', 'too long')] },
} as const;

/** A Pod of a Job. */
export function pod(owner: JobName, name: string, status: object): ClusterObject {
  const { uid, namespace = 'ml', labels, set } = owner;
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: owner.name ?? `job-${uid}`,
    uid,
    controller: true,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `${uid}-${name}`,
      labels: { benchmarkId: 'mnist', 'batch.kubernetes.io/controller-uid': uid, ...ofSet(set), ...labels },
      ownerReferences: [job],
    },
    status,
  };
}

const terminated = (exitCode: number, reason: string) => ({
  name: 'train',
  state: { terminated: { exitCode, reason, startedAt: STARTED, finishedAt: ENDED } },
});

/** Statuses of Pods. */
export const POD_STATUS = {
  running: { phase: 'Running' },
  outOfMemory: { phase: 'Failed', containerStatuses: [terminated(137, 'OOMKilled')] },
  exit: { phase: 'Failed', containerStatuses: [terminated(3, 'Error')] },
  preempted: {
    phase: 'Failed',
    conditions: [
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: 'preempting to accommodate a higher priority pod',
        lastTransitionTime: ENDED,
      },
    ],
    containerStatuses: [terminated(143, 'Error')],
  },
  noImage: {
    phase: 'Pending',
    containerStatuses: [
      {
        name: 'train',
        state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "train:gone"' } },
      },
    ],
  },
  unscheduled: {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
      },
    ],
  },
} as const;

/** A JobSet with these parts of a status. */
export function jobSet(
  { uid, name = `set-${uid}`, namespace = 'ml', labels }: JobName,
  status = {},
): ClusterObject {
  return {
    apiVersion: 'jobset.x-k8s.io/v1alpha2',
    kind: 'JobSet',
    metadata: { name, namespace, uid, labels: { benchmarkId: 'mnist', ...labels } },
    status: { restarts: 0, ...status },
  };
}

/** Conditions of JobSets, in the words of JobSet 0.10.1 (pkg/constants). */
export const SET_STATUS = {
  completed: {
    terminalState: 'Completed',
    conditions: [condition('Completed', 'AllJobsCompleted', 'jobset completed successfully')],
  },
  failed: (job: string) => ({
    terminalState: 'Failed',
    conditions: [
      condition(
        'Failed',
        'ReachedMaxRestarts',
        `jobset failed due to reaching max number of restarts (first failed job: ${job})`,
      ),
    ],
  }),
} as const;

/** The labels by which a JobSet's controller marks its Jobs and Pods. */
export const ofSet = (uid: string | undefined) =>
  uid === undefined
    ? {}
    : { 'jobset.sigs.k8s.io/jobset-uid': uid, 'jobset.sigs.k8s.io/jobset-name': `set-${uid}` };
