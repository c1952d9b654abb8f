import { configOfV2 } from './config-v2.ts';
import { runOfV2, type TestCompleted } from './message-v2.ts';
import type { ReportedEnd, RunDetails } from './run.ts';
import type { RunEvent } from './run-event.ts';

/** What a recorded v2 message says of its run. */
export interface FactsV2 extends RunDetails {
  readonly runId: string;
  readonly attempt: number;
  readonly startedAt: number | null;
  readonly end: ReportedEnd;
  readonly metrics: readonly (readonly [string, number])[];
  readonly config: unknown;
  readonly configErrors: readonly string[];
}

/** Reads the row of a v2 message; the message was checked before it became one. */
export function factsOfV2({ body, publishTime, time, source }: RunEvent): FactsV2 {
  const message = JSON.parse(body) as TestCompleted;
  const run = runOfV2(message);
  if (typeof run === 'string') throw new Error(`A recorded v2 message cannot be read: ${run}`);
  const { labels = {}, debug_info: links = {}, metric_collection_config: collection } = message;
  const mapped = collection === undefined ? null : configOfV2(collection, run.testName);
  return {
    runId: run.runId,
    attempt: Math.max(1, message.num_attempts ?? 1),
    startedAt: run.startedAt,
    end: { outcome: run.outcome, finishedAt: run.finishedAt ?? publishTime, time, source },
    modelDir: message.output_path || null,
    testType: labels.mode ?? null,
    accelerator: labels.accelerator ?? null,
    frameworkVersion: labels.frameworkVersion ?? null,
    labels,
    logsLink: links.logs_link || null,
    logsDownloadCommand: links.logs_download_command || null,
    workloadLink: links.details_link || null,
    metrics: metricsOf(message),
    config: mapped?.config,
    configErrors: mapped?.problems ?? [],
  };
}

/** What the publisher measured itself, and what is asserted of the event's own fields. */
function metricsOf({ extras = {}, num_attempts = 0, metric_collection_config }: TestCompleted) {
  const metrics = Object.entries(extras).map(([name, value]): [string, number] => [name, Number(value)]);
  const asserted = metric_collection_config?.sources?.some(({ literals }) =>
    Object.hasOwn(literals?.assertions ?? {}, 'num_attempts'),
  );
  return asserted ? [...metrics, ['num_attempts', num_attempts] as const] : metrics;
}
