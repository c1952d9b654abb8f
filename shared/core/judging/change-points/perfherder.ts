/** The windows and thresholds of Mozilla's Perfherder, by its own defaults. */
export interface PerfherderOptions {
  /** Values looked back on: at least, and at most while nothing happens. */
  readonly leastBack: number;
  readonly mostBack: number;
  /** Values that must follow before a change is told. */
  readonly forward: number;
  readonly t: number;
}

export const PERFHERDER: PerfherderOptions = { leastBack: 12, mostBack: 24, forward: 12, t: 7 };

/** Mean and variance of a window. */
interface Window {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

/**
 * Where Perfherder sees a change: the t of the values before and from each index, both means weighted towards
 * it, is above the threshold and not below that of either neighbour (mozilla/treeherder, `perfalert`). It needs
 * `forward` values behind a change and is that many runs late by construction.
 */
export function perfherderChanges(
  values: readonly number[],
  options: PerfherderOptions = PERFHERDER,
): number[] {
  const { leastBack, forward, t: threshold } = options;
  const scores = scoresOf(values, options);
  return scores.flatMap(({ t, back }, index) => {
    if (back < leastBack || values.length - index < forward || t <= threshold) return [];
    const lower = (scores[index - 1]?.t ?? 0) > t || (scores[index + 1]?.t ?? 0) > t;
    return lower ? [] : [index];
  });
}

interface Score {
  readonly t: number;
  /** Values looked back on. */
  readonly back: number;
}

/** The back window grows with every run that sees nothing, and starts anew where something was seen. */
function scoresOf(
  values: readonly number[],
  { leastBack, mostBack, forward, t: threshold }: PerfherderOptions,
): Score[] {
  let sinceSeen = 0;
  return values.map((_, index) => {
    if (index === 0) return { t: 0, back: 0 };
    const back = Math.min(index, mostBack, Math.max(sinceSeen, leastBack));
    const before = values.slice(index - back, index).reverse();
    const t = Math.abs(welchT(before, values.slice(index, index + forward)));
    sinceSeen = t > threshold ? 0 : sinceSeen + 1;
    return { t, back };
  });
}

/** Difference of the weighted means over its standard error; infinite where neither side varies. */
export function welchT(
  before: readonly number[],
  after: readonly number[],
  weight: Weight = falling,
): number {
  if (before.length === 0 || after.length === 0) return 0;
  const left = windowOf(before, weight);
  const right = windowOf(after, weight);
  const difference = right.mean - left.mean;
  if (difference === 0) return 0;
  return difference / Math.sqrt(left.variance / left.n + right.variance / right.n);
}

/** The weight of the k-th of n values. */
type Weight = (k: number, n: number) => number;

/** Falls linearly with the distance from the change. */
const falling: Weight = (k, n) => (n - k) / n;

/** Weighted mean, and unweighted variance around it, with n − 1. */
export function windowOf(values: readonly number[], weight: Weight = falling): Window {
  const n = values.length;
  const weights = values.map((_, k) => weight(k, n));
  const total = weights.reduce((sum, one) => sum + one, 0);
  const mean = n === 0 ? 0 : values.reduce((sum, value, k) => sum + value * weights[k]!, 0) / total;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, variance: n > 1 ? squares / (n - 1) : 0 };
}
