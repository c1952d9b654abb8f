import { factsOfV2 } from './facts-v2.ts';
import { observedOf } from './job-end.ts';
import { isObject } from './json.ts';
import type { RunEvent } from './run-event.ts';
import type { ExpectedData, FinishedData, StartedData } from './schema/message.ts';
import type { Statement } from './statement.ts';
import { fromV1 } from './statement-v1.ts';
import { compareText } from './text-order.ts';
import { parseTime } from './time.ts';
import { WATCHER } from './watcher-event.ts';

type EventData = Partial<StartedData> & Partial<FinishedData> & Partial<ExpectedData> & { run_id: string };

/** The statements of a thread's messages, in the order of their times (ties by source and id). */
export function statementsOf(events: readonly RunEvent[]): Statement[] {
  return events
    .flatMap((event) => {
      const { kind } = event;
      if (kind === 'v1') return [fromV1(event)];
      if (kind === 'v2') return [fromV2(event)];
      if (kind === 'observed') return [fromObserved(event)];
      if (isOfRun(kind)) return [fromEvent(event, kind)];
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

const OF_RUN = ['expected', 'started', 'finished', 'heartbeat', 'metrics'] as const;

function isOfRun(kind: RunEvent['kind']): kind is (typeof OF_RUN)[number] {
  return (OF_RUN as readonly string[]).includes(kind);
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
    expected:
      kind === 'expected' ? { startBy: parseTime(data.start_by!)!, anyRun: data.any_run ?? false } : null,
    end,
    goneAt: null,
    refusal: null,
    message: data.message ?? data.hint ?? null,
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
    expected: null,
    goneAt: null,
    refusal: null,
    message: null,
    final: true,
    isSeen: false,
    numFailures: null,
    ...factsOfV2(event),
  };
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
    expected: null,
    end:
      end === null
        ? null
        : { outcome: end.outcome, finishedAt: end.finishedAt, time: event.time, source: event.source },
    goneAt: observed.kind === 'gone' ? observed.at : null,
    refusal: observed.kind === 'refused' ? observed.detail : null,
    message: null,
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
