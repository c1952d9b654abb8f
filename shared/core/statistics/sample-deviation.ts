import { mean } from './mean.ts';
import { neumaierSum } from './sum.ts';

/**
 * Sample standard deviation, with n − 1 in the denominator: the square root of the mean squared distance
 * from the mean. Two passes, both sums compensated, with the correction for the rounding of the mean
 * (Chan, Golub, LeVeque 1983, "Algorithms for computing the sample variance", eq. 1.7).
 *
 * `values` are finite; answers null for fewer than two.
 */
export function sampleDeviation(values: readonly number[]): number | null {
  const n = values.length;
  const centre = mean(values);
  if (n < 2 || centre === null) return null;
  const distances = values.map((value) => value - centre);
  const squares = neumaierSum(distances.map((distance) => distance * distance));
  const rounding = neumaierSum(distances);
  return Math.sqrt(Math.max(0, squares - (rounding * rounding) / n) / (n - 1));
}
