import { type JsonNumber, toJsonNumber } from './json.ts';
import type { Outcome } from './outcome.ts';
import { formatTime } from './time.ts';
import { withoutAbsent } from './without-absent.ts';

export const EVENT_TYPES = {
  expected: 'io.tidemark.run.expected.v1',
  started: 'io.tidemark.run.started.v1',
  finished: 'io.tidemark.run.finished.v1',
  heartbeat: 'io.tidemark.run.heartbeat.v1',
  metrics: 'io.tidemark.metrics.reported.v1',
} as const;

/** A CloudEvents 1.0 event in structured JSON. `source` and `id` together tell duplicates. */
export interface CloudEvent<Data> {
  readonly specversion: '1.0';
  readonly type: (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES];
  readonly source: string;
  readonly id: string;
  /** When it happened, ISO 8601 UTC. */
  readonly time: string;
  /** The test's name. */
  readonly subject: string;
  readonly datacontenttype: 'application/json';
  readonly data: Data;
}

/** Which run an event speaks of, and who says so (`source`, a URI reference). */
export interface RunRef {
  readonly source: string;
  readonly runId: string;
  /** Counts from 1. */
  readonly attempt: number;
  readonly testName: string;
  /** Parts of the run's identity where it is a Job of Kubernetes. */
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
}

/** What names a run in the data of each event. */
export interface RunKey {
  readonly run_id: string;
  readonly attempt: number;
  readonly test_name: string;
  readonly cluster_name?: string;
  readonly job_namespace?: string;
}

/** JSON knows no NaN and no infinities; they travel as words. */
export interface ReportedMetric {
  readonly name: string;
  readonly value: JsonNumber;
}

export interface MetricInput {
  readonly name: string;
  readonly value: number;
}

/** The settings of a test as its `METRIC_CONFIG` gives them, not yet validated. */
export type ConfigInput = Readonly<Record<string, unknown>>;

/** What both ends of a run may tell. */
export interface SharedFields {
  readonly modelDir?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly config?: ConfigInput | undefined;
  /** Why the config given to the run could not be read: one sentence. */
  readonly metricConfigError?: string | undefined;
  readonly links?: readonly string[] | undefined;
  readonly host?: string | undefined;
}

interface SharedData {
  readonly model_dir?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly config?: ConfigInput;
  readonly metric_config_error?: string;
  readonly links?: readonly string[];
  readonly host?: string;
}

/** Times are milliseconds since the epoch. */
export interface StartedFields extends SharedFields {
  readonly startedAt: number;
  readonly deadline?: number | undefined;
  readonly accelerator?: string | undefined;
  readonly testType?: string | undefined;
  readonly frameworkVersion?: string | undefined;
  readonly trigger?: string | undefined;
}

export interface StartedData extends RunKey, SharedData {
  readonly started_at: string;
  readonly deadline?: string;
  readonly accelerator?: string;
  readonly test_type?: string;
  readonly framework_version?: string;
  readonly trigger?: string;
}

/** Times are milliseconds since the epoch. */
export interface FinishedFields extends SharedFields {
  readonly outcome: Outcome;
  readonly finishedAt: number;
  /** Absent when only the end is known; then there is no `duration_s` either. */
  readonly startedAt?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  /** A word for machines. */
  readonly reason?: string | undefined;
  /** A sentence for people. */
  readonly message?: string | undefined;
  readonly metrics?: readonly MetricInput[] | undefined;
  /** False when a further attempt will follow. */
  readonly final?: boolean | undefined;
  /** How often it failed on the way. */
  readonly numFailures?: number | undefined;
  /** What kind of program tells it, where it is not the run itself. */
  readonly reporter?: string | undefined;
}

export interface FinishedData extends RunKey, SharedData {
  readonly outcome: Outcome;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly started_at?: string;
  readonly finished_at: string;
  /** Seconds. */
  readonly duration_s?: number;
  readonly metrics?: readonly ReportedMetric[];
  readonly final?: boolean;
  readonly num_failures?: number;
  readonly reporter?: string;
}

