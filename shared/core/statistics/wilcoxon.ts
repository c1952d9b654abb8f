import { normalTail } from './normal.ts';
import { rankSum } from './ranks.ts';

/** What the differences of pairs say. */
export interface Wilcoxon {
  /** Pairs that differ. */
  readonly n: number;
  /** Ranks of the positive differences, added up. */
  readonly positive: number;
  readonly negative: number;
  /** Two-sided. */
  readonly p: number;
}

/** Up to so many pairs p is exact, if no two differences are equally large; as SciPy decides. */
const EXACT_UP_TO = 50;

/**
 * The signed-rank test of Wilcoxon 1945 on differences of pairs; pairs without a difference are left out. Without ties
 * and with at most 50 pairs p is exact, else by the normal approximation corrected for ties:
 * `scipy.stats.wilcoxon(d, method="exact")` and `method="asymptotic"`. With no pair that differs p is 1.
 */
export function wilcoxon(differences: ArrayLike<number>): Wilcoxon {
  const [up, down] = [sizesOf(differences, 1), sizesOf(differences, -1)];
  const n = up.length + down.length;
  const { first: positive, ties } = rankSum(up, down);
  const most = (n * (n + 1)) / 2;
  if (n === 0) return { n, positive, negative: 0, p: 1 };
  const isExact = ties === 0 && n <= EXACT_UP_TO;
  const p = isExact ? exactP(positive, n) : normalP(positive, n, ties);
  return { n, positive, negative: most - positive, p };
}

/** The sizes of the differences of one sign. */
function sizesOf(differences: ArrayLike<number>, sign: 1 | -1): Float64Array {
  let count = 0;
  for (let i = 0; i < differences.length; i++) if (Math.sign(differences[i]!) === sign) count += 1;
  const sizes = new Float64Array(count);
  for (let i = 0, at = 0; i < differences.length; i++) {
    if (Math.sign(differences[i]!) === sign) sizes[at++] = sign * differences[i]!;
  }
  return sizes;
}

function normalP(positive: number, n: number, ties: number): number {
  const variance = (n * (n + 1) * (2 * n + 1) - ties / 2) / 24;
  const z = (positive - (n * (n + 1)) / 4) / Math.sqrt(variance);
  return Math.min(1, 2 * normalTail(Math.abs(z)));
}

/** Each rank is positive or negative, as likely: probabilities of every sum of the positive ones. */
function exactP(positive: number, n: number): number {
  const most = (n * (n + 1)) / 2;
  const shares = new Float64Array(most + 1);
  shares[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let sum = most; sum >= 0; sum--) {
      shares[sum] = (shares[sum]! + (sum >= rank ? shares[sum - rank]! : 0)) / 2;
    }
  }
  let below = 0;
  let above = 0;
  for (let sum = 0; sum <= most; sum++) {
    if (sum <= positive) below += shares[sum]!;
    if (sum >= positive) above += shares[sum]!;
  }
  return Math.min(1, 2 * Math.min(below, above));
}
