import { NORMAL_MAD } from '../../statistics/mad.ts';
import { median } from '../../statistics/median.ts';
import { medianDistance } from '../../statistics/quantile.ts';
import { type ChangePoint, testSplit } from './split-test.ts';

/** How the levels of a whole series are found; the numbers were chosen on seeds of their own. */
export interface SegmentOptions {
  /** Cost of one more level, in noise variances times log n. */
  readonly penalty: number;
  /** Fewest runs of a level. */
  readonly leastPiece: number;
  /** Runs around each whose median an outlier is held against, and how many spreads of it count. */
  readonly around: number;
  readonly clip: number;
  /** No level is longer: the cost grows with the length of the series times this. */
  readonly longest: number;
}

export const SEGMENTS: SegmentOptions = { penalty: 4, leastPiece: 3, around: 7, clip: 2.5, longest: 2000 };

/** Correlation is believed up to here; beyond, a series is one wander and no levels. */
const MOST_CORRELATION = 0.8;

/**
 * The change points of a whole series: the levels that explain it best, least squares plus a penalty for every
 * level, found exactly (optimal partitioning: Jackson et al. 2005, pruned as in Killick, Fearnhead and Eckley
 * 2012). Outliers are clipped first; the penalty grows with the noise and its lag-1 correlation, which are
 * estimated from what a first pass leaves over. `values` are finite and in the order of their runs.
 */
export function changePoints(values: readonly number[], options: SegmentOptions = SEGMENTS): ChangePoint[] {
  if (values.length < 2 * options.leastPiece) return [];
  const rough = noiseOfSteps(values);
  const first = clipped(values, rough, options);
  if (rough === 0 && isConstant(values)) return [];
  const before = partition(
    first,
    penaltyOf({ spread: rough, correlation: 0 }, values.length, options),
    options,
  );
  const noise = noiseAround(first, before);
  const clean = clipped(values, noise.spread, options);
  const cuts = partition(clean, penaltyOf(noise, values.length, options), options);
  const inflation = (1 + noise.correlation) / (1 - noise.correlation);
  return cuts.map((cut, at) => {
    const pieces = [
      [cuts[at - 1] ?? 0, cut],
      [cut, cuts[at + 1] ?? values.length],
    ] as const;
    return testSplit(clean, pieces, { divisor: 'n-1', inflation });
  });
}

/** Spread and lag-1 correlation of the noise of a series, its changes of level taken out and outliers clipped. */
export function noiseOf(values: readonly number[]): Noise {
  if (values.length < 3) return { spread: 0, correlation: 0 };
  const cuts = changePoints(values).map(({ index }) => index);
  return noiseAround(clipped(values, noiseOfSteps(values), SEGMENTS), cuts);
}

/** What is left of a series around its levels. */
export interface Noise {
  readonly spread: number;
  readonly correlation: number;
}

function penaltyOf({ spread, correlation }: Noise, n: number, { penalty }: SegmentOptions): number {
  const inflation = (1 + correlation) / (1 - correlation);
  return penalty * spread ** 2 * inflation * Math.log(n);
}

/** Spread of the noise from the steps between neighbours, which a change of level hardly touches. */
function noiseOfSteps(values: readonly number[]): number {
  const steps = Float64Array.from(
    { length: values.length - 1 },
    (_, i) => values[i + 1]! - values[i]!,
  ).sort();
  const robust = (NORMAL_MAD * medianDistance(steps, 0)) / Math.SQRT2;
  if (robust > 0) return robust;
  // More than half of the neighbours are equal: of a quantized metric the steps that there are tell.
  const square = steps.reduce((sum, step) => sum + step * step, 0) / steps.length;
  return Math.sqrt(square / 2);
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

/** Values no further from the median of their surroundings than so many spreads. */
function clipped(values: readonly number[], spread: number, { around, clip }: SegmentOptions): number[] {
  const half = around >> 1;
  return values.map((value, index) => {
    const centre = median(values.slice(Math.max(0, index - half), index + half + 1))!;
    return Math.max(centre - clip * spread, Math.min(centre + clip * spread, value));
  });
}

/** Spread and lag-1 correlation of what is left around the levels. */
function noiseAround(values: readonly number[], cuts: readonly number[]): Noise {
  let squares = 0;
  let products = 0;
  const ends = [...cuts, values.length];
  ends.forEach((end, at) => {
    const start = ends[at - 1] ?? 0;
    const mean = values.slice(start, end).reduce((sum, value) => sum + value, 0) / (end - start);
    for (let i = start; i < end; i++) {
      squares += (values[i]! - mean) ** 2;
      if (i > start) products += (values[i]! - mean) * (values[i - 1]! - mean);
    }
  });
  const freedom = Math.max(1, values.length - ends.length);
  const correlation = squares > 0 ? products / squares : 0;
  return {
    spread: Math.sqrt(squares / freedom),
    correlation: Math.max(0, Math.min(MOST_CORRELATION, correlation)),
  };
}

/** Where the levels of least cost begin, without the first. */
function partition(
  values: readonly number[],
  penalty: number,
  { leastPiece, longest }: SegmentOptions,
): number[] {
  const n = values.length;
  const costs = pieceCosts(values);
  const best = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
  const from = new Int32Array(n + 1);
  best[0] = -penalty;
  // The starts that may still be best, and what ending a level here would cost from each.
  const starts = new Int32Array(n + 1);
  const totals = new Float64Array(n + 1);
  let count = 1;
  for (let end = leastPiece; end <= n; end++) {
    for (let k = 0; k < count; k++) {
      const start = starts[k]!;
      totals[k] = best[start]! + costs(start, end);
      if (totals[k]! + penalty >= best[end]!) continue;
      best[end] = totals[k]! + penalty;
      from[end] = start;
    }
    // A start that is already worse than what was found here can never be best again.
    let kept = 0;
    for (let k = 0; k < count; k++) {
      if (totals[k]! <= best[end]! && end - starts[k]! < longest) starts[kept++] = starts[k]!;
    }
    starts[kept] = end - leastPiece + 1;
    count = kept + 1;
  }
  const cuts: number[] = [];
  for (let at = from[n]!; at > 0; at = from[at]!) cuts.push(at);
  return cuts.reverse();
}

/** Sum of squares around the mean of any piece, from running sums around the middle of the series. */
function pieceCosts(values: readonly number[]): (start: number, end: number) => number {
  const centre = median(values)!;
  const sums = new Float64Array(values.length + 1);
  const squares = new Float64Array(values.length + 1);
  values.forEach((value, i) => {
    sums[i + 1] = sums[i]! + (value - centre);
    squares[i + 1] = squares[i]! + (value - centre) ** 2;
  });
  return (start, end) => {
    const sum = sums[end]! - sums[start]!;
    return Math.max(0, squares[end]! - squares[start]! - (sum * sum) / (end - start));
  };
}
