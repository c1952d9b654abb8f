import type { ConditionConfig } from './schema/test-config.ts';
import { mean } from './statistics/mean.ts';
import { sampleDeviation } from './statistics/sample-deviation.ts';

/** Earlier runs that a bound from history looks back on, unless the condition says otherwise. */
export const DEFAULT_HISTORY_WINDOW = 30;

/** A spread below this share of the mean is rounding, not spread. */
const ZERO_SPREAD = 1e-9;

/** Where a value must lie; a side that is null is open. */
export interface Bounds {
  readonly kind: 'bounds';
  readonly lower: number | null;
  readonly upper: number | null;
  /** Earlier runs the bounds came from, 0 for a fixed value. */
  readonly baselineN: number;
  /** A value this close to a bound counts as equal to it and passes: set where history has no spread. */
  readonly tolerance: number | null;
}

/** No bounds, and the reason: too little `history`, or a rule that is `unsupported`. */
export interface NoBounds {
  readonly kind: 'none';
  readonly reason: 'history' | 'unsupported';
  readonly baselineN: number;
}

/** How many earlier values `boundsOf` wants to see. */
export function historyWanted(condition: ConditionConfig): number {
  const waits = Math.max(0, condition.wait_for_n_points_of_history ?? 0);
  if (condition.success_threshold.stddevs_from_mean === undefined) return waits;
  return Math.max(windowOf(condition), waits);
}

function windowOf(condition: ConditionConfig): number {
  return condition.history_window ?? DEFAULT_HISTORY_WINDOW;
}

/**
 * The bounds that a condition holds a value against. `earlier`: finite values of earlier successful runs,
 * newest first, at least `historyWanted` of them where there are as many.
 */
export function boundsOf(condition: ConditionConfig, earlier: readonly number[]): Bounds | NoBounds {
  const { fixed_value: fixed, stddevs_from_mean: deviations } = condition.success_threshold;
  const waits = condition.wait_for_n_points_of_history ?? 0;
  if (fixed !== undefined) {
    if (earlier.length < waits) return { kind: 'none', reason: 'history', baselineN: earlier.length };
    return { kind: 'bounds', ...sides(condition, [fixed, fixed]), baselineN: 0, tolerance: null };
  }
  if (deviations === undefined) return { kind: 'none', reason: 'unsupported', baselineN: 0 };
  const values = earlier.slice(0, windowOf(condition));
  if (earlier.length < Math.max(2, waits)) {
    return { kind: 'none', reason: 'history', baselineN: values.length };
  }
  return { kind: 'bounds', ...deviationBounds(condition, values, deviations), baselineN: values.length };
}

/** mean ± k · sample standard deviation (contracts §4). */
function deviationBounds(condition: ConditionConfig, values: readonly number[], deviations: number) {
  const centre = mean(values)!;
  const spread = sampleDeviation(values)!;
  const resolution = ZERO_SPREAD * Math.abs(centre);
  const flat = spread <= resolution;
  const reach = flat ? 0 : deviations * spread;
  return {
    ...sides(condition, [centre - reach, centre + reach]),
    tolerance: flat ? resolution : null,
  };
}

function sides(condition: ConditionConfig, [low, high]: readonly [number, number]) {
  switch (condition.comparison) {
    case 'greater':
    case 'greater_or_equal':
      return { lower: low, upper: null };
    case 'less':
    case 'less_or_equal':
      return { lower: null, upper: high };
    default:
      return { lower: low, upper: high };
  }
}
