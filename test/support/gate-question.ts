import { readPolicy } from '../../shared/core/gate/policy.ts';
import type { GateQuestion, GateRun, WaitingRun } from '../../shared/core/gate/question.ts';
import type { JobRow, MetricRow } from '../../shared/core/rows.ts';
import { day, ended, job as jobOf, metric } from './history-rows.ts';

export { day };

/** The row of a run that ended on day `n`. */
export function job(name: string, n: number, fields: Partial<JobRow> = {}): JobRow {
  return jobOf(ended(name, n), fields);
}

type MetricFields = Partial<MetricRow> & Pick<MetricRow, 'metricName' | 'value'>;

export function run(row: JobRow, metrics: readonly MetricFields[]): GateRun {
  return { job: row, metrics: metrics.map((one) => metric(one.metricName, one.value, one)) };
}

/** A load test by k6. */
export function load(
  name: string,
  n: number,
  { p95, failed = 0 }: { readonly p95: number; readonly failed?: number },
  fields: Partial<JobRow> = {},
): GateRun {
  return run(job(name, n, fields), [
    { metricName: 'http_req_duration/p95', value: p95, verdict: null },
    { metricName: 'http_req_failed/rate', value: failed, verdict: null },
  ]);
}

interface Given {
  readonly policy?: string | null;
  readonly judged: readonly GateRun[];
  readonly waiting?: readonly WaitingRun[];
  readonly baseline?: readonly GateRun[];
  /** A baseline was named, whatever runs it has. */
  readonly baselineIs?: boolean;
  readonly runs?: number;
  readonly onInconclusive?: 'pass' | 'fail';
}

/** Whether version 2 of test `t` may pass. */
export function question(given: Given): GateQuestion {
  const {
    policy = null,
    judged,
    waiting = [],
    baseline,
    baselineIs,
    runs = 1,
    onInconclusive = null,
  } = given;
  const read = readPolicy(policy ?? 'p95<1');
  if (!read.ok) throw new Error(read.problem);
  const hasBaseline = baselineIs ?? baseline !== undefined;
  return {
    subject: { testName: 't', version: '2', baseline: hasBaseline ? { fact: 'version', value: '1' } : null },
    policy: { text: policy, clauses: policy === null ? [] : read.clauses, runs, onInconclusive },
    judged,
    waiting,
    baseline: baseline ?? [],
    metricNames: ['http_req_duration/p95', 'http_req_failed/rate', 'checks/rate'],
  };
}
