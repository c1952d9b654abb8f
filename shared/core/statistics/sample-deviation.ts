import { mean } from './mean.ts';
import { neumaierSum } from './sum.ts';

/**
 * Sample standard deviation, with n − 1 in the denominator: the square root of the mean squared distance
 * from the mean. Two passes, both sums compensated, with the correction for the rounding of the mean
 * (Chan, Golub, LeVeque 1983, "Algorithms for computing the sample variance", eq. 1.7).
 *
 * `values` are finite; answers null for fewer than two. They are scaled by a power of two, which rounds nothing,
 * so that no square overflows or vanishes.
 */
export function sampleDeviation(values: ArrayLike<number>): number | null {
  const n = values.length;
  if (n < 2) return null;
  const unit = unitOf(values);
  const worked = new Float64Array(n);
  for (let i = 0; i < n; i++) worked[i] = values[i]! * unit;
  const centre = mean(worked)!;
  for (let i = 0; i < n; i++) worked[i] = worked[i]! - centre;
  const rounding = neumaierSum(worked);
  for (let i = 0; i < n; i++) worked[i] = worked[i]! * worked[i]!;
  const squares = neumaierSum(worked);
  return Math.sqrt(Math.max(0, squares - (rounding * rounding) / n) / (n - 1)) / unit;
}

/** The power of two that brings the largest value near 1. */
function unitOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest === 0 ? 1 : 2 ** Math.min(1023, -Math.floor(Math.log2(largest)));
}
