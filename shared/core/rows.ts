import type { BaselineRecord } from './baseline/record.ts';
import type { ValueKind } from './metric.ts';
import type { Outcome, Verdict } from './outcome.ts';
import type { RunOrder } from './run.ts';

/** Version of the meaning of the rows below; goes up when a column changes what it says. */
export const ROW_SCHEMA_VERSION = 1;

/** A row of `job_history`: one finished run. Times are milliseconds since the epoch. */
export interface JobRow {
  readonly uuid: string;
  readonly runId: string;
  readonly attempt: number;
  readonly testName: string;
  readonly testType: string | null;
  readonly accelerator: string | null;
  readonly frameworkVersion: string | null;
  readonly outcome: Outcome;
  readonly numFailures: number | null;
  /** Seconds; null when the start is unknown or after the end. */
  readonly jobDurationSec: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number;
  readonly logsLink: string | null;
  readonly logsDownloadCommand: string | null;
  readonly workloadLink: string | null;
  /** Comes back from history in whole seconds, as its column has it. */
  readonly publishTime: number;
  readonly verdict: Exclude<Verdict, 'pending'>;
  readonly labels: Readonly<Record<string, string>>;
}

/** A row of `metric_history`: one metric of a run; its time and test are its run's. */
export interface MetricRow {
  readonly metricName: string;
  readonly kind: ValueKind;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Null where there is no condition. */
  readonly verdict: Exclude<Verdict, 'pending'> | null;
  readonly reason: string | null;
  readonly baselineN: number;
  /** From which runs the bounds came; null where no earlier run had a say. */
  readonly baseline: BaselineRecord | null;
}

/** One point of a series, as people and alerts look at it. */
export interface SeriesPoint extends MetricRow, RunOrder {
  readonly outcome: Outcome;
  /** What tells its run from others, by name: labels, `accelerator`, `framework_version`, `test_type`. */
  readonly facts: Readonly<Record<string, string>>;
}

/** What tells a run from others. A label does not hide what the run says of itself under the same name. */
export function factsOf(
  run: Pick<JobRow, 'labels' | 'accelerator' | 'frameworkVersion' | 'testType'>,
): Record<string, string> {
  const { labels, accelerator, frameworkVersion, testType } = run;
  return {
    ...labels,
    ...(accelerator === null ? {} : { accelerator }),
    ...(frameworkVersion === null ? {} : { framework_version: frameworkVersion }),
    ...(testType === null ? {} : { test_type: testType }),
  };
}

export function orderOf(job: JobRow): RunOrder {
  return { finishedAt: job.finishedAt, runId: job.runId, uuid: job.uuid };
}
