/**
 * The sum as if added without rounding and rounded once, or to a last bit of it: keeps the running sum as
 * partial sums that do not overlap (Shewchuk 1997, "Adaptive precision floating-point arithmetic", grow
 * expansion). For sums whose terms nearly cancel; several times slower than `neumaierSum`.
 *
 * `values` are finite, and none of the running sums may pass the range of a double.
 */
export function exactSum(values: ArrayLike<number>): number {
  const partials: number[] = [];
  for (let i = 0; i < values.length; i++) addTo(partials, values[i]!);
  let sum = 0;
  for (const partial of partials) sum += partial;
  return sum;
}

/** `partials` stay in growing size, and their exact sum grows by `value`. */
function addTo(partials: number[], value: number): void {
  let kept = 0;
  let carried = value;
  for (const partial of partials) {
    const sum = carried + partial;
    const part = sum - carried;
    const lost = carried - (sum - part) + (partial - part);
    if (lost !== 0) partials[kept++] = lost;
    carried = sum;
  }
  partials.length = kept;
  partials.push(carried);
}
