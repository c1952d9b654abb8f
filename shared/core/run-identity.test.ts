import { expect, test } from 'vitest';
import { runIdentity } from './run-identity.ts';

const fallback = { testName: 'mnist', hostname: 'box', randomId: 'random-1' };
const tutorial = { JOB_NAME: 'mnist-202608010215', POD_NAMESPACE: 'automated', CLUSTER: 'tutorial-cluster' };
const github = { GITHUB_RUN_ID: '99', GITHUB_REPOSITORY: 'acme/models', GITHUB_JOB: 'train' };
const airflow = {
  AIRFLOW_CTX_DAG_RUN_ID: 'scheduled__2026-08-01T00:00:00+00:00',
  AIRFLOW_CTX_DAG_ID: 'nightly',
  AIRFLOW_CTX_TASK_ID: 'train',
};

test.each([
  ['nothing known: the random id on this host', {}, 'random-1', 1, '//shell/box/mnist'],
  [
    'a Kubernetes Job: its name, in its namespace of its cluster',
    tutorial,
    'mnist-202608010215',
    1,
    '//kubernetes/tutorial-cluster/automated/mnist',
  ],
  [
    'a part of an indexed Job: name and index, the first being 0',
    { ...tutorial, JOB_COMPLETION_INDEX: '0' },
    'mnist-202608010215-0',
    1,
    '//kubernetes/tutorial-cluster/automated/mnist',
  ],
  [
    'a Pod of a wrapped Job after one that failed and two that were taken away',
    { JOB_NAME: 'j', JOB_UID: 'u', JOB_FAILURES: '1', JOB_DISRUPTIONS: '2' },
    'u',
    4,
    '//kubernetes/-/-/mnist',
  ],
  [
    'a Pod that says which one it is: two of one Job may not be counted apart',
    { ...tutorial, POD_UID: 'p/1' },
    'mnist-202608010215',
    1,
    '//kubernetes/tutorial-cluster/automated/mnist/p%2F1',
  ],
  ['a JobSet that began anew', { JOB_NAME: 'j', JOB_RESTARTS: '3' }, 'j', 4, '//kubernetes/-/-/mnist'],
  [
    'counts of Pods that are none',
    { JOB_NAME: 'j', JOB_FAILURES: '-1', JOB_DISRUPTIONS: '1e3', JOB_RESTARTS: '123456' },
    'j',
    1,
    '//kubernetes/-/-/mnist',
  ],
  ['a Job that does not tell its place', { JOB_NAME: 'j' }, 'j', 1, '//kubernetes/-/-/mnist'],
  [
    'a task of an Airflow run, third try',
    { ...airflow, AIRFLOW_CTX_TRY_NUMBER: '3' },
    'scheduled__2026-08-01T00:00:00+00:00',
    3,
    '//airflow/nightly/train/mnist',
  ],
  ['a Slurm job that never restarted', { SLURM_JOB_ID: '4711' }, '4711', 1, '//slurm/box/mnist'],
  [
    'a Slurm job restarted twice is in its third attempt',
    { SLURM_JOB_ID: '4711', SLURM_RESTART_COUNT: '2', SLURM_CLUSTER_NAME: 'hpc' },
    '4711',
    3,
    '//slurm/hpc/mnist',
  ],
  [
    'a GitHub job run again',
    { ...github, GITHUB_RUN_ATTEMPT: '2' },
    '99',
    2,
    '//github/acme%2Fmodels/train/mnist',
  ],
  ['an Argo workflow', { ARGO_WORKFLOW: 'wf-x', POD_NAMESPACE: 'ml' }, 'wf-x', 1, '//argo/ml/mnist'],
  [
    'a training job with a name',
    { TRAINING_JOB_NAME: 'tj', AWS_REGION: 'r1' },
    'tj',
    1,
    '//sagemaker/r1/mnist',
  ],
  ['a cloud ML job', { CLOUD_ML_JOB_ID: '12', CLOUD_ML_PROJECT_ID: 'p' }, '12', 1, '//vertex/p/mnist'],
  ['a Job outranks what its pod inherited', { ...github, JOB_NAME: 'j' }, 'j', 1, '//kubernetes/-/-/mnist'],
  ['an empty variable is no variable', { JOB_NAME: ' ', SLURM_JOB_ID: '7' }, '7', 1, '//slurm/box/mnist'],
  [
    'a count that is no count is the first attempt',
    { SLURM_JOB_ID: '7', SLURM_RESTART_COUNT: 'twice' },
    '7',
    1,
    '//slurm/box/mnist',
  ],
  [
    'attempts never count below one',
    { ...airflow, AIRFLOW_CTX_TRY_NUMBER: '0' },
    airflow.AIRFLOW_CTX_DAG_RUN_ID,
    1,
    '//airflow/nightly/train/mnist',
  ],
])('%s', (_sentence, env, runId, attempt, source) => {
  expect(runIdentity(env, fallback)).toMatchObject({ runId, attempt, source });
});

test('links are those pages of the run that are web addresses', () => {
  const env = { ...github, GITHUB_SERVER_URL: 'https://github.com', GITHUB_RUN_ATTEMPT: '2' };
  const logs = 'https://console/logs?q=1';
  const links = (more: Record<string, string>) => runIdentity({ ...env, ...more }, fallback).links;
  expect(links({ STACKDRIVER_LOGS: logs })).toStrictEqual([
    logs,
    'https://github.com/acme/models/actions/runs/99/attempts/2',
  ]);
  expect(links({ STACKDRIVER_LOGS: 'javascript:alert(1)', GITHUB_SERVER_URL: '' })).toStrictEqual([]);
});

test('two tests of one job have different sources, so that the second is not taken for a repetition', () => {
  const [a, b] = ['mnist', 'a/b'].map((testName) => runIdentity(tutorial, { ...fallback, testName }).source);
  expect(a).not.toBe(b);
  expect(b).toBe('//kubernetes/tutorial-cluster/automated/a%2Fb');
});
