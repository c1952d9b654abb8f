import type { ConditionConfig } from '../schema/test-config.ts';
import type { EarlierSeries } from './question.ts';

/**
 * The runs of the newest versions (`history_versions`), that of the run itself included; all without that setting.
 * A run without the label is of a version of its own.
 */
export function cutByVersion(
  { history_versions: wanted }: ConditionConfig,
  series: EarlierSeries,
  own: string | null,
): EarlierSeries {
  if (wanted === undefined) return series;
  const seen = new Set([own]);
  const isOld = (version: string | null) => seen.add(version).size > wanted.last;
  const end = series.versions.findIndex(isOld);
  if (end === -1) return series;
  return {
    values: series.values.slice(0, end),
    runIds: series.runIds.slice(0, end),
    versions: series.versions.slice(0, end),
  };
}
