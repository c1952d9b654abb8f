import type { Collected } from './collected.ts';
import type { EffectiveConfig } from './effective-config.ts';
import { type Metric, metricOf, missingMetric } from './metric.ts';

/** Names of the metrics that no tag and no report stands behind. */
export const COMPUTED: ReadonlySet<string> = new Set(['total_wall_time', 'time_to_accuracy']);

/** Times of a finished run in milliseconds since the epoch. */
export interface RunTimes {
  readonly startedAt: number | null;
  readonly finishedAt: number;
}

/** `total_wall_time`: end − start in seconds; missing with reason `clock` when a run ends before it starts. */
export function totalWallTime({ startedAt, finishedAt }: RunTimes): Metric | null {
  if (startedAt === null) return null;
  if (finishedAt < startedAt) return missingMetric('total_wall_time', 'clock');
  return metricOf('total_wall_time', (finishedAt - startedAt) / 1000);
}

/** `time_to_accuracy`: wall time of the first point at the level − start, in seconds; null when not asked for. */
export function timeToAccuracy(
  config: EffectiveConfig,
  collected: Collected,
  times: RunTimes,
): Metric | null {
  if (config.timeToAccuracy === null) return null;
  const everywhere = [collected, ...(collected.sources ?? [])];
  if (!everywhere.some(({ accuracyTagFound }) => accuracyTagFound) || times.startedAt === null) {
    return missingMetric('time_to_accuracy', 'missing');
  }
  const reached = everywhere.flatMap(({ accuracyReachedAt }) => accuracyReachedAt ?? []);
  if (reached.length === 0) return missingMetric('time_to_accuracy', 'not_reached');
  return metricOf('time_to_accuracy', Math.min(...reached) - times.startedAt / 1000);
}
