import type { ConditionConfig } from '../schema/test-config.ts';
import type { ThresholdConfig } from '../schema/threshold.ts';

const COMPARISON_WORDS: Readonly<Record<string, string>> = {
  greater: 'greater than',
  less: 'less than',
  greater_or_equal: 'at least',
  less_or_equal: 'at most',
  equal: 'equal to',
  within: 'within',
};

/** What a condition demands, in words. `window`: how many earlier runs it looks back on. */
export function demandText(condition: ConditionConfig | null, window: number): string {
  if (condition === null) return 'be reported by every successful run';
  const { fixed_value: fixed, within_bounds: both, auto } = condition.success_threshold;
  if (auto !== undefined) return 'the recommended rule';
  const words = COMPARISON_WORDS[condition.comparison ?? ''] ?? 'within';
  if (fixed !== undefined) return `${words} ${fixed}`;
  if (both !== undefined) return `within ${both.lower} and ${both.upper}`;
  const { spread, level, interval } = phrase(condition.success_threshold);
  const runs = runsText(condition, window);
  const of = `the ${level} of ${runs}`;
  const changed = minimumText(condition);
  if (interval) return `${words} ${spread} of ${runs}${changed}`;
  if (words === 'within') return `within ${spread} of ${of}${changed}`;
  const below = condition.comparison?.startsWith('greater');
  return `${words} ${of} ${below ? 'minus' : 'plus'} ${spread}${changed}`;
}

/** Which runs it looks back on. */
function runsText(
  { history_window: span, history_since: since, history_versions: versions }: ConditionConfig,
  window: number,
): string {
  const of = versions === undefined ? '' : ` of the last ${versions.last} ${versions.of}`;
  const begin = since === undefined ? '' : ` since ${since}`;
  if (typeof span === 'string') return `the successful runs${of} in the ${span} before${begin}`;
  return of === '' ? `the last ${window} successful runs${begin}` : `the successful runs${of}${begin}`;
}

interface Phrase {
  readonly spread: string;
  readonly level: string;
  readonly interval?: boolean;
}

function phrase(threshold: ThresholdConfig): Phrase {
  const { stddevs_from_mean: deviations, mads_from_median: mads, prediction_interval: sure } = threshold;
  if (deviations !== undefined) {
    const { deviations: k, population = false } =
      typeof deviations === 'number' ? { deviations } : deviations;
    return { spread: `${k} ${population ? 'population' : 'sample'} standard deviations`, level: 'mean' };
  }
  if (mads !== undefined) return { spread: `${mads} scaled median deviations`, level: 'median' };
  if (sure !== undefined) {
    const { confidence, false_alarms_a_year: alarms } = sure;
    const share = confidence === undefined ? `of ${alarms} false alarms a year` : `of ${confidence}`;
    return { spread: `the prediction interval ${share}`, level: 'mean', interval: true };
  }
  const { percent_from_mean: ofMean, percent_from_median: ofMedian } = threshold;
  return { spread: `${ofMean ?? ofMedian} %`, level: ofMean === undefined ? 'median' : 'mean' };
}

function minimumText({ minimum_change: minimum }: ConditionConfig): string {
  if (minimum === undefined) return '';
  const { absolute, percent } = minimum;
  const parts = [
    ...(absolute === undefined ? [] : [`${absolute}`]),
    ...(percent === undefined ? [] : [`${percent} %`]),
  ];
  return `, and differ by at least ${parts.join(' and ')}`;
}
