/**
 * Sum with one running correction for what each addition rounds away (Neumaier 1974, the improved
 * Kahan–Babuška algorithm): the error no longer grows with the number of terms. Infinite or NaN terms, and
 * sums beyond the range of a double, give what plain addition gives.
 */
export function neumaierSum(values: ArrayLike<number>): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const next = sum + value;
    // TwoSum (Knuth): exact whatever the order of size, and free of branches.
    const part = next - sum;
    lost += sum - (next - part) + (value - part);
    sum = next;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}
