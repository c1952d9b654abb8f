import { logGamma } from './gamma.ts';

/**
 * Two-sided p of `more` against `fewer` where both are as likely: the exact sign test, which is also McNemar's exact
 * test of the pairs that differ. With neither p is 1.
 */
export function signTest(more: number, fewer: number): number {
  const n = more + fewer;
  const least = Math.min(more, fewer);
  const logAll = logGamma(n + 1) - n * Math.LN2;
  let tail = 0;
  // From the largest term down, each from its neighbour: only the first needs the gamma function.
  let term = Math.exp(logAll - logGamma(least + 1) - logGamma(n - least + 1));
  for (let k = least; k >= 0 && term > tail * 1e-18; k--) {
    tail += term;
    term *= k / (n - k + 1);
  }
  return Math.min(1, 2 * tail);
}
