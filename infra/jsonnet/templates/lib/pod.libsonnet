// The Pods of a test, whatever kind of object makes them.
local text = import 'text.libsonnet';

local exactly(name, value) = { name: name, value: text.literal(value) };
local given(key, value) = if value == null then {} else { [key]: value };
local has(object) = std.length(object) > 0;
local isWrapped(definition) = std.get(definition, 'wrap', false);

// Through this folder the init container hands the wrapper to the training.
local wrapperMount = { name: 'tidemark', mountPath: '/tidemark' };

local podFields = [
  ['POD_NAME', 'metadata.name'],
  ['POD_UID', 'metadata.uid'],
  ['POD_NAMESPACE', 'metadata.namespace'],
];
local jobFields = [
  ['JOB_NAME', "metadata.labels['batch.kubernetes.io/job-name']"],
  ['JOB_UID', "metadata.labels['batch.kubernetes.io/controller-uid']"],
];
// The set, not the Job in it: that one is another with each restart.
local setFields = [
  ['JOB_NAME', "metadata.labels['jobset.sigs.k8s.io/jobset-name']"],
  ['JOB_UID', "metadata.labels['jobset.sigs.k8s.io/jobset-uid']"],
];
// How many Pods came before, by what ended them.
local jobAttemptFields = [
  ['JOB_FAILURES', "metadata.annotations['batch.kubernetes.io/job-index-failure-count']"],
  ['JOB_DISRUPTIONS', "metadata.annotations['batch.kubernetes.io/job-index-ignored-failure-count']"],
];
local setAttemptFields = [['JOB_RESTARTS', "metadata.labels['jobset.sigs.k8s.io/restart-attempt']"]];

// Beside the rule of every tick: a run must not take far longer than the runs before.
local defaultRules = {
  total_wall_time: {
    comparison: 'less',
    success_threshold: { stddevs_from_mean: 5 },
    wait_for_n_points_of_history: 10,
    on_missing: 'ignore',
  },
};

