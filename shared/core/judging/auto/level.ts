import { NORMAL_MAD } from '../../statistics/mad.ts';
import { medianDistance, quantile } from '../../statistics/quantile.ts';
import { clamp, type Habits, habitsOf } from './habits.ts';
import type { LevelSettings } from './settings.ts';

/** What a series does while nothing is wrong with it. */
export interface Level extends Habits {
  /** How many values it was learnt from. */
  readonly n: number;
  readonly centre: number;
  /** Robust standard deviation in the unit of the values; 0 where all are equal. */
  readonly spread: number;
  /** Log of how much wider the spread is than that of the inner values. */
  readonly dirt: number;
  /** Lag-1 correlation, 0 to 0.9. */
  readonly correlation: number;
  readonly lowest: number;
  readonly highest: number;
}

/** What an earlier level of the same series lends to a young one. */
export interface Prior {
  readonly spread: number;
  readonly correlation: number;
  /** In values. */
  readonly weight: number;
}

/** The values of a level, in the order of their runs and in order of size. */
export interface Sample {
  readonly ordered: Float64Array;
  readonly sorted: Float64Array;
}

/** A correlation lent by an earlier level weighs as much as so many values. */
const LENT_CORRELATION = 30;
/** Values that span no more than so many steps show nothing but the last digit. */
const FLICKER = 2.1;

/** Learns a level from at least two values. */
export function learnLevel(sample: Sample, prior: Prior | null, settings: LevelSettings): Level {
  const { sorted } = sample;
  const n = sorted.length;
  const middle = quantile(sorted, 0.5);
  const flat = sorted[n - 1]! - sorted[0]! <= 1e-9 * Math.abs(middle);
  if (flat && prior === null) return constantLevel(n, middle, settings);
  const inner = Math.max(
    NORMAL_MAD * medianDistance(sorted, middle),
    (quantile(sorted, 0.84) - quantile(sorted, 0.16)) / 2,
  );
  const floor = flat || isFine(sorted, inner) ? 0 : resolution(sorted, settings);
  const robust = Math.max(inner, floor);
  const moments = clippedMoments(sample.ordered, middle, { robust, clip: settings.clip });
  const own = Math.max(moments.deviation, settings.robustShare * inner, floor);
  const spread =
    prior === null
      ? own
      : Math.hypot(Math.sqrt(n) * own, Math.sqrt(prior.weight) * prior.spread) / Math.sqrt(n + prior.weight);
  const { usualCorrelation, correlationWeight } = settings;
  const correlation =
    prior === null
      ? drawn(moments.correlation, n, [usualCorrelation, correlationWeight])
      : drawn(moments.correlation, n, [prior.correlation, LENT_CORRELATION]);
  return new LearntLevel(
    {
      n,
      centre: middle + moments.offset,
      spread,
      dirt: robust > 0 ? Math.max(0, Math.log(spread / robust)) : 0,
      correlation: Math.min(0.9, Math.max(0, correlation)),
      lowest: sorted[0]!,
      highest: sorted[n - 1]!,
    },
    { ordered: sample.ordered, reach: (settings.clip * robust) / spread, settings },
  );
}

type Core = Omit<Level, keyof Habits>;

/** Its habits are looked at only where a window is worth it, which is seldom. */
class LearntLevel implements Level {
  readonly n: number;
  readonly centre: number;
  readonly spread: number;
  readonly dirt: number;
  readonly correlation: number;
  readonly lowest: number;
  readonly highest: number;
  readonly #core: Core;
  readonly #from: Parameters<typeof habitsOf>[1];
  #habits: Habits | null = null;

  constructor(core: Core, from: Parameters<typeof habitsOf>[1]) {
    this.n = core.n;
    this.centre = core.centre;
    // Of few values the spread itself is uncertain, and more often too small to judge by than too large.
    this.spread = core.spread * (1 + from.settings.caution / core.n);
    this.dirt = core.dirt;
    this.correlation = core.correlation;
    this.lowest = core.lowest;
    this.highest = core.highest;
    this.#core = core;
    this.#from = from;
  }

  get wander(): number {
    return this.#all().wander;
  }

  get unrest(): number {
    return this.#all().unrest;
  }

  get outliers(): number {
    return this.#all().outliers;
  }

  get pairs(): number {
    return this.#all().pairs;
  }

  #all(): Habits {
    this.#habits ??= habitsOf(this.#core, this.#from);
    return this.#habits;
  }
}

function constantLevel(n: number, centre: number, settings: LevelSettings): Level {
  return {
    n,
    centre,
    spread: 0,
    dirt: 0,
    correlation: 0,
    wander: settings.wander,
    unrest: 0,
    outliers: settings.usualOutliers,
    pairs: settings.usualPairs,
    lowest: centre,
    highest: centre,
  };
}

/** A mean of what was measured and what is usual. */
function drawn(measured: number, n: number, [usual, weight]: readonly [number, number]): number {
  return (n * measured + weight * usual) / (n + weight);
}

/**
 * Mean (less `middle`), deviation and lag-1 correlation of values of which none counts further than `clip`
 * robust spreads from `middle`. In robust spreads, so that no square overflows or vanishes.
 */
function clippedMoments(
  ordered: Float64Array,
  middle: number,
  { robust, clip }: { readonly robust: number; readonly clip: number },
) {
  const n = ordered.length;
  const unit = robust > 0 ? robust : 1;
  const reach = robust > 0 ? clip : 0;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += clamp((ordered[i]! - middle) / unit, reach);
  const offset = sum / n;
  let squares = 0;
  let products = 0;
  let before = 0;
  for (let i = 0; i < n; i++) {
    const distance = clamp((ordered[i]! - middle) / unit, reach) - offset;
    squares += distance * distance;
    if (i > 0) products += distance * before;
    before = distance;
  }
  return {
    offset: offset * unit,
    deviation: Math.sqrt(squares / (n - 1)) * unit,
    correlation: squares > 0 ? products / squares : 0,
  };
}

/**
 * Whether some neighbouring values near the middle are so close that no step between values can matter: it
 * would be at most that close, and the spread is at least half of its double.
 */
function isFine(sorted: Float64Array, inner: number): boolean {
  const n = sorted.length;
  const rounding = 1e-9 * Math.max(Math.abs(sorted[0]!), Math.abs(sorted[n - 1]!));
  for (let i = Math.max(1, (n >> 1) - 4); i < Math.min(n, (n >> 1) + 4); i++) {
    const gap = sorted[i]! - sorted[i - 1]!;
    if (gap > rounding && 2 * gap < inner) return true;
  }
  return false;
}

/** The spread that a quantized metric has at least; more where the last digit alone flickers. */
function resolution(sorted: Float64Array, { resolutionShare }: LevelSettings): number {
  const gap = smallestGap(sorted);
  return (sorted[sorted.length - 1]! - sorted[0]! <= FLICKER * gap ? 1 : resolutionShare) * gap;
}

/** The smallest step between different values, beyond rounding: what a quantized metric resolves. */
function smallestGap(sorted: Float64Array): number {
  const n = sorted.length;
  const rounding = 1e-9 * Math.max(Math.abs(sorted[0]!), Math.abs(sorted[n - 1]!));
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 1; i < n; i++) {
    const gap = sorted[i]! - sorted[i - 1]!;
    if (gap > rounding && gap < smallest) smallest = gap;
  }
  return smallest === Number.POSITIVE_INFINITY ? 0 : smallest;
}
