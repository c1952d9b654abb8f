import { type JsonNumber, toJsonNumber } from './json.ts';
import { numberOf } from './metric.ts';
import type { Outcome, Verdict } from './outcome.ts';
import type { JobRow, MetricRow } from './rows.ts';

/** One element of `runs` in `tick --json`, and all of `verdict --json` (contracts §6). */
export interface RunJson {
  readonly run_id: string;
  readonly test_name: string;
  readonly outcome: Outcome | 'running';
  readonly verdict: Verdict;
  readonly conditions: readonly {
    readonly metric: string;
    readonly value: JsonNumber | null;
    readonly lower: number | null;
    readonly upper: number | null;
    readonly verdict: Verdict;
    readonly reason: string | null;
    readonly baseline_n: number;
  }[];
}

/** A judged run; its conditions are the metrics about which something was demanded. */
export function runJson(job: JobRow, metrics: readonly MetricRow[]): RunJson {
  const conditions = metrics.flatMap((row) =>
    row.verdict === null ? [] : [{ ...row, verdict: row.verdict }],
  );
  return {
    run_id: job.runId,
    test_name: job.testName,
    outcome: job.outcome,
    verdict: job.verdict,
    conditions: conditions.map(({ metricName, kind, value, lower, upper, verdict, reason, baselineN }) => {
      const number = numberOf(kind, value);
      return {
        metric: metricName,
        value: number === null ? null : toJsonNumber(number),
        lower,
        upper,
        verdict,
        reason,
        baseline_n: baselineN,
      };
    }),
  };
}

/** A run that is not judged yet. */
export function pendingJson(testName: string, runId: string, outcome: Outcome | 'running'): RunJson {
  return { run_id: runId, test_name: testName, outcome, verdict: 'pending', conditions: [] };
}