{
  local pod = self,

  given:: given,
  defaultRules:: defaultRules,

  ownVariables:: [field[0] for field in podFields + jobFields] +
                 ['MODEL_DIR', 'METRIC_CONFIG', 'CLUSTER', 'ZONE', 'REGION', 'TIDEMARK_QUEUE'],
  wrapperVariables:: [field[0] for field in jobAttemptFields + setAttemptFields] + ['TIDEMARK_STATE'],

  // The names of the original's second version, then the person's own.
  labels(test):: {
    benchmarkId: test.testName,
    frameworkVersion: test.frameworkVersion,
    model: test.definition.modelName,
    mode: test.definition.mode,
    accelerator: test.accelerator.name,
    'app.kubernetes.io/managed-by': 'tidemark',
  } + std.get(test.definition, 'labels', {}),

  // What travels with the run: rules merge name by name; null stays null.
  metricConfig(test)::
    local collection = std.get(test.definition, 'metricCollectionConfig', {});
    local regression = std.get(test.definition, 'regressionTestConfig', {});
    {
      test_name: test.testName,
      test_type: test.definition.mode,
      accelerator: test.accelerator.name,
      framework_version: test.frameworkVersion,
      metric_collection_config:
        if collection == null then null else { default_aggregation_strategies: ['final'] } + collection,
      regression_test_config:
        if regression == null then null else
          local named = std.get(regression, 'metric_success_conditions', {});
          regression { metric_success_conditions: defaultRules + (if named == null then {} else named) },
    },

  metricConfigText(test):: text.json(pod.metricConfig(test)) + '\n',

  wrapperMount:: wrapperMount,

  // `maker` is what makes the Pods: { isSet: whether a JobSet does, retries: how often }.
  // Both containers see the same, so that what is announced is what is written to, and who announces it is who tells
  // its end. A variable may use only those above it: MODEL_DIR comes first, unless it uses one of the person's own.
  environment(test, maker)::
    local attempt = if maker.isSet then setAttemptFields else jobAttemptFields;
    local fields = podFields + (if maker.isSet then setFields else jobFields) +
                   (if isWrapped(test.definition) then attempt else []);
    local variables = std.get(test.definition, 'env', {});
    local own = [{ name: name, value: variables[name] } for name in std.objectFields(variables)];
    local place = { name: 'MODEL_DIR', value: test.modelDir };
    local usesOwn = std.any([std.objectHas(variables, name) for name in text.names(test.modelDir)]);
    [{ name: field[0], valueFrom: { fieldRef: { fieldPath: field[1] } } } for field in fields] +
    (if usesOwn then own + [place] else [place] + own),

  fromConfigMaps(definition)::
    [{ configMapRef: { name: name } } for name in std.get(definition, 'configMaps', ['gcs-buckets'])],

  // Where messages go and come from, for whoever sends them.
  places(definition)::
    local fields = { CLUSTER: 'cluster', ZONE: 'zone', REGION: 'region', TIDEMARK_QUEUE: 'queue' };
    local all = { [name]: std.get(definition, fields[name]) for name in std.objectFields(fields) } +
                (if isWrapped(definition) then { TIDEMARK_STATE: wrapperMount.mountPath + '/state' } else {});
    [exactly(name, all[name]) for name in std.objectFields(all) if all[name] != null],

  publisher(test, maker)::
    local definition = test.definition;
    local wrap = isWrapped(definition);
    {
      name: 'publisher',
      image: definition.publisherImage,
      envFrom: pod.fromConfigMaps(definition),
      env: pod.environment(test, maker) + pod.places(definition) + [exactly('METRIC_CONFIG', pod.metricConfigText(test))],
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      },
    } + (if wrap then { args: ['--install', wrapperMount.mountPath], volumeMounts: [wrapperMount] } else {}),

  // What stands before the words of a test so that their end is told, under the identity that is announced.
  wrapperCommand(test, retries)::
    local definition = test.definition;
    [
      wrapperMount.mountPath + '/tidemark-run',
      '--test-name',
      test.testName,
      '--run-id',
      '$(JOB_UID)',
      '--retries',
      '%d' % retries,
    ]
    // The wrapper counts with nine digits.
    + (if definition.timeout <= 999999999 then ['--timeout', '%d' % definition.timeout] else [])
    + (if test.accelerator.hosts > 1 then ['--only-first'] else [])
    + ['--'] + std.get(definition, 'entrypoint', []),

  train(test, maker)::
    local definition = test.definition;
    local wrap = isWrapped(definition);
    local command = if wrap then pod.wrapperCommand(test, maker.retries) else std.get(definition, 'entrypoint');
    local volumes = std.get(definition, 'volumes', {});
    local requests = given('cpu', std.get(definition, 'cpu')) + given('memory', std.get(definition, 'memory'));
    local limits = test.accelerator.limits + (if test.accelerator.type == 'cpu' then requests else {});
    local mounts = [
      { name: name, mountPath: volumes[name].mountPath } + given('readOnly', std.get(volumes[name], 'readOnly'))
      for name in std.objectFields(volumes)
    ] + (if wrap then [wrapperMount] else []);
    {
      name: 'train',
      image: test.image,
      imagePullPolicy: 'Always',
      args: definition.command,
      envFrom: pod.fromConfigMaps(definition),
      env: pod.environment(test, maker) + (if wrap then pod.places(definition) else []),
      resources: { limits: limits } + (if has(requests) then { requests: requests } else {}),
    } + given('command', command) + (if has(mounts) then { volumeMounts: mounts } else {}),

  template(test, maker)::
    local definition = test.definition;
    local own = std.get(definition, 'volumes', {});
    local volumes = [{ name: name } + own[name].source for name in std.objectFields(own)] +
                    (if isWrapped(definition) then [{ name: wrapperMount.name, emptyDir: {} }] else []);
    local spot = std.get(definition, 'spot', false);
    local key = 'cloud.google.com/gke-spot';
    local selector = test.accelerator.nodeSelector + (if spot then { [key]: 'true' } else {});
    {
      metadata: { labels: pod.labels(test) },
      spec: {
        // Failed Pods have to stay: they hold why they failed, and a policy for Pod failures wants it too.
        restartPolicy: 'Never',
        containers: [pod.train(test, maker)],
      } + given('serviceAccountName', std.get(definition, 'serviceAccountName'))
      + (if std.get(definition, 'publisherImage') == null then {} else { initContainers: [pod.publisher(test, maker)] })
      + (if has(selector) then { nodeSelector: selector } else {})
      + (if spot then { tolerations: [{ key: key, operator: 'Equal', value: 'true', effect: 'NoSchedule' }] } else {})
      + (if has(volumes) then { volumes: volumes } else {}),
    },
}
