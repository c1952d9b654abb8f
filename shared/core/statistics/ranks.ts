/** Ranks of two sets of values among all of them, equal ones sharing the mean of theirs. */
export interface RankSum {
  /** The ranks of the first set, from 1, added up. */
  readonly first: number;
  /** Σ(t³ − t) over groups of t equal values. */
  readonly ties: number;
}

/** By sorting both sides, in place, and walking them: no rank is kept, so millions of values are no matter. */
export function rankSum(first: Float64Array, second: Float64Array): RankSum {
  const [a, b] = [first.sort(), second.sort()];
  let [i, j, sum, ties] = [0, 0, 0, 0];
  while (i < a.length || j < b.length) {
    const at = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    const [from, other] = [i, j];
    while (i < a.length && a[i] === at) i += 1;
    while (j < b.length && b[j] === at) j += 1;
    const equal = i - from + j - other;
    sum += (i - from) * (from + other + (equal + 1) / 2);
    ties += equal ** 3 - equal;
  }
  return { first: sum, ties };
}
