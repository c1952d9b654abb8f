/**
 * The median: the middle value, or the mean of the two middle ones. Null for none. NaN has no place in an
 * order: leave it out before.
 */
export function median(values: ArrayLike<number>): number | null {
  const n = values.length;
  if (n === 0) return null;
  const copy = Float64Array.from(values);
  const upper = n >> 1;
  const high = select(copy, upper);
  if (n % 2 === 1) return high;
  let low = copy[0]!;
  for (let i = 1; i < upper; i++) if (copy[i]! > low) low = copy[i]!;
  return midpoint(low, high);
}

/** Halves first only where the sum would overflow: halving a denormal loses its last bit. */
function midpoint(low: number, high: number): number {
  const sum = low + high;
  return Number.isFinite(sum) ? sum / 2 : low / 2 + high / 2;
}

/**
 * Puts the value of rank `rank` in its place, none greater before it (Hoare 1961, "Find"). A run of bad
 * pivots falls back on sorting, so that no order of the values takes quadratic time.
 */
function select(values: Float64Array, rank: number): number {
  let left = 0;
  let right = values.length - 1;
  for (let rounds = 4 * Math.ceil(Math.log2(values.length + 1)); left < right; rounds--) {
    if (rounds === 0 || right - left < 32) {
      values.subarray(left, right + 1).sort();
      break;
    }
    const pivot = middleOfThree(values[left]!, values[(left + right) >> 1]!, values[right]!);
    let low = left;
    let high = right;
    while (low <= high) {
      while (values[low]! < pivot) low++;
      while (values[high]! > pivot) high--;
      if (low > high) break;
      const held = values[low]!;
      values[low++] = values[high]!;
      values[high--] = held;
    }
    if (rank <= high) right = high;
    else if (rank >= low) left = low;
    else break;
  }
  return values[rank]!;
}

function middleOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
