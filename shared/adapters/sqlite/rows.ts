import type { BaselineRecord } from '../../core/baseline/record.ts';
import type { ValueKind } from '../../core/metric.ts';
import type { Outcome, Verdict } from '../../core/outcome.ts';
import {
  factsOf,
  type JobRow,
  type MetricRow,
  ROW_SCHEMA_VERSION,
  type SeriesPoint,
} from '../../core/rows.ts';
import type { Connection, SqlRow } from './database.ts';
import {
  numberOf,
  optionalNumber,
  optionalText,
  optionalTimeOf,
  textOf,
  timeOf,
  timeText,
} from './values.ts';

type FinalVerdict = Exclude<Verdict, 'pending'>;

const INSERT_JOB = `INSERT INTO job_history (uuid, run_id, attempt, test_name, test_type, accelerator,
  framework_version, job_status, num_failures, job_duration_sec, timestamp, started_at, finished_at,
  stackdriver_logs_link, logs_download_command, kubernetes_workload_link, msg_publish_time, verdict, labels,
  schema_version, ingested_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function insertJob(connection: Connection, job: JobRow, ingestedAt: number): void {
  connection.run(
    INSERT_JOB,
    job.uuid,
    job.runId,
    job.attempt,
    job.testName,
    job.testType,
    job.accelerator,
    job.frameworkVersion,
    job.outcome,
    job.numFailures,
    job.jobDurationSec,
    timeText(job.finishedAt),
    timeText(job.startedAt),
    timeText(job.finishedAt),
    job.logsLink,
    job.logsDownloadCommand,
    job.workloadLink,
    Math.floor(job.publishTime / 1000),
    job.verdict,
    JSON.stringify(job.labels),
    ROW_SCHEMA_VERSION,
    timeText(ingestedAt),
  );
}

const INSERT_METRIC = `INSERT INTO metric_history (uuid, run_id, test_name, timestamp, metric_name, metric_value,
  value_kind, metric_lower_bound, metric_upper_bound, verdict, reason, baseline_n, ingested_at, baseline)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function insertMetric(connection: Connection, job: JobRow, row: MetricRow & { at: number }): void {
  connection.run(
    INSERT_METRIC,
    job.uuid,
    job.runId,
    job.testName,
    timeText(job.finishedAt),
    row.metricName,
    row.value,
    row.kind,
    row.lower,
    row.upper,
    row.verdict,
    row.reason,
    row.baselineN,
    timeText(row.at),
    row.baseline === null ? null : JSON.stringify(row.baseline),
  );
}

export function jobOf(row: SqlRow): JobRow {
  return {
    uuid: textOf(row, 'uuid'),
    runId: textOf(row, 'run_id'),
    attempt: numberOf(row, 'attempt'),
    testName: textOf(row, 'test_name'),
    testType: optionalText(row, 'test_type'),
    accelerator: optionalText(row, 'accelerator'),
    frameworkVersion: optionalText(row, 'framework_version'),
    outcome: textOf(row, 'job_status') as Outcome,
    numFailures: optionalNumber(row, 'num_failures'),
    jobDurationSec: optionalNumber(row, 'job_duration_sec'),
    startedAt: optionalTimeOf(row.started_at),
    finishedAt: timeOf(row.finished_at),
    logsLink: optionalText(row, 'stackdriver_logs_link'),
    logsDownloadCommand: optionalText(row, 'logs_download_command'),
    workloadLink: optionalText(row, 'kubernetes_workload_link'),
    publishTime: numberOf(row, 'msg_publish_time') * 1000,
    verdict: textOf(row, 'verdict') as FinalVerdict,
    labels: JSON.parse(textOf(row, 'labels')) as Record<string, string>,
  };
}

export function metricOf(row: SqlRow): MetricRow {
  return {
    metricName: textOf(row, 'metric_name'),
    kind: textOf(row, 'value_kind') as ValueKind,
    value: optionalNumber(row, 'metric_value'),
    lower: optionalNumber(row, 'metric_lower_bound'),
    upper: optionalNumber(row, 'metric_upper_bound'),
    verdict: optionalText(row, 'verdict') as FinalVerdict | null,
    reason: optionalText(row, 'reason'),
    baselineN: numberOf(row, 'baseline_n'),
    baseline: baselineOf(row),
  };
}

/** What `pointOf` needs of the job `j` beside the row of its metric. */
export const OF_JOB = 'j.job_status, j.labels, j.accelerator, j.framework_version, j.test_type';

/** A row of `metric_history` joined with `OF_JOB`. */
export function pointOf(row: SqlRow): SeriesPoint {
  return {
    ...metricOf(row),
    runId: textOf(row, 'run_id'),
    uuid: textOf(row, 'uuid'),
    finishedAt: timeOf(row.timestamp),
    outcome: textOf(row, 'job_status') as Outcome,
    facts: factsOf({
      labels: JSON.parse(textOf(row, 'labels')) as Record<string, string>,
      accelerator: optionalText(row, 'accelerator'),
      frameworkVersion: optionalText(row, 'framework_version'),
      testType: optionalText(row, 'test_type'),
    }),
  };
}

function baselineOf(row: SqlRow): BaselineRecord | null {
  const text = optionalText(row, 'baseline');
  return text === null ? null : (JSON.parse(text) as BaselineRecord);
}
