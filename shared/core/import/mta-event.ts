import { parseMessage } from '../parse-message.ts';
import { MTA_SOURCE } from '../past-run.ts';
import type { RunEvent } from '../run-event.ts';
import { FinishedData } from '../schema/message.ts';
import { formatTime } from '../time.ts';
import type { MtaJob, MtaMetric } from './mta.ts';

export type ImportedRun =
  | { readonly ok: true; readonly event: RunEvent }
  | { readonly ok: false; readonly detail: string };

const utf8 = new TextEncoder();

/**
 * A run of ml-testing-accelerators as the `finished` event it stands for. Its uuid becomes the run id, and stays
 * the uuid where it is one (v2 has ids of messages). Its bounds become its conditions, so that they, and what they
 * say, are what the original decided, however often it is judged again.
 */
export function mtaEvent(job: MtaJob, metrics: readonly MtaMetric[]): ImportedRun {
  const finishedAt = formatTime(job.finishedAt);
  const message = {
    specversion: '1.0',
    type: 'io.tidemark.run.finished.v1',
    source: `${MTA_SOURCE}${job.testName}`,
    id: `${job.uuid}/1/finished`,
    time: finishedAt,
    data: {
      run_id: job.uuid,
      attempt: 1,
      test_name: job.testName,
      ...(FinishedData.shape.uuid.safeParse(job.uuid).success ? { uuid: job.uuid } : {}),
      outcome: job.status,
      started_at: job.startedAt === null ? null : formatTime(job.startedAt),
      finished_at: finishedAt,
      num_failures: job.numFailures,
      test_type: job.testType,
      accelerator: job.accelerator,
      framework_version: job.frameworkVersion,
      logs_link: job.logsLink,
      logs_download_command: job.logsDownloadCommand,
      workload_link: job.workloadLink,
      labels: { imported_from: `ml-testing-accelerators ${job.version}` },
      config: { regression_test_config: conditionsOf(metrics) },
      metrics: metrics.map(({ name, value }) => ({ name, value })),
    },
  };
  const body = utf8.encode(JSON.stringify(message));
  const parsed = parseMessage({ id: '', name: job.uuid, publishTime: job.finishedAt, format: 'json', body });
  if (parsed.kind === 'rejected') return { ok: false, detail: parsed.rejected.detail };
  const { event } = parsed;
  return { ok: true, event: { ...event, publishTime: job.publishTime ?? event.publishTime } };
}

/**
 * Its bounds as conditions. A value on a bound passes: the rows do not say how it was compared. The default rule is
 * off: the original may have had it or not, and does not say.
 */
function conditionsOf(metrics: readonly MtaMetric[]): object {
  const conditions = metrics.flatMap((metric) => {
    const condition = metric.value === null ? null : conditionOf(metric);
    return condition === null ? [] : [[metric.name, condition] as const];
  });
  return {
    metric_success_conditions: { total_wall_time: null, ...Object.fromEntries(conditions) },
    alert_for_oob_metrics: false,
    alert_for_failed_jobs: false,
  };
}

function conditionOf({ lower, upper }: MtaMetric): object | null {
  if (lower !== null && upper !== null) {
    // No value lies between crossed bounds; the original can only have written them from broken input.
    return lower <= upper ? { success_threshold: { within_bounds: { lower, upper } } } : null;
  }
  if (lower !== null) return { comparison: 'greater_or_equal', success_threshold: { fixed_value: lower } };
  return upper === null ? null : { comparison: 'less_or_equal', success_threshold: { fixed_value: upper } };
}
