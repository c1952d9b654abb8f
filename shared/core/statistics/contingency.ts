import { chiSquareTail } from './chi-square.ts';

/** A statistic that is chi-square distributed with `df` degrees of freedom where nothing changed. */
export interface ChiSquare {
  readonly statistic: number;
  readonly df: number;
  readonly p: number;
}

const NO_DIFFERENCE: ChiSquare = { statistic: 0, df: 0, p: 1 };

/**
 * Pearson's test that two rows of counts have the same shares, without Yates' correction; categories that neither row
 * has are left out: `scipy.stats.chi2_contingency([a, b], correction=False)`.
 */
export function chiSquareOf(a: readonly number[], b: readonly number[]): ChiSquare {
  const met = a.map((count, index) => [count, b[index]!] as const).filter(([x, y]) => x + y > 0);
  const [n, m] = [sum(met.map(([x]) => x)), sum(met.map(([, y]) => y))];
  if (met.length < 2 || n === 0 || m === 0) return NO_DIFFERENCE;
  let statistic = 0;
  for (const [x, y] of met) {
    const share = (x + y) / (n + m);
    statistic += (x - n * share) ** 2 / (n * share) + (y - m * share) ** 2 / (m * share);
  }
  const df = met.length - 1;
  return { statistic, df, p: chiSquareTail(statistic, df) };
}

/**
 * The test of Stuart 1955 and Maxwell 1970 that rows and columns of a square table of pairs have the same totals: of
 * two categories McNemar's test without correction. Categories without a pair that moved are left out:
 * `statsmodels.stats.contingency_tables.SquareTable(t, shift_zeros=False).homogeneity("stuart_maxwell")`.
 */
export function stuartMaxwell(table: readonly (readonly number[])[]): ChiSquare {
  const all = table.map((_, index) => index);
  const met = all.filter((i) => all.some((j) => j !== i && table[i]![j]! + table[j]![i]! > 0));
  const apart = met.map((i) => sum(all.map((j) => table[i]![j]! - table[j]![i]!)));
  const df = met.length - 1;
  if (df < 1) return NO_DIFFERENCE;
  const variance = met.slice(0, df).map((i) =>
    met.slice(0, df).map((j) => {
      if (i !== j) return -(table[i]![j]! + table[j]![i]!);
      return sum(all.map((k) => (k === i ? 0 : table[i]![k]! + table[k]![i]!)));
    }),
  );
  const solved = solve(variance, apart.slice(0, df));
  // Categories that only ever move among themselves make groups, and the table as a whole says too little.
  if (solved === null) return { statistic: Number.NaN, df, p: Number.NaN };
  const statistic = sum(solved.map((value, index) => value * apart[index]!));
  return { statistic, df, p: chiSquareTail(statistic, df) };
}

/** Gauss' elimination with the largest pivot; null where the matrix has no inverse. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const rows = matrix.map((row, index) => [...row, right[index]!]);
  const n = rows.length;
  for (let at = 0; at < n; at++) {
    let pivot = at;
    for (let i = at + 1; i < n; i++) if (Math.abs(rows[i]![at]!) > Math.abs(rows[pivot]![at]!)) pivot = i;
    [rows[at], rows[pivot]] = [rows[pivot]!, rows[at]!];
    const head = rows[at]!;
    if (Math.abs(head[at]!) < 1e-9) return null;
    for (let i = 0; i < n; i++) {
      if (i === at) continue;
      const factor = rows[i]![at]! / head[at]!;
      for (let k = at; k <= n; k++) rows[i]![k] = rows[i]![k]! - factor * head[k]!;
    }
  }
  return rows.map((row, index) => row[n]! / row[index]!);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
