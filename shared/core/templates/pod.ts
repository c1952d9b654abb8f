import type { Json } from '../json.ts';
import { literal, namesIn } from './expansion.ts';
import { byCodePoint } from './json-text.ts';
import { metricConfigText } from './metric-config.ts';
import { TEST_LABEL } from './names.ts';
import { podFields } from './variables.ts';
import type { Test } from './whole-test.ts';
import { WRAPPER_MOUNT, WRAPPER_STATE, WRAPPER_VOLUME, wrapperCommand } from './wrapper.ts';

/** A part of a Kubernetes object. */
export type Part = { readonly [key: string]: Json };

/** What makes the Pods: a Job, or a JobSet, which makes all its Jobs anew where one fails; and how often. */
export interface Maker {
  readonly isSet: boolean;
  readonly retries: number;
}

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
export function podTemplate(test: Test, maker: Maker): Part {
  const { definition, accelerator } = test;
  const volumes = sorted(definition.volumes).map(([name, { source }]) => ({ name, ...(source as Part) }));
  const all = definition.wrap === true ? [...volumes, WRAPPER_VOLUME] : volumes;
  return {
    metadata: { labels: labelsOf(test) },
    spec: {
      // Failed Pods have to stay: they hold why they failed, and a policy for Pod failures wants it too.
      restartPolicy: 'Never',
      ...given('serviceAccountName', definition.serviceAccountName),
      ...(definition.publisherImage == null ? {} : { initContainers: [publisher(test, maker)] }),
      containers: [train(test, maker)],
      ...placement(accelerator.nodeSelector, definition.spot === true),
      ...(all.length === 0 ? {} : { volumes: all }),
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

function train(test: Test, maker: Maker): Part {
  const { definition, accelerator } = test;
  const { cpu, memory, entrypoint, volumes, wrap = false } = definition;
  const requests = { ...given('cpu', cpu), ...given('memory', memory) };
  // What is asked for may be more than the default limit of a CPU test.
  const limits = { ...accelerator.limits, ...(accelerator.type === 'cpu' ? requests : {}) };
  const own = sorted(volumes).map(([name, { mountPath, readOnly }]) => ({
    name,
    mountPath,
    ...given('readOnly', readOnly),
  }));
  const mounts = wrap ? [...own, WRAPPER_MOUNT] : own;
  return {
    name: 'train',
    image: test.image,
    imagePullPolicy: 'Always',
    ...given('command', wrap ? wrapperCommand(test, maker.retries) : entrypoint),
    args: definition.command,
    envFrom: fromConfigMaps(definition.configMaps),
    env: [...environment(test, maker), ...(wrap ? places(test) : [])],
    resources: { limits, ...(Object.keys(requests).length === 0 ? {} : { requests }) },
    ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
  };
}

function publisher(test: Test, maker: Maker): Part {
  const { publisherImage, configMaps, wrap = false } = test.definition;
  return {
    name: 'publisher',
    image: publisherImage ?? '',
    ...(wrap ? { args: ['--install', WRAPPER_MOUNT.mountPath] } : {}),
    envFrom: fromConfigMaps(configMaps),
    env: [...environment(test, maker), ...places(test), exactly('METRIC_CONFIG', metricConfigText(test))],
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    ...(wrap ? { volumeMounts: [WRAPPER_MOUNT] } : {}),
  };
}

/** Where messages go and come from, for whoever sends them. */
function places({ definition: { cluster, region, queue, zone, wrap = false } }: Test): Part[] {
  const state = wrap ? WRAPPER_STATE : undefined;
  const all = { CLUSTER: cluster, REGION: region, TIDEMARK_QUEUE: queue, TIDEMARK_STATE: state, ZONE: zone };
  return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [exactly(name, value)]));
}

/** In the order of names, so that equal definitions give equal lists. */
function sorted<T>(given: Readonly<Record<string, T>> = {}): [string, T][] {
  return Object.entries(given).sort(([a], [b]) => byCodePoint(a, b));
}

const exactly = (name: string, value: string) => ({ name, value: literal(value) });

const fromConfigMaps = (names: readonly string[] = ['gcs-buckets']) =>
  names.map((name) => ({ configMapRef: { name } }));

/**
 * Both containers see the same, so that what is announced is what is written to, and who announces it is who tells
 * its end. A variable may use only those above it: MODEL_DIR comes first, so that others may use it, unless it uses
 * one of them.
 */
function environment({ definition, modelDir }: Test, { isSet }: Maker): Part[] {
  const fields = podFields({ isSet, wrap: definition.wrap === true });
  const own = sorted(definition.env).map(([name, value]) => ({ name, value }));
  const names = new Set(own.map(({ name }) => name));
  const place = { name: 'MODEL_DIR', value: modelDir };
  const usesOwn = namesIn(modelDir).some((name) => names.has(name));
  return [
    ...fields.map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } })),
    ...(usesOwn ? [...own, place] : [place, ...own]),
  ];
}
