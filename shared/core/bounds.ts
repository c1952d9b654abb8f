import { keptOf } from './baseline/kept.ts';
import { isFixed } from './baseline/window.ts';
import { ZERO_SPREAD } from './judging/conditions/band.ts';
import { leastHistory, sidesOf } from './judging/history-bounds.ts';
import type { ConditionConfig } from './schema/test-config.ts';

/** Where a value must lie; a side that is null is open. */
export interface Bounds {
  readonly kind: 'bounds';
  readonly lower: number | null;
  readonly upper: number | null;
  /** Earlier runs the bounds came from, 0 for a fixed value. */
  readonly baselineN: number;
  /** Which of the earlier values those are, by position; left out for a fixed value. */
  readonly used?: readonly number[];
  /** The middle of those runs; left out for a fixed value. */
  readonly centre?: number;
  /** A value this close to a bound counts as equal to it and passes: set where history has no spread. */
  readonly tolerance: number | null;
}

/**
 * No bounds, and the reason: too little `history`, a percentage of a `zero_level`, a log `scale` of values that
 * are not all above 0.
 */
export interface NoBounds {
  readonly kind: 'none';
  readonly reason: 'history' | 'zero_level' | 'scale';
  readonly baselineN: number;
}

/**
 * The bounds that a condition other than `auto` holds a value against. `earlier`: finite values of earlier
 * successful runs, newest first, at least `wantedRuns` of them where there are as many.
 */
export function boundsOf(condition: ConditionConfig, earlier: readonly number[]): Bounds | NoBounds {
  const { success_threshold: threshold } = condition;
  const waits = condition.wait_for_n_points_of_history ?? 0;
  const none = (reason: NoBounds['reason'], baselineN: number) =>
    ({ kind: 'none', reason, baselineN }) as const;
  if (isFixed(condition)) {
    if (earlier.length < waits) return none('history', earlier.length);
    return { kind: 'bounds', ...fixedSides(condition), baselineN: 0, tolerance: null };
  }
  const used = keptOf(condition, earlier);
  const values = used.map((at) => earlier[at]!);
  const tooFew = earlier.length < waits || values.length < leastHistory(threshold);
  if (tooFew) return none('history', values.length);
  const band = sidesOf(condition, values);
  if (typeof band === 'string') return none(band, values.length);
  return {
    kind: 'bounds',
    ...sides(condition, [band.lower, band.upper]),
    baselineN: values.length,
    used,
    centre: band.centre,
    tolerance: band.flat ? ZERO_SPREAD * Math.abs(band.centre) : null,
  };
}

function fixedSides(condition: ConditionConfig) {
  const { fixed_value: fixed, within_bounds: both } = condition.success_threshold;
  return fixed === undefined ? both! : sides(condition, [fixed, fixed]);
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
