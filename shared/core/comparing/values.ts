import type { Good } from '../judging/direction.ts';
import { bootstrap, bootstrapQuantiles, type Estimate } from '../statistics/bootstrap.ts';
import { kolmogorovSmirnov } from '../statistics/kolmogorov-smirnov.ts';
import { mannWhitney } from '../statistics/mann-whitney.ts';
import { mean } from '../statistics/mean.ts';
import { normalQuantileOfTail } from '../statistics/normal.ts';
import { quantile } from '../statistics/quantile.ts';
import { sampleDeviation } from '../statistics/sample-deviation.ts';
import { sizeForMeans } from '../statistics/sample-size.ts';
import { welch } from '../statistics/welch.ts';
import { wilcoxon } from '../statistics/wilcoxon.ts';
import { type CompareSettings, type Evidence, type MinEffect, surenessOf } from './finding.ts';
import { sampleOfNumbers } from './sample.ts';

/** What a side comes to: its mean, or a quantile between 0 and 1. */
export type Statistic = 'mean' | { readonly quantile: number };

/** Values of one metric on both sides; all finite. */
export interface Values {
  readonly metric: string;
  readonly good: Good;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly statistic: Statistic;
  /** The values with one index belong together: what one input gave. */
  readonly arePairs: boolean;
}

/** The rank test needs more values than the test of means: 1 / its efficiency on normal values, 3/π. */
const RANK_COST = Math.PI / 3;

/** What two sets of values say, by tests that ask for no shape of their distribution. */
export function compareValues(values: Values, settings: CompareSettings): Evidence {
  const { metric, good, a, b, statistic, arePairs } = values;
  // Sorting is what takes time and room with millions of values, so each side is sorted once.
  const sorted = statistic === 'mean' ? null : ([a.toSorted(), b.toSorted()] as const);
  const estimate = (side: Float64Array) => (side.length === 0 ? null : estimateOf(side, statistic));
  const [from, to] = (sorted ?? [a, b]).map(estimate) as [number | null, number | null];
  const minEffect = from === null ? 0 : effectOf(settings.minEffect, from);
  const common = {
    metric,
    estimates: nameOf(statistic),
    a: { n: a.length, estimate: from },
    b: { n: b.length, estimate: to },
    worse: good === null ? (0 as const) : good === 'lower' ? (1 as const) : (-1 as const),
    minEffect,
    sample: sampleOfNumbers(a, b, sorted),
  };
  if (from === null || to === null || a.length < 2 || b.length < 2) {
    const difference = from === null || to === null ? null : to - from;
    return { ...common, difference, interval: null, test: 'none', p: null, needed: null, figures: {} };
  }
  if (statistic !== 'mean' && sorted !== null)
    return { ...common, ...byBootstrap(sorted, statistic.quantile, settings) };
  return {
    ...common,
    ...(arePairs ? ofPairs(values, minEffect, settings) : ofMeans(values, minEffect, settings)),
  };
}

/** Above so many values the mean is as good as normal, and resampling would take minutes. */
const RESAMPLED = 2000;

function resampled(values: Float64Array, { resamples, seed, alpha }: CompareSettings): Omit<Estimate, 'p'> {
  const middle = ([side]: readonly Float64Array[]) => mean(side!)!;
  return bootstrap([values], middle, { resamples, seed, confidence: 1 - alpha });
}

function nearNormal(
  values: Float64Array,
  { alpha, spread }: { readonly alpha: number; readonly spread: number },
): Omit<Estimate, 'p'> {
  const value = mean(values)!;
  const half = (normalQuantileOfTail(alpha / 2) * spread) / Math.sqrt(values.length);
  return { value, interval: [value - half, value + half] };
}

type Tested = Pick<Evidence, 'difference' | 'interval' | 'test' | 'p' | 'needed' | 'figures'>;

function ofMeans({ a, b }: Values, minEffect: number, settings: CompareSettings): Tested {
  const { t, df, p: welchP, interval } = welch(a, b, 1 - settings.alpha);
  const { u, a12, p } = mannWhitney(a, b);
  // Says of the whole distributions what the rank sum says of their middle.
  const shape = kolmogorovSmirnov(a, b);
  const spread = Math.sqrt((sampleDeviation(a)! ** 2 + sampleDeviation(b)! ** 2) / 2);
  return {
    difference: mean(b)! - mean(a)!,
    interval,
    test: 'Mann-Whitney',
    // Equal values everywhere: nothing to rank, and no difference.
    p: Number.isNaN(p) ? 1 : p,
    needed: sizeFor(minEffect / spread, { settings, cost: RANK_COST }),
    figures: { welch_t: t, welch_df: df, welch_p: welchP, u, a12, ks_d: shape.d, ks_p: shape.p },
  };
}

function ofPairs({ a, b }: Values, minEffect: number, settings: CompareSettings): Tested {
  const differences = b.map((value, index) => value - a[index]!);
  const { p, positive, negative } = wilcoxon(differences);
  const { alpha } = settings;
  const spread = sampleDeviation(differences)!;
  const isLarge = differences.length > RESAMPLED;
  const drawn = isLarge ? nearNormal(differences, { alpha, spread }) : resampled(differences, settings);
  // One value a pair in place of two: half of what means need.
  const size = sizeFor(minEffect / spread, { settings, cost: RANK_COST / 2 });
  return {
    difference: drawn.value,
    interval: drawn.interval,
    test: 'Wilcoxon',
    p,
    needed: size,
    figures: { positive, negative },
  };
}

function byBootstrap(
  [from, to]: readonly [Float64Array, Float64Array],
  p: number,
  { resamples, seed, alpha }: CompareSettings,
): Tested {
  const options = { resamples, seed, confidence: 1 - alpha };
  const drawn = bootstrapQuantiles(from, to, { ...options, quantile: p });
  return {
    difference: drawn.value,
    interval: drawn.interval,
    test: 'bootstrap',
    p: drawn.p,
    needed: null,
    figures: { ratio: quantile(to, p) / quantile(from, p) },
  };
}

function sizeFor(
  effect: number,
  { settings, cost }: { readonly settings: CompareSettings; readonly cost: number },
): number | null {
  if (Number.isNaN(effect) || effect === 0) return null;
  if (effect === Number.POSITIVE_INFINITY) return settings.fewest;
  return Math.max(settings.fewest, Math.ceil(sizeForMeans(effect, surenessOf(settings)) * cost));
}

/** The least difference that matters, in units of the metric. */
export function effectOf(minEffect: MinEffect, level: number): number {
  return 'absolute' in minEffect ? minEffect.absolute : minEffect.relative * Math.abs(level);
}

/** Of values in order of size, or in any for the mean. */
function estimateOf(side: Float64Array, statistic: Statistic): number {
  return statistic === 'mean' ? mean(side)! : quantile(side, statistic.quantile);
}

function nameOf(statistic: Statistic): string {
  if (statistic === 'mean') return 'mean';
  return statistic.quantile === 0.5 ? 'median' : `p${Number((statistic.quantile * 100).toPrecision(10))}`;
}
