import { chiSquareQuantileOfTail } from './chi-square.ts';

/** How far shares have moved, and how far chance moves them. */
export interface StabilityIndex {
  readonly psi: number;
  /** What an unchanged sample of these sizes stays below, with probability 1 − alpha. */
  readonly critical: number;
  readonly df: number;
}

/** Added to every count where one is zero: its logarithm would be infinite. */
const SMOOTHING = 0.5;

/**
 * The population stability index Σ (b − a) ln(b / a) over shares, of counts A and B. Where nothing changed it is
 * (1/n + 1/m) times a chi-square value of one degree of freedom less than categories (Yurdakul 2018), which gives the
 * critical value; the folklore's 0.1 fits no sample size. Categories that neither side has are left out.
 */
export function stabilityIndex(a: readonly number[], b: readonly number[], alpha: number): StabilityIndex {
  const met = a.map((count, index) => [count, b[index]!] as const).filter(([x, y]) => x + y > 0);
  const added = met.some(([x, y]) => x === 0 || y === 0) ? SMOOTHING : 0;
  const [n, m] = [total(met.map(([x]) => x)), total(met.map(([, y]) => y))];
  const df = Math.max(0, met.length - 1);
  if (df === 0 || n === 0 || m === 0) return { psi: 0, critical: 0, df };
  let psi = 0;
  for (const [x, y] of met) {
    const share = (x + added) / (n + added * met.length);
    const other = (y + added) / (m + added * met.length);
    psi += (other - share) * Math.log(other / share);
  }
  return { psi, critical: (1 / n + 1 / m) * chiSquareQuantileOfTail(alpha, df), df };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
