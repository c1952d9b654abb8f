import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api.ts';

/** An object of the API server, as JSON. */
export type Json = Record<string, unknown>;

/** How a container ended, for the kubelet that is played. */
export interface ContainerEnd {
  readonly exitCode: number;
  /** The runtime's word; `Completed` or `Error` when left out. */
  readonly reason?: string;
  /** What the kubelet says of the whole Pod. */
  readonly pod?: { readonly reason: string; readonly message: string };
  /** Why the Pod was taken away, if it was. */
  readonly disruption?: { readonly reason: string; readonly message: string };
}

/** Which of the active Pods is meant; any when left out. */
export interface PodChoice {
  readonly index?: number;
}

/** A namespace of its own in which one scenario is played: the controllers are real, the kubelet is this. */
export interface Stage {
  readonly namespace: string;
  /** Makes a Job of one container with these parts of a Job's `spec`; answers with its uid. */
  job(name: string, spec?: Json, template?: Json): Promise<string>;
  patchJob(name: string, patch: Json): Promise<void>;
  deleteJob(name: string): Promise<void>;
  /** Waits for a Pod that has not ended, puts it onto a node that is not there, and says that it runs. */
  runningPod(choice?: PodChoice): Promise<string>;
  /** Waits for a Pod that is being deleted and still runs on its node. */
  terminatingPod(): Promise<string>;
  endPod(pod: string, end: ContainerEnd): Promise<void>;
  /** By the Eviction API, as `kubectl drain` does. */
  evictPod(pod: string): Promise<void>;
  /** The kubelet's last word: nothing of the Pod is left. */
  removePod(pod: string): Promise<void>;
  /** Waits until the Job's status is as wanted; throws with what it was instead. */
  until(name: string, isSo: (status: JobState) => boolean): Promise<void>;
  untilGone(name: string): Promise<void>;
}

/** A Job's status, the parts that scenarios wait for. */
export interface JobState {
  readonly active: number;
  readonly failed: number;
  readonly ready: number;
  /** Types of the conditions that are true. */
  readonly conditions: readonly string[];
}

const PATIENCE_MS = 40_000;

/** What all Jobs and Pods of a stage have. */
export interface StageOptions {
  readonly labels?: Readonly<Record<string, string>>;
}

/** Opens a stage; the namespace is made and left to lie. */
export async function openStage(api: Api, namespace: string, options: StageOptions = {}): Promise<Stage> {
  await api.demand('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const pods = `/api/v1/namespaces/${namespace}/pods`;

  /** Its name; empty while there is none. */
  async function findPod(isIt: (pod: Json) => boolean): Promise<string> {
    const { items } = (await api.demand('GET', pods)) as { items: Json[] };
    const found = items.find(isIt);
    return found === undefined ? '' : String((found.metadata as Json).name);
  }

  return {
    namespace,
    async job(name, spec = {}, template = {}) {
      const made = await api.demand('POST', jobs, labelled(jobObject(name, spec, template), options));
      return String((made.metadata as Json).uid);
    },
    patchJob: async (name, patch) => void (await api.demand('PATCH', `${jobs}/${name}`, patch)),
    async deleteJob(name) {
      await api.demand('DELETE', `${jobs}/${name}`, { propagationPolicy: 'Background' });
      await eventually(
        `Job ${name} is gone`,
        async () => (await api.ask('GET', `${jobs}/${name}`)).status === 404,
      );
    },
    terminatingPod: () => eventually('a Pod is deleted', () => findPod(isTerminating)),
    async runningPod({ index } = {}) {
      const isIt = (pod: Json) => isActive(pod) && (index === undefined || indexOf(pod) === index);
      const pod = await eventually('a Pod is there', () => findPod(isIt));
      await api.demand('POST', `${pods}/${pod}/binding`, {
        metadata: { name: pod },
        target: { kind: 'Node', name: 'node-1' },
      });
      await api.demand('PATCH', `${pods}/${pod}/status`, { status: running() });
      return pod;
    },
    endPod: async (pod, end) =>
      void (await api.demand('PATCH', `${pods}/${pod}/status`, { status: endedStatus(end) })),
    async evictPod(pod) {
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
      await api.demand('POST', `${pods}/${pod}/eviction`, eviction);
    },
    removePod: async (pod) => void (await api.demand('DELETE', `${pods}/${pod}`, { gracePeriodSeconds: 0 })),
    async until(name, isSo) {
      let last: Json = {};
      await eventually(`Job ${name} is as wanted`, async () => {
        last = (await api.demand('GET', `${jobs}/${name}`)).status as Json;
        return isSo(stateOf(last));
      }).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}; its status is ${JSON.stringify(last)}`);
      });
    },
    async untilGone(name) {
      await eventually(
        `Job ${name} is gone`,
        async () => (await api.ask('GET', `${jobs}/${name}`)).status === 404,
      );
    },
  };
}

/** Polls until there is an answer that is not empty. */
async function eventually<T>(what: string, look: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const found = await look();
    if (found) return found;
    await sleep(50);
  }
  throw new Error(`Waited ${PATIENCE_MS / 1000} s in vain until ${what}`);
}

function jobObject(name: string, spec: Json, template: Json): Json {
  const containers = [{ name: 'main', image: 'train' }];
  const pod = { restartPolicy: 'Never', terminationGracePeriodSeconds: 30, containers, ...template };
  return { metadata: { name }, spec: { backoffLimit: 0, template: { spec: pod }, ...spec } };
}

function labelled(job: Json, { labels }: StageOptions): Json {
  if (labels === undefined) return job;
  const spec = job.spec as Json & { template: Json };
  const template = { ...spec.template, metadata: { labels } };
  return { ...job, metadata: { ...(job.metadata as Json), labels }, spec: { ...spec, template } };
}

function stateOf(status: Json): JobState {
  const count = (key: string) => (typeof status[key] === 'number' ? status[key] : 0);
  const conditions = (status.conditions ?? []) as { type: string; status: string }[];
  return {
    active: count('active'),
    failed: count('failed'),
    ready: count('ready'),
    conditions: conditions.filter((one) => one.status === 'True').map(({ type }) => type),
  };
}

function isActive({ metadata, status }: Json): boolean {
  const phase = (status as Json).phase;
  return phase === 'Pending' && (metadata as Json).deletionTimestamp === undefined;
}

function isTerminating({ metadata }: Json): boolean {
  return (metadata as Json).deletionTimestamp !== undefined;
}

function indexOf({ metadata }: Json): number {
  const annotations = ((metadata as Json).annotations ?? {}) as Json;
  return Number(annotations['batch.kubernetes.io/job-completion-index']);
}

const now = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

function running(): Json {
  return { phase: 'Running', startTime: now(), conditions: [{ type: 'Ready', status: 'True' }] };
}

function endedStatus({ exitCode, reason, pod, disruption }: ContainerEnd): Json {
  const word = reason ?? (exitCode === 0 ? 'Completed' : 'Error');
  const terminated = { exitCode, reason: word, startedAt: now(), finishedAt: now() };
  const container = { name: 'main', image: 'train', imageID: '', ready: false, restartCount: 0 };
  const conditions = [
    { type: 'Ready', status: 'False' },
    ...(disruption === undefined ? [] : [{ type: 'DisruptionTarget', status: 'True', ...disruption }]),
  ];
  return {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    ...pod,
    conditions,
    containerStatuses: [{ ...container, state: { terminated } }],
  };
}
