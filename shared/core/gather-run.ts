import { isObject } from './json.ts';
import { v1Time } from './parse-message.ts';
import { PAST_SOURCE } from './past-run.ts';
import { unknownKey } from './problem.ts';
import { chooseEnd, DEFAULT_DEADLINE_MS, type ReportedEnd, type Run, type RunDetails } from './run.ts';
import { isJobThread, type RunEvent, runUuid } from './run-event.ts';
import { type FinishedData, MessageV1, type StartedData } from './schema/message.ts';
import { compareText } from './text-order.ts';
import { formatTime, parseTime } from './time.ts';

/** What one message says about a run, in one shape for all kinds of message. */
export interface Statement extends RunDetails {
  readonly kind: 'started' | 'finished' | 'heartbeat' | 'metrics';
  readonly event: RunEvent;
  readonly runId: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly attempt: number;
  readonly uuid: string | null;
  readonly startedAt: number | null;
  readonly deadline: number | null;
  readonly end: ReportedEnd | null;
  /** False: the attempt ended, the run goes on. */
  readonly final: boolean;
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
    attempt: data.attempt ?? 1,
    uuid: data.uuid ?? null,
    startedAt: optionalTime(data.started_at) ?? (kind === 'started' ? event.time : null),
    deadline: optionalTime(data.deadline),
    end,
    final: data.final ?? true,
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
const V1_CONFIG_KEYS = ['metric_collection_config', 'regression_test_config'];

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
    final: true,
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

/** All runs of a thread: one, or several where the messages name only a Job that ran more than once. */
export function gatherRuns(events: readonly RunEvent[]): Run[] {
  const statements = statementsOf(events);
  const [first] = statements;
  if (first === undefined) return [];
  if (!isJobThread(first.event.thread)) return [gatherRun(statements, first.runId)];
  return splitJob(statements).map((group) => {
    const begun = formatTime(smallest(group.map((statement) => statement.event.publishTime)));
    return gatherRun(group, `${first.runId}@${begun}`);
  });
}

/** A message belongs to the open run of its Job; once that has ended, or is past its deadline, to a new one. */
function splitJob(statements: readonly Statement[]): Statement[][] {
  const groups: Statement[][] = [];
  for (const statement of statements) {
    const open = groups.at(-1);
    if (open !== undefined && belongsTo(open, statement)) open.push(statement);
    else groups.push([statement]);
  }
  return groups;
}

function belongsTo(group: readonly Statement[], statement: Statement): boolean {
  // Its own run would have the same name, so it is the same run.
  if (statement.event.publishTime === group[0]!.event.publishTime) return true;
  const ends = group.flatMap((member) => member.end?.finishedAt ?? []);
  if (statement.end !== null && ends.includes(statement.end.finishedAt)) return true;
  if (ends.some((end) => end <= statement.event.time)) return false;
  return statement.event.time <= deadlineOf(group, group[0]!.event.time);
}

function deadlineOf(group: readonly Statement[], begun: number): number {
  const declared = group.flatMap((statement) => statement.deadline ?? []);
  return declared.at(-1) ?? begun + DEFAULT_DEADLINE_MS;
}

function gatherRun(statements: readonly Statement[], runId: string): Run {
  const first = statements[0]!;
  const { testName, thread } = first.event;
  const { cluster, namespace } = first;
  const uuids = statements.flatMap((statement) => statement.uuid ?? []).sort(compareText);
  const starts = statements.flatMap((statement) => statement.startedAt ?? []);
  const startedAt = starts.length === 0 ? null : smallest(starts);
  const newest = largest(statements.map((each) => each.attempt));
  const attempt = Math.max(newest, v1Attempts(statements));
  const current = statements.filter((statement) => isV1(statement) || statement.attempt === newest);
  const ends = current.flatMap((statement) => (statement.final ? (statement.end ?? []) : []));
  const end = chooseEnd(ends);
  const begun = startedAt ?? first.event.time;
  const declared = current.some((statement) => !isV1(statement) && statement.deadline !== null);
  const ownUuid = runUuid({ testName, cluster, namespace, runId });
  return {
    uuid: uuids[0] ?? ownUuid,
    ownUuid,
    thread,
    isPast: statements.every(({ event }) => event.source.startsWith(PAST_SOURCE)),
    testName,
    runId,
    attempt,
    numFailures: latest(statements, (each) => each.numFailures) ?? failures(attempt, end),
    startedAt,
    publishTime: smallest(statements.map((each) => each.event.publishTime)),
    deadline: deadlineOf(current, begun),
    deadlineOutcome: declared ? 'timeout' : 'lost',
    lastHeartbeat: newestHeartbeat(current),
    end,
    modelDir: latest(current, (each) => each.modelDir) ?? latest(statements, (each) => each.modelDir),
    testType: latest(statements, (each) => each.testType),
    accelerator: latest(statements, (each) => each.accelerator),
    frameworkVersion: latest(statements, (each) => each.frameworkVersion),
    labels: Object.fromEntries(statements.flatMap((each) => Object.entries(each.labels))),
    logsLink: latest(statements, (each) => each.logsLink),
    logsDownloadCommand: latest(statements, (each) => each.logsDownloadCommand),
    workloadLink: latest(statements, (each) => each.workloadLink),
    reportedMetrics: new Map(current.flatMap((each) => each.metrics)),
    messageConfig: latest(statements, (each) => each.config ?? null) ?? undefined,
    configErrors: [...new Set(statements.flatMap((each) => each.configErrors))],
  };
}

/** Every attempt of a v1 Job publishes once; the message that tells its end is no attempt. */
function v1Attempts(statements: readonly Statement[]): number {
  return statements.filter((statement) => isV1(statement) && statement.end === null).length;
}

function isV1({ event }: Statement): boolean {
  return event.kind === 'v1';
}

/** Not `Math.min(...)`: a run that reports its metrics step by step has more messages than a call takes arguments. */
function smallest(numbers: readonly number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number));
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number));
}

function failures(attempt: number, end: ReportedEnd | null): number {
  return end?.outcome === 'success' ? attempt - 1 : attempt;
}

function newestHeartbeat(statements: readonly Statement[]): number | null {
  const beats = statements.filter(({ kind }) => kind === 'heartbeat').map(({ event }) => event.time);
  return beats.length === 0 ? null : largest(beats);
}

function latest<T>(statements: readonly Statement[], pick: (statement: Statement) => T | null): T | null {
  for (let i = statements.length - 1; i >= 0; i--) {
    const value = pick(statements[i]!);
    if (value !== null) return value;
  }
  return null;
}
