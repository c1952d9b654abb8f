/**
 * Which of many hypotheses are rejected so that at most the share `rate` of the rejected is expected to be
 * wrong (Benjamini and Hochberg 1995, the step-up procedure): all up to the largest k with p₍k₎ ≤ k·rate/m.
 * Answers in the order given; NaN is never rejected and counts as tested.
 */
export function benjaminiHochberg(pValues: readonly number[], rate: number): boolean[] {
  const total = pValues.length;
  const sorted = pValues.filter((p) => !Number.isNaN(p)).sort((a, b) => a - b);
  const last = sorted.findLastIndex((p, rank) => p <= ((rank + 1) * rate) / total);
  const limit = last < 0 ? Number.NEGATIVE_INFINITY : sorted[last]!;
  return pValues.map((p) => p <= limit);
}
