import type { Metric } from '../metric.ts';
import type { JobRow } from '../rows.ts';
import type { RunPoint } from './episode.ts';

/**
 * A judged run as an episode remembers it, with the value of its metric; `null` for a signal without one. `cluster`: no
 * row has it, so it is known of the run that is judged now, and of those before it looked up where it is told.
 */
export function runPointOf(
  job: JobRow,
  metric: Metric | null,
  { cluster = null }: { readonly cluster?: string | null | undefined } = {},
): RunPoint {
  const { uuid, runId, finishedAt, outcome } = job;
  const { value, kind } = metric ?? { value: null, kind: null };
  return { uuid, runId, at: finishedAt, outcome, value, valueKind: kind, facts: factsOf(job, cluster) };
}

/** What may explain why two runs differ; a label does not take the place of a column, but of the cluster's name. */
function factsOf(
  { labels, accelerator, frameworkVersion, testType, attempt }: JobRow,
  cluster: string | null,
): RunPoint['facts'] {
  const known = { accelerator, framework_version: frameworkVersion, test_type: testType };
  const columns = Object.entries(known).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  const where = cluster === null ? {} : { cluster };
  return { ...where, ...labels, ...Object.fromEntries(columns), attempt: String(attempt) };
}
