import type { Json } from '../json.ts';
import { literal, namesIn } from './expansion.ts';
import { byCodePoint } from './json-text.ts';
import { metricConfigText } from './metric-config.ts';
import type { Test } from './whole-test.ts';

/** A part of a Kubernetes object. */
export type Part = { readonly [key: string]: Json };

/** The label by which a watcher finds the Jobs of tests, with the test's name as value. */
export const TEST_LABEL = 'benchmarkId';

/** The labels of Jobs and Pods: the names of the original's second version, then the person's own. */
export function labelsOf({ definition, accelerator, testName, frameworkVersion }: Test): Part {
  return {
    [TEST_LABEL]: testName,
    frameworkVersion,
    model: definition.modelName,
    mode: definition.mode,
    accelerator: accelerator.name,
    'app.kubernetes.io/managed-by': 'tidemark',
    ...definition.labels,
  };
}

/** The Pods of a test, whatever kind of object makes them. */
export function podTemplate(test: Test): Part {
  const { definition, accelerator } = test;
  const volumes = sorted(definition.volumes);
  return {
    metadata: { labels: labelsOf(test) },
    spec: {
      // Failed Pods have to stay: they hold why they failed, and a policy for Pod failures wants it too.
      restartPolicy: 'Never',
      ...given('serviceAccountName', definition.serviceAccountName),
      ...(definition.publisherImage == null ? {} : { initContainers: [publisher(test)] }),
      containers: [train(test)],
      ...placement(accelerator.nodeSelector, definition.spot === true),
      ...(volumes.length === 0
        ? {}
        : { volumes: volumes.map(([name, { source }]) => ({ name, ...(source as Part) })) }),
    },
  };
}

/** A key with its value, or nothing where there is no value: Kubernetes refuses some nulls. */
export function given<K extends string>(key: K, value: Json | undefined): { readonly [key: string]: Json } {
  return value === undefined || value === null ? {} : { [key]: value };
}

function placement(nodeSelector: Readonly<Record<string, string>>, spot: boolean): Part {
  const key = 'cloud.google.com/gke-spot';
  const selector = { ...nodeSelector, ...(spot ? { [key]: 'true' } : {}) };
  return {
    ...(Object.keys(selector).length === 0 ? {} : { nodeSelector: selector }),
    ...(spot ? { tolerations: [{ key, operator: 'Equal', value: 'true', effect: 'NoSchedule' }] } : {}),
  };
}

function train(test: Test): Part {
  const { definition, accelerator } = test;
  const { cpu, memory, entrypoint, volumes } = definition;
  const requests = { ...given('cpu', cpu), ...given('memory', memory) };
  // What is asked for may be more than the default limit of a CPU test.
  const limits = { ...accelerator.limits, ...(accelerator.type === 'cpu' ? requests : {}) };
  const mounts = sorted(volumes).map(([name, { mountPath, readOnly }]) => ({
    name,
    mountPath,
    ...given('readOnly', readOnly),
  }));
  return {
    name: 'train',
    image: test.image,
    imagePullPolicy: 'Always',
    ...given('command', entrypoint),
    args: definition.command,
    envFrom: fromConfigMaps(definition.configMaps),
    env: environment(test),
    resources: { limits, ...(Object.keys(requests).length === 0 ? {} : { requests }) },
    ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
  };
}

function publisher(test: Test): Part {
  const { publisherImage, configMaps, cluster, zone, region, queue } = test.definition;
  const places = { CLUSTER: cluster, REGION: region, TIDEMARK_QUEUE: queue, ZONE: zone };
  return {
    name: 'publisher',
    image: publisherImage ?? '',
    envFrom: fromConfigMaps(configMaps),
    env: [
      ...environment(test),
      ...Object.entries(places).flatMap(([name, value]) =>
        value === undefined ? [] : [exactly(name, value)],
      ),
      exactly('METRIC_CONFIG', metricConfigText(test)),
    ],
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

/** In the order of names, so that equal definitions give equal lists. */
function sorted<T>(given: Readonly<Record<string, T>> = {}): [string, T][] {
  return Object.entries(given).sort(([a], [b]) => byCodePoint(a, b));
}

const exactly = (name: string, value: string) => ({ name, value: literal(value) });

const fromConfigMaps = (names: readonly string[] = ['gcs-buckets']) =>
  names.map((name) => ({ configMapRef: { name } }));

const POD_FIELDS = [
  ['POD_NAME', 'metadata.name'],
  ['POD_UID', 'metadata.uid'],
  ['POD_NAMESPACE', 'metadata.namespace'],
  ['JOB_NAME', "metadata.labels['batch.kubernetes.io/job-name']"],
  ['JOB_UID', "metadata.labels['batch.kubernetes.io/controller-uid']"],
] as const;

/** The variables that the template sets itself; a definition may not. */
export const OWN_VARIABLES: readonly string[] = [
  ...POD_FIELDS.map(([name]) => name),
  'MODEL_DIR',
  'METRIC_CONFIG',
  'CLUSTER',
  'ZONE',
  'REGION',
  'TIDEMARK_QUEUE',
];

/**
 * Both containers see the same, so that what is announced is what is written to. A variable may use only those
 * above it: MODEL_DIR comes first, so that others may use it, unless it uses one of them.
 */
function environment({ definition, modelDir }: Test): Part[] {
  const own = sorted(definition.env).map(([name, value]) => ({ name, value }));
  const names = new Set(own.map(({ name }) => name));
  const place = { name: 'MODEL_DIR', value: modelDir };
  const usesOwn = namesIn(modelDir).some((name) => names.has(name));
  return [
    ...POD_FIELDS.map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } })),
    ...(usesOwn ? [...own, place] : [place, ...own]),
  ];
}