export interface MetricsData extends RunKey {
  readonly metrics: readonly ReportedMetric[];
}

export function startedEvent(run: RunRef, fields: StartedFields): CloudEvent<StartedData> {
  const data = withoutAbsent({
    ...runKey(run),
    started_at: formatTime(fields.startedAt),
    deadline: optionalTime(fields.deadline),
    ...sharedData(fields),
    accelerator: fields.accelerator,
    test_type: fields.testType,
    framework_version: fields.frameworkVersion,
    trigger: fields.trigger,
  });
  return envelope(run, { type: EVENT_TYPES.started, word: 'started', time: fields.startedAt, data });
}

export function finishedEvent(run: RunRef, fields: FinishedFields): CloudEvent<FinishedData> {
  const { startedAt, finishedAt } = fields;
  const data = withoutAbsent({
    ...runKey(run),
    outcome: fields.outcome,
    exit_code: fields.exitCode,
    signal: fields.signal,
    reason: fields.reason,
    message: fields.message,
    started_at: optionalTime(startedAt),
    finished_at: formatTime(finishedAt),
    duration_s: startedAt === undefined ? undefined : (finishedAt - startedAt) / 1000,
    ...sharedData(fields),
    metrics: fields.metrics?.map(reportedMetric),
    final: fields.final,
    num_failures: fields.numFailures,
    reporter: fields.reporter,
  });
  return envelope(run, { type: EVENT_TYPES.finished, word: 'finished', time: finishedAt, data });
}

/** `n` counts the heartbeats of this attempt from 1; `time` is milliseconds since the epoch. */
export function heartbeatEvent(run: RunRef, { n, time }: { n: number; time: number }): CloudEvent<RunKey> {
  return envelope(run, { type: EVENT_TYPES.heartbeat, word: `heartbeat/${n}`, time, data: runKey(run) });
}

/** `n` counts the reports of this attempt from 1; `time` is milliseconds since the epoch. */
export function metricsEvent(
  run: RunRef,
  { n, time, metrics }: { n: number; time: number; metrics: readonly MetricInput[] },
): CloudEvent<MetricsData> {
  const data = { ...runKey(run), metrics: metrics.map(reportedMetric) };
  return envelope(run, { type: EVENT_TYPES.metrics, word: `metrics/${n}`, time, data });
}

/** An event around its data; `word` makes its id among those of the run. */
export function envelope<Data>(
  run: RunRef,
  about: { type: CloudEvent<Data>['type']; word: string; time: number; data: Data },
): CloudEvent<Data> {
  return {
    specversion: '1.0',
    type: about.type,
    source: run.source,
    // Made of what the event says and nothing else, so that a repetition is known for one.
    id: `${run.runId}/${run.attempt}/${about.word}`,
    time: formatTime(about.time),
    subject: run.testName,
    datacontenttype: 'application/json',
    data: about.data,
  };
}

/** The fields of an event's data that name its run. */
export function runKey(run: RunRef): RunKey {
  return withoutAbsent({
    run_id: run.runId,
    attempt: run.attempt,
    test_name: run.testName,
    cluster_name: run.cluster,
    job_namespace: run.namespace,
  });
}

function sharedData(fields: SharedFields) {
  return {
    model_dir: fields.modelDir,
    labels: isEmpty(fields.labels) ? undefined : fields.labels,
    config: fields.config,
    metric_config_error: fields.metricConfigError,
    links: isEmpty(fields.links) ? undefined : fields.links,
    host: fields.host,
  };
}

function isEmpty(value: object | undefined): boolean {
  return value === undefined || Object.keys(value).length === 0;
}

function reportedMetric({ name, value }: MetricInput): ReportedMetric {
  return { name, value: toJsonNumber(value) };
}

function optionalTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : formatTime(ms);
}
