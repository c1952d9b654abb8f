import type { JobRow, MetricRow } from '../../shared/core/rows.ts';
import { orderOf } from '../../shared/core/rows.ts';
import type { RunOrder } from '../../shared/core/run.ts';
import type { RejectedMessage, RunEvent } from '../../shared/core/run-event.ts';
import type {
  History,
  IndexedRun,
  JudgeTask,
  OutboxEntry,
  RunRecord,
  SettledThread,
} from '../../shared/ports/history.ts';

/** 2026-08-01T00:00:00Z and days after it, in milliseconds since the epoch. */
export function day(n: number): number {
  return Date.UTC(2026, 7, 1) + n * 86_400_000;
}

/** An event of thread `run:a`; the key follows from source and id unless it is given. */
export function event(fields: Partial<RunEvent> = {}): RunEvent {
  const { source = '//job', id = 'a/1/finished' } = fields;
  return {
    eventKey: `${source} ${id}`,
    thread: 'run:a',
    kind: 'finished',
    testName: 't',
    source,
    id,
    time: day(1),
    publishTime: day(1),
    body: '{"run_id":"a"}',
    ...fields,
  };
}

export function heartbeat(fields: Partial<RunEvent> = {}): RunEvent {
  return event({ eventKey: 'heartbeat a 1', kind: 'heartbeat', id: 'a/1/heartbeat/1', ...fields });
}

export function rejection(fields: Partial<RejectedMessage> = {}): RejectedMessage {
  const body = new TextEncoder().encode('{');
  return {
    id: 'r',
    reason: 'json',
    detail: 'Cannot read it',
    name: 'm.json',
    publishTime: day(1),
    body,
    ...fields,
  };
}

/** A successful run that ended on day `n`; uuid and thread follow from its id. */
export function ended(runId: string, n: number, fields: Partial<IndexedRun> = {}): IndexedRun {
  const finishedAt = day(n);
  return {
    uuid: `uuid-${runId}`,
    thread: `run:${runId}`,
    testName: 't',
    runId,
    attempt: 1,
    startedAt: finishedAt - 3_600_000,
    ended: { outcome: 'success', finishedAt },
    checkAt: null,
    ...fields,
  };
}

/** A run that began on day `n` and whose end may be inferred two days later. */
export function open(runId: string, n: number, fields: Partial<IndexedRun> = {}): IndexedRun {
  return ended(runId, n, { startedAt: day(n), ended: null, checkAt: day(n + 2), ...fields });
}

/** Threads as they are settled, one for each run. */
export function threads(...runs: readonly IndexedRun[]): SettledThread[] {
  return runs.map((run) => ({ thread: run.thread, runs: [run], learnt: [] }));
}

/** The row of an ended run; an open one is none. */
export function job(run: IndexedRun, fields: Partial<JobRow> = {}): JobRow {
  if (run.ended === null) throw new Error(`run ${run.runId} is open`);
  const { outcome, finishedAt } = run.ended;
  return {
    uuid: run.uuid,
    runId: run.runId,
    attempt: run.attempt,
    testName: run.testName,
    testType: null,
    accelerator: 'cpu',
    frameworkVersion: null,
    outcome,
    numFailures: null,
    jobDurationSec: 3600,
    startedAt: run.startedAt,
    finishedAt,
    logsLink: null,
    logsDownloadCommand: null,
    workloadLink: null,
    publishTime: finishedAt,
    verdict: 'pass',
    labels: {},
    ...fields,
  };
}

/** A metric that passed; without a value it is missing and failed. */
export function metric(metricName: string, value: number | null, fields: Partial<MetricRow> = {}): MetricRow {
  return {
    metricName,
    kind: value === null ? 'missing' : 'finite',
    value,
    lower: null,
    upper: null,
    verdict: value === null ? 'fail' : 'pass',
    reason: value === null ? 'missing' : null,
    baselineN: 0,
    baseline: null,
    ...fields,
  };
}

export function entry(key: string, fields: Partial<OutboxEntry> = {}): OutboxEntry {
  const mail = {
    key,
    from: 'tidemark@example.com',
    to: ['ml@example.com'],
    subject: 't: loss_final above 0.5',
    text: 'text',
    html: '<p>text</p>',
    date: day(1),
    headers: { 'X-Tidemark-Test': 't' },
  };
  return {
    mail,
    channel: 'mail',
    address: 'ml@example.com',
    kind: 'test',
    alertIds: [],
    episodeIds: [],
    threadId: null,
    notBefore: null,
    atMostOnce: false,
    status: 'pending',
    attempts: 0,
    doubts: 0,
    detail: null,
    addedAt: day(1),
    ...fields,
  };
}

const NOTHING_TOLD = { episodes: [], events: [], notices: [] };

export function recordOf(
  run: IndexedRun,
  metrics: readonly MetricRow[] = [],
  fields: Partial<RunRecord> = {},
): RunRecord {
  return { job: job(run), metrics, learnt: [], told: NOTHING_TOLD, ingestedAt: day(30), ...fields };
}

/** Settles a run and writes its rows, as a tick does. */
export async function judge(
  history: History,
  run: IndexedRun,
  metrics: readonly MetricRow[] = [],
  fields: Partial<RunRecord> = {},
): Promise<void> {
  await history.settle(threads(run));
  await history.record(recordOf(run, metrics, fields));
}

export function placeOf(run: IndexedRun): RunOrder {
  return orderOf(job(run));
}

/** What is to be judged, as `run id: why`. */
export async function tasks(history: History): Promise<string[]> {
  const found: readonly JudgeTask[] = await history.toJudge(null, 1000);
  return found.map(({ runId, why }) => `${runId}: ${why}`);
}

/** The newest values of each of these metrics, so many; values newest first. */
export async function newestValues(
  history: Pick<History, 'earlierValues'>,
  [testName, before]: readonly [string, RunOrder],
  wanted: Readonly<Record<string, number>>,
): Promise<Map<string, readonly number[]>> {
  const needs = new Map(Object.entries(wanted).map(([metricName, limit]) => [metricName, { limit }]));
  const found = await history.earlierValues(testName, before, needs);
  return new Map([...found].map(([metricName, { values }]) => [metricName, values]));
}
