// The Pods of a test, whatever kind of object makes them.
local text = import 'text.libsonnet';

local exactly(name, value) = { name: name, value: text.literal(value) };
local given(key, value) = if value == null then {} else { [key]: value };
local has(object) = std.length(object) > 0;

local podFields = [
  ['POD_NAME', 'metadata.name'],
  ['POD_UID', 'metadata.uid'],
  ['POD_NAMESPACE', 'metadata.namespace'],
  ['JOB_NAME', "metadata.labels['batch.kubernetes.io/job-name']"],
  ['JOB_UID', "metadata.labels['batch.kubernetes.io/controller-uid']"],
];

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

  ownVariables:: [field[0] for field in podFields] +
                 ['MODEL_DIR', 'METRIC_CONFIG', 'CLUSTER', 'ZONE', 'REGION', 'TIDEMARK_QUEUE'],

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

  // Both containers see the same, so that what is announced is what is written to. A variable may use only
  // those above it: MODEL_DIR comes first, unless it uses one of the person's own.
  environment(test)::
    local variables = std.get(test.definition, 'env', {});
    local own = [{ name: name, value: variables[name] } for name in std.objectFields(variables)];
    local place = { name: 'MODEL_DIR', value: test.modelDir };
    local usesOwn = std.any([std.objectHas(variables, name) for name in text.names(test.modelDir)]);
    [{ name: field[0], valueFrom: { fieldRef: { fieldPath: field[1] } } } for field in podFields] +
    (if usesOwn then own + [place] else [place] + own),

  fromConfigMaps(definition)::
    [{ configMapRef: { name: name } } for name in std.get(definition, 'configMaps', ['gcs-buckets'])],

  publisher(test)::
    local definition = test.definition;
    local places = { CLUSTER: 'cluster', ZONE: 'zone', REGION: 'region', TIDEMARK_QUEUE: 'queue' };
    {
      name: 'publisher',
      image: definition.publisherImage,
      envFrom: pod.fromConfigMaps(definition),
      env: pod.environment(test) + [
        exactly(name, definition[places[name]])
        for name in std.objectFields(places)
        if std.objectHas(definition, places[name])
      ] + [exactly('METRIC_CONFIG', pod.metricConfigText(test))],
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      },
    },

  train(test)::
    local definition = test.definition;
    local volumes = std.get(definition, 'volumes', {});
    local requests = given('cpu', std.get(definition, 'cpu')) + given('memory', std.get(definition, 'memory'));
    local limits = test.accelerator.limits + (if test.accelerator.type == 'cpu' then requests else {});
    local mounts = [
      { name: name, mountPath: volumes[name].mountPath } + given('readOnly', std.get(volumes[name], 'readOnly'))
      for name in std.objectFields(volumes)
    ];
    {
      name: 'train',
      image: test.image,
      imagePullPolicy: 'Always',
      args: definition.command,
      envFrom: pod.fromConfigMaps(definition),
      env: pod.environment(test),
      resources: { limits: limits } + (if has(requests) then { requests: requests } else {}),
    } + given('command', std.get(definition, 'entrypoint')) + (if has(mounts) then { volumeMounts: mounts } else {}),

  template(test)::
    local definition = test.definition;
    local volumes = std.get(definition, 'volumes', {});
    local spot = std.get(definition, 'spot', false);
    local key = 'cloud.google.com/gke-spot';
    local selector = test.accelerator.nodeSelector + (if spot then { [key]: 'true' } else {});
    {
      metadata: { labels: pod.labels(test) },
      spec: {
        // Failed Pods have to stay: they hold why they failed, and a policy for Pod failures wants it too.
        restartPolicy: 'Never',
        containers: [pod.train(test)],
      } + given('serviceAccountName', std.get(definition, 'serviceAccountName'))
      + (if std.get(definition, 'publisherImage') == null then {} else { initContainers: [pod.publisher(test)] })
      + (if has(selector) then { nodeSelector: selector } else {})
      + (if spot then { tolerations: [{ key: key, operator: 'Equal', value: 'true', effect: 'NoSchedule' }] } else {})
      + (if has(volumes) then { volumes: [{ name: name } + volumes[name].source for name in std.objectFields(volumes)] } else {}),
    },
}
