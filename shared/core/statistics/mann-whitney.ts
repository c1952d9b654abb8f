import { normalTail } from './normal.ts';
import { rankSum } from './ranks.ts';

/** How values of B lie beside those of A. */
export interface MannWhitney {
  /** Pairs in which the value of B is larger, ties counted half. */
  readonly u: number;
  /** Two-sided. */
  readonly p: number;
  /** u over all pairs: how likely a value of B is above one of A (Vargha and Delaney 2000); 1/2 is no difference. */
  readonly a12: number;
}

/** Up to so many values on the smaller side p is exact, if none are equal; as SciPy decides. */
const EXACT_UP_TO = 8;

/**
 * The rank-sum test of Mann and Whitney 1947. Without ties and with at most eight values on one side p is exact, else
 * by the normal approximation corrected for ties and continuity: `scipy.stats.mannwhitneyu(b, a)` by default. NaN where
 * all values are equal, or a side has none. Values are finite.
 */
export function mannWhitney(a: ArrayLike<number>, b: ArrayLike<number>): MannWhitney {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return { u: Number.NaN, p: Number.NaN, a12: Number.NaN };
  const { first, ties } = rankSum(new Float64Array(b), new Float64Array(a));
  const u = first - (m * (m + 1)) / 2;
  const larger = Math.max(u, n * m - u);
  const isExact = ties === 0 && Math.min(n, m) <= EXACT_UP_TO;
  const p = isExact ? exactP(larger, n, m) : normalP(larger, { n, m, ties });
  return { u, p, a12: u / (n * m) };
}

function normalP(u: number, { n, m, ties }: { n: number; m: number; ties: number }): number {
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  const z = (u - (n * m) / 2 - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * normalTail(z));
}

/** Counts the orders of n and m values by their U: those whose largest value is of either side, added up. */
function exactP(u: number, n: number, m: number): number {
  const [few, many] = n < m ? [n, m] : [m, n];
  const cells = few * many + 1;
  // shares[i][u]: probability of u when i values of the smaller side are put among j of the other.
  let before: Float64Array[] = Array.from({ length: few + 1 }, () => unit(cells));
  for (let j = 1; j <= many; j++) {
    const now: Float64Array[] = [unit(cells)];
    for (let i = 1; i <= few; i++) {
      const shares = new Float64Array(cells);
      const [own, other] = [now[i - 1]!, before[i]!];
      const weight = i / (i + j);
      for (let k = 0; k < cells; k++)
        shares[k] = weight * (k >= j ? own[k - j]! : 0) + (1 - weight) * other[k]!;
      now.push(shares);
    }
    before = now;
  }
  let tail = 0;
  for (let k = Math.ceil(u); k < cells; k++) tail += before[few]![k]!;
  return Math.min(1, 2 * tail);
}

function unit(cells: number): Float64Array {
  const shares = new Float64Array(cells);
  shares[0] = 1;
  return shares;
}
