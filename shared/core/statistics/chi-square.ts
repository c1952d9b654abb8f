import { upperGamma } from './gamma.ts';
import { normalQuantileOfTail } from './normal.ts';

/** Probability that a chi-square value of `df` degrees of freedom is above `x`. */
export function chiSquareTail(x: number, df: number): number {
  return upperGamma(df / 2, x / 2);
}

/** The value that chi-square of `df` degrees of freedom is above with probability `tail`, 0 < tail < 1. */
export function chiSquareQuantileOfTail(tail: number, df: number): number {
  let low = 0;
  // Wilson and Hilferty 1931, and room above it.
  const middle = 1 - 2 / (9 * df) + normalQuantileOfTail(tail) * Math.sqrt(2 / (9 * df));
  let high = Math.max(1, df * middle ** 3) * 2 + 10;
  while (chiSquareTail(high, df) > tail) high *= 2;
  for (let round = 0; round < 200; round++) {
    const at = (low + high) / 2;
    if (at === low || at === high) break;
    if (chiSquareTail(at, df) > tail) low = at;
    else high = at;
  }
  return (low + high) / 2;
}
