import { factsOfV2 } from './facts-v2.ts';
import { observedOf } from './job-end.ts';
import { isObject } from './json.ts';
import { v1Time } from './parse-message.ts';
import { unknownKey } from './problem.ts';
import type { ReportedEnd, RunDetails } from './run.ts';
import type { RunEvent } from './run-event.ts';
import { type FinishedData, MessageV1, type StartedData } from './schema/message.ts';
import { compareText } from './text-order.ts';
import { parseTime } from './time.ts';
import { WATCHER } from './watcher-event.ts';

/** A Job as a message names it. */
export interface NamedJob {
  readonly name: string;
  readonly uid: string | null;
  /** Zone or region of its cluster. */
  readonly location: string | null;
}

/** What one message says about a run, in one shape for all kinds of message. */
export interface Statement extends RunDetails {
  readonly kind: 'started' | 'finished' | 'heartbeat' | 'metrics' | 'observed';
  readonly event: RunEvent;
  readonly runId: string;
  readonly cluster: string;
  readonly namespace: string;
  /** The Kubernetes Job that can be asked how it ended. */
  readonly job: NamedJob | null;
  readonly attempt: number;
  readonly uuid: string | null;
  readonly startedAt: number | null;
  readonly deadline: number | null;
  readonly end: ReportedEnd | null;
  /** When a tick first saw that the Job is not there any more. */
  readonly goneAt: number | null;
  /** Why its cluster was not asked. */
  readonly refusal: string | null;
  /** False: the attempt ended, the run goes on. */
  readonly final: boolean;
  /** Seen in the cluster, by a tick or the watcher: it speaks of the whole Job, by the cluster's clock. */
  readonly isSeen: boolean;
  readonly numFailures: number | null;
  readonly metrics: readonly (readonly [string, number])[];
  readonly config: unknown;
  readonly configErrors: readonly string[];
}

type EventData = Partial<StartedData> & Partial<FinishedData> & { run_id: string };

/** The statements of a thread's messages, in the order of their times (ties by source and id). */
export function statementsOf(events: readonly RunEvent[]): Statement[] {
  return events
    .flatMap((event) => {
      const { kind } = event;
      if (kind === 'v1') return [fromV1(event)];
      if (kind === 'v2') return [fromV2(event)];
      if (kind === 'observed') return [fromObserved(event)];
      if (kind === 'started' || kind === 'finished' || kind === 'heartbeat' || kind === 'metrics') {
        return [fromEvent(event, kind)];
      }
      return [];
    })
    .sort(
      (a, b) =>
        a.event.time - b.event.time ||
        // At one moment a start comes before an end.
        Number(a.end !== null) - Number(b.end !== null) ||
        compareText(a.event.source, b.event.source) ||
        compareText(a.event.id, b.event.id),
    );
}

function fromEvent(event: RunEvent, kind: Statement['kind']): Statement {
  const data = JSON.parse(event.body) as EventData;
  const finishedAt = optionalTime(data.finished_at) ?? event.time;
  const end =
    kind === 'finished'
      ? { outcome: data.outcome!, finishedAt, time: event.time, source: event.source }
      : null;
  return {
    kind,
    event,
    runId: data.run_id,
    cluster: data.cluster_name ?? '',
    namespace: data.job_namespace ?? '',
    job: null,
    attempt: data.attempt ?? 1,
    uuid: data.uuid ?? null,
    startedAt: optionalTime(data.started_at) ?? (kind === 'started' ? event.time : null),
    deadline: optionalTime(data.deadline),
    end,
    goneAt: null,
    refusal: null,
    final: data.final ?? true,
    isSeen: data.reporter === WATCHER,
    numFailures: data.num_failures ?? null,
    modelDir: data.model_dir ?? null,
    testType: data.test_type ?? null,
    accelerator: data.accelerator ?? null,
    frameworkVersion: data.framework_version ?? null,
    labels: labelTexts(data.labels),
    logsLink: data.logs_link ?? firstLink(data.links),
    logsDownloadCommand: data.logs_download_command ?? null,
    workloadLink: data.workload_link ?? null,
    metrics: (data.metrics ?? []).flatMap(({ name, value }) =>
      value === null ? [] : [[name, Number(value)] as const],
    ),
    config: data.config,
    configErrors: data.metric_config_error === undefined ? [] : [data.metric_config_error],
  };
}

const V1_KEYS = Object.keys(MessageV1.shape);
const V1_CONFIG_KEYS = ['metric_collection_config', 'regression_test_config', 'sources'];

