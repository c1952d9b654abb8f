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
export function sampleDeviation(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 2) return null;
  const unit = unitOf(values);
  const scaled = values.map((value) => value * unit);
  const centre = mean(scaled)!;
  const distances = scaled.map((value) => value - centre);
  const squares = neumaierSum(distances.map((distance) => distance * distance));
  const rounding = neumaierSum(distances);
  return Math.sqrt(Math.max(0, squares - (rounding * rounding) / n) / (n - 1)) / unit;
}

/** The power of two that brings the largest value near 1. */
function unitOf(values: readonly number[]): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest === 0 ? 1 : 2 ** Math.min(1023, -Math.floor(Math.log2(largest)));
}
