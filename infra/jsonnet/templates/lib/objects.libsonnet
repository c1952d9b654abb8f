// Complete Kubernetes objects, one maker for each kind.
local pod = import 'pod.libsonnet';
local text = import 'text.libsonnet';

local given = pod.given;
local optional(test, key, default) = std.get(test.definition, key, default);
local ttl(test) = optional(test, 'ttlSecondsAfterFinished', 604800);
local suspended(test) = if std.objectHas(test.definition, 'kueueQueue') then { suspend: true } else {};

local jobLabels(test) = pod.labels(test) + given('kueue.x-k8s.io/queue-name', std.get(test.definition, 'kueueQueue'));
local namespace(test) = given('namespace', std.get(test.definition, 'namespace'));
local generated(test) = { generateName: test.testName + '-', labels: jobLabels(test) } + namespace(test);

// What happens to a Job when its Pod is preempted, evicted or its node is drained.
local onDisruption(action) = {
  rules: [{ action: action, onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
};

// Only the Pods of an index are told how many came before them (Kubernetes 1.29).
local counted(retries) = { completionMode: 'Indexed', completions: 1, parallelism: 1, backoffLimitPerIndex: retries };

local jobSpec(test, defaultRetries) =
  local retries = optional(test, 'retries', defaultRetries);
  {
    activeDeadlineSeconds: test.definition.timeout,
    ttlSecondsAfterFinished: ttl(test),
    podFailurePolicy: onDisruption('Ignore'),
    template: pod.template(test, { isSet: false, retries: retries }),
  } + (if optional(test, 'wrap', false) then counted(retries) else { backoffLimit: retries }) + suspended(test);

{
  local objects = self,

  oneshotJob(test):: { apiVersion: 'batch/v1', kind: 'Job', metadata: generated(test), spec: jobSpec(test, 0) },

  cronJob(test):: {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: test.testName, labels: pod.labels(test) } + namespace(test),
    spec: {
      schedule: test.definition.schedule,
      timeZone: optional(test, 'timeZone', 'Etc/UTC'),
      startingDeadlineSeconds: optional(test, 'startingDeadlineSeconds', 300),
      concurrencyPolicy: optional(test, 'concurrencyPolicy', 'Forbid'),
      // A day of hourly Jobs and more: how they ended is read from them.
      successfulJobsHistoryLimit: 30,
      failedJobsHistoryLimit: 30,
      jobTemplate: { metadata: { labels: jobLabels(test) }, spec: jobSpec(test, 1) },
    },
  },

  // All Pods of an accelerator together: when one is taken away the set begins anew, and that is not counted.
  jobSet(test)::
    local hosts = test.accelerator.hosts;
    local retries = optional(test, 'retries', 0);
    local annotations = { 'alpha.jobset.sigs.k8s.io/exclusive-topology': 'cloud.google.com/gke-nodepool' };
    {
      apiVersion: 'jobset.x-k8s.io/v1alpha2',
      kind: 'JobSet',
      metadata: generated(test) + (if hosts > 1 then { annotations: annotations } else {}),
      spec: {
        ttlSecondsAfterFinished: ttl(test),
        failurePolicy: {
          maxRestarts: retries,
          rules: [{
            name: 'disruption',
            action: 'RestartJobSetAndIgnoreMaxRestarts',
            onJobFailureReasons: ['PodFailurePolicy'],
          }],
        },
        replicatedJobs: [{
          name: 'train',
          replicas: 1,
          template: {
            metadata: { labels: pod.labels(test) },
            spec: {
              parallelism: hosts,
              completions: hosts,
              completionMode: 'Indexed',
              backoffLimit: 0,
              activeDeadlineSeconds: test.definition.timeout,
              podFailurePolicy: onDisruption('FailJob'),
              template: pod.template(test, { isSet: true, retries: retries }),
            },
          },
        }],
      } + suspended(test),
    },

  // Argo makes the Job and waits for it: the run is a Job still, so its end can be asked for like any other.
  workflow(test):: {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: generated(test) { labels: pod.labels(test) },
    spec: {
      entrypoint: 'train',
      activeDeadlineSeconds: test.definition.timeout + 600,
      ttlStrategy: { secondsAfterCompletion: ttl(test) },
      templates: [{
        name: 'train',
        resource: {
          action: 'create',
          setOwnerReference: true,
          successCondition: 'status.succeeded > 0',
          failureCondition: 'status.failed > ' + optional(test, 'retries', 0),
          manifest: text.json(objects.oneshotJob(test)) + '\n',
        },
      }],
    } + given('serviceAccountName', std.get(test.definition, 'serviceAccountName')),
  },
}
