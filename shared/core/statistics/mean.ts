import { exactSum } from './exact-sum.ts';
import { neumaierSum } from './sum.ts';

/** Ten times better than the 1e-12 that `read --json` promises. */
const WANTED = 1e-13;
/** A power of two scales without rounding. */
const DOWN = 2 ** -64;
const UP = 2 ** 64;

/** The mean of finite values, right to 1e-12 relative however they cancel; null for none. */
export function mean(values: ArrayLike<number>): number | null {
  const n = values.length;
  if (n === 0) return null;
  const sum = neumaierSum(values);
  if (!Number.isFinite(sum)) return (accurateSum(scaled(values), n) / n) * UP;
  return accurateSum(values, n, sum) / n;
}

function scaled(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value) => value * DOWN);
}

/**
 * Neumaier's error is at most about (n·eps)² times the sum of the absolute values (Ogita, Rump, Oishi 2005,
 * "Accurate sum and dot product", prop. 4.5), so it is enough unless the terms cancel.
 */
function accurateSum(values: ArrayLike<number>, n: number, sum: number = neumaierSum(values)): number {
  let absolute = 0;
  for (let i = 0; i < n; i++) absolute += Math.abs(values[i]!) * DOWN;
  const bound = (n * Number.EPSILON) ** 2 * absolute;
  return bound <= WANTED * Math.abs(sum) * DOWN ? sum : exactSum(values);
}
