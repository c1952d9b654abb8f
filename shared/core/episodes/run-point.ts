import type { Metric } from '../metric.ts';
import type { JobRow } from '../rows.ts';
import type { RunPoint } from './episode.ts';

/** A judged run as an episode remembers it, with the value of its metric; `null` for a signal without one. */
export function runPointOf(job: JobRow, metric: Metric | null): RunPoint {
  const { uuid, runId, finishedAt, outcome } = job;
  const { value, kind } = metric ?? { value: null, kind: null };
  return { uuid, runId, at: finishedAt, outcome, value, valueKind: kind, facts: factsOf(job) };
}

/** What may explain why two runs differ; a label does not take the place of a column. */
function factsOf({ labels, accelerator, frameworkVersion, testType, attempt }: JobRow): RunPoint['facts'] {
  const known = { accelerator, framework_version: frameworkVersion, test_type: testType };
  const columns = Object.entries(known).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  return { ...labels, ...Object.fromEntries(columns), attempt: String(attempt) };
}
