import { normalQuantileOfTail } from './normal.ts';

/** How sure a comparison has to be: of no false alarm (`alpha`, two-sided), and of seeing what is there (`power`). */
export interface Sureness {
  readonly alpha: number;
  readonly power: number;
}

/** Values on each side that show a difference of `effect` standard deviations between two means (Cohen 1988). */
export function sizeForMeans(effect: number, { alpha, power }: Sureness): number {
  const quantiles = normalQuantileOfTail(alpha / 2) + normalQuantileOfTail(1 - power);
  return wholeAbove((2 * quantiles ** 2) / effect ** 2);
}

/** Values on each side that show that one share is `p` and the other `q` (Fleiss 1981, without correction). */
export function sizeForShares(p: number, q: number, { alpha, power }: Sureness): number {
  const middle = (p + q) / 2;
  const atRest = normalQuantileOfTail(alpha / 2) * Math.sqrt(2 * middle * (1 - middle));
  const moved = normalQuantileOfTail(1 - power) * Math.sqrt(p * (1 - p) + q * (1 - q));
  return wholeAbove(((atRest + moved) / (p - q)) ** 2);
}

/** Rounded up, but not for the rounding of the arithmetic. */
function wholeAbove(size: number): number {
  return Math.ceil(size * (1 - 1e-12));
}
