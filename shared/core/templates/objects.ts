import type { TemplateKind } from './definition.ts';
import { jsonText } from './json-text.ts';
import { given, labelsOf, type Part, podTemplate } from './pod.ts';
import type { Test } from './whole-test.ts';

const WEEK_SECONDS = 604_800;
/** Argo may be told of an end a little later than the Job's own deadline. */
const GRACE_SECONDS = 600;

/** A complete Kubernetes object of one kind. */
export function templateObject(kind: TemplateKind, test: Test): Part {
  return MAKERS[kind](test);
}

const MAKERS: Readonly<Record<TemplateKind, (test: Test) => Part>> = {
  oneshotJob: (test) => oneshotJob(test),
  cronJob,
  jobSet,
  workflow,
};

/** Each creation is a run of its own, with a name of its own. */
function generated(test: Test): Part {
  const { namespace } = test.definition;
  return { generateName: `${test.testName}-`, ...given('namespace', namespace), labels: jobLabels(test) };
}

function jobLabels(test: Test): Part {
  const { kueueQueue } = test.definition;
  return { ...labelsOf(test), ...given('kueue.x-k8s.io/queue-name', kueueQueue) };
}

const ttl = ({ definition }: Test) => definition.ttlSecondsAfterFinished ?? WEEK_SECONDS;
const suspended = ({ definition }: Test) => (definition.kueueQueue === undefined ? {} : { suspend: true });

/** What happens to a Job when its Pod is preempted, evicted or its node is drained. */
const onDisruption = (action: 'Ignore' | 'FailJob') => ({
  rules: [{ action, onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
});

function jobSpec(test: Test, defaultRetries: number): Part {
  const retries = test.definition.retries ?? defaultRetries;
  // Only the Pods of an index are told how many came before them (Kubernetes 1.29).
  const counted = {
    completionMode: 'Indexed',
    completions: 1,
    parallelism: 1,
    backoffLimitPerIndex: retries,
  };
  return {
    ...(test.definition.wrap === true ? counted : { backoffLimit: retries }),
    activeDeadlineSeconds: test.definition.timeout,
    ttlSecondsAfterFinished: ttl(test),
    podFailurePolicy: onDisruption('Ignore'),
    ...suspended(test),
    template: podTemplate(test, { isSet: false, retries }),
  };
}

function oneshotJob(test: Test): Part {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: generated(test), spec: jobSpec(test, 0) };
}

function cronJob(test: Test): Part {
  const { definition, testName } = test;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: testName, ...given('namespace', definition.namespace), labels: labelsOf(test) },
    spec: {
      schedule: definition.schedule ?? '',
      timeZone: definition.timeZone ?? 'Etc/UTC',
      startingDeadlineSeconds: definition.startingDeadlineSeconds ?? 300,
      concurrencyPolicy: definition.concurrencyPolicy ?? 'Forbid',
      // A day of hourly Jobs and more: how they ended is read from them.
      successfulJobsHistoryLimit: 30,
      failedJobsHistoryLimit: 30,
      jobTemplate: { metadata: { labels: jobLabels(test) }, spec: jobSpec(test, 1) },
    },
  };
}

/** All Pods of an accelerator together: when one is taken away the set begins anew, and that is not counted. */
function jobSet(test: Test): Part {
  const { hosts } = test.accelerator;
  const retries = test.definition.retries ?? 0;
  const annotations = { 'alpha.jobset.sigs.k8s.io/exclusive-topology': 'cloud.google.com/gke-nodepool' };
  const spec = {
    parallelism: hosts,
    completions: hosts,
    completionMode: 'Indexed',
    backoffLimit: 0,
    activeDeadlineSeconds: test.definition.timeout,
    podFailurePolicy: onDisruption('FailJob'),
    template: podTemplate(test, { isSet: true, retries }),
  };
  return {
    apiVersion: 'jobset.x-k8s.io/v1alpha2',
    kind: 'JobSet',
    metadata: { ...generated(test), ...(hosts > 1 ? { annotations } : {}) },
    spec: {
      ttlSecondsAfterFinished: ttl(test),
      ...suspended(test),
      failurePolicy: {
        maxRestarts: retries,
        rules: [
          {
            name: 'disruption',
            action: 'RestartJobSetAndIgnoreMaxRestarts',
            onJobFailureReasons: ['PodFailurePolicy'],
          },
        ],
      },
      replicatedJobs: [
        { name: 'train', replicas: 1, template: { metadata: { labels: labelsOf(test) }, spec } },
      ],
    },
  };
}

/** Argo makes the Job and waits for it: the run is a Job still, so its end can be asked for like any other. */
function workflow(test: Test): Part {
  const { timeout, serviceAccountName, retries } = test.definition;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { ...generated(test), labels: labelsOf(test) },
    spec: {
      entrypoint: 'train',
      ...given('serviceAccountName', serviceAccountName),
      activeDeadlineSeconds: timeout + GRACE_SECONDS,
      ttlStrategy: { secondsAfterCompletion: ttl(test) },
      templates: [
        {
          name: 'train',
          resource: {
            action: 'create',
            setOwnerReference: true,
            successCondition: 'status.succeeded > 0',
            failureCondition: `status.failed > ${retries ?? 0}`,
            manifest: `${jsonText(oneshotJob(test))}\n`,
          },
        },
      ],
    },
  };
}