function fromV1(event: RunEvent): Statement {
  const data = JSON.parse(event.body) as MessageV1;
  const info = data.job_info ?? null;
  const config = Object.fromEntries(
    V1_CONFIG_KEYS.filter((key) => Object.hasOwn(data, key)).map((key) => [key, data[key]]),
  );
  const unknown = Object.keys(data).filter((key) => !V1_KEYS.includes(key));
  return {
    kind: info === null ? 'started' : 'finished',
    event,
    runId: data.job_uid || data.job_name,
    cluster: data.cluster_name ?? '',
    namespace: data.job_namespace ?? '',
    job: data.cluster_name ? jobOf(data) : null,
    attempt: 1,
    uuid: null,
    startedAt: event.publishTime,
    deadline: v1Time(data.deadline),
    end:
      info === null
        ? null
        : {
            outcome: info.status,
            finishedAt: v1Time(info.stop_time) ?? event.time,
            time: event.time,
            source: event.source,
          },
    goneAt: null,
    refusal: null,
    final: true,
    isSeen: false,
    numFailures: info?.num_failures ?? null,
    modelDir: data.model_dir || null,
    testType: data.test_type ?? null,
    accelerator: data.accelerator ?? null,
    frameworkVersion: data.framework_version ?? null,
    labels: {},
    logsLink: data.logs_link || null,
    logsDownloadCommand: null,
    workloadLink: workloadLink(data),
    metrics: [],
    config: Object.keys(config).length === 0 ? undefined : config,
    configErrors: [
      ...unknown.map((key) => `${key}: ${unknownKey(key, V1_KEYS)}`),
      ...(data.metric_config_error === undefined ? [] : [data.metric_config_error]),
    ],
  };
}

/** A v2 message is sent when the Job has ended, and needs nobody to be asked. */
function fromV2(event: RunEvent): Statement {
  return {
    kind: 'finished',
    event,
    cluster: '',
    namespace: '',
    job: null,
    uuid: null,
    deadline: null,
    goneAt: null,
    refusal: null,
    final: true,
    isSeen: false,
    numFailures: null,
    ...factsOfV2(event),
  };
}

/** The console page of a Kubernetes Job, as the tutorial's tables have it. */
function workloadLink(data: MessageV1): string | null {
  const location = data.zone || data.region;
  if (!location || !data.cluster_name || !data.job_namespace) return null;
  const path = [location, data.cluster_name, data.job_namespace, data.job_name].map(encodeUriPart).join('/');
  return `https://console.cloud.google.com/kubernetes/job/${path}`;
}

/** Percent-encodes all but unreserved characters of RFC 3986 §2.3. */
function encodeUriPart(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return Array.from(bytes, (byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w.~-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function optionalTime(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : parseTime(text);
}

function labelTexts(labels: StartedData['labels']): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).map(([key, value]) => [key, String(value ?? '')]));
}

function firstLink(links: StartedData['links']): string | null {
  const [first] = links ?? [];
  if (first === undefined) return null;
  return isObject(first) ? String(first.url) : String(first);
}

function jobOf(data: MessageV1): NamedJob {
  return { name: data.job_name, uid: data.job_uid || null, location: data.zone || data.region || null };
}

/** What a tick saw of the Job; it adds to what the messages said and never begins a run. */
function fromObserved(event: RunEvent): Statement {
  const observed = observedOf(event);
  const end = observed.kind === 'ended' ? observed.end : null;
  return {
    kind: 'observed',
    event,
    runId: observed.runId,
    cluster: '',
    namespace: '',
    job: null,
    attempt: 1,
    uuid: null,
    startedAt: end?.startedAt ?? null,
    deadline: null,
    end:
      end === null
        ? null
        : { outcome: end.outcome, finishedAt: end.finishedAt, time: event.time, source: event.source },
    goneAt: observed.kind === 'gone' ? observed.at : null,
    refusal: observed.kind === 'refused' ? observed.detail : null,
    final: true,
    isSeen: true,
    numFailures: end?.failures ?? null,
    ...NOTHING_ELSE,
  };
}

const NOTHING_ELSE = {
  modelDir: null,
  testType: null,
  accelerator: null,
  frameworkVersion: null,
  labels: {},
  logsLink: null,
  logsDownloadCommand: null,
  workloadLink: null,
  metrics: [],
  config: undefined,
  configErrors: [],
} as const;
