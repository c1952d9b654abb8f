/**
 * The median: the middle value, or the mean of the two middle ones. Null for none. NaN has no place in an
 * order: leave it out before.
 */
export function median(values: ArrayLike<number>): number | null {
  return medianInPlace(new Float64Array(values), values.length);
}

/** The same of the first `length` values, which it puts into another order. */
export function medianInPlace(values: Float64Array, length: number): number | null {
  if (length === 0) return null;
  const upper = length >> 1;
  const high = select(values, upper, length);
  if (length % 2 === 1) return high;
  let low = values[0]!;
  for (let i = 1; i < upper; i++) if (values[i]! > low) low = values[i]!;
  return midpoint(low, high);
}

const FEW = 32;

/** Halves first only where the sum would overflow: halving a denormal loses its last bit. */
function midpoint(low: number, high: number): number {
  const sum = low + high;
  return Number.isFinite(sum) ? sum / 2 : low / 2 + high / 2;
}

/**
 * Puts the value of rank `rank` in its place, none greater before it (Hoare 1961, "Find"). A run of bad
 * pivots falls back on sorting, so that no order of the values takes quadratic time.
 */
function select(values: Float64Array, rank: number, length: number): number {
  let left = 0;
  let right = length - 1;
  for (let rounds = 4 * Math.ceil(Math.log2(length + 1)); left < right; rounds--) {
    if (right - left < FEW) {
      sortFew(values, left, right);
      break;
    }
    if (rounds === 0) {
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

/** By insertion, which for so few is done before the sort of the platform has begun. */
function sortFew(values: Float64Array, left: number, right: number): void {
  for (let next = left + 1; next <= right; next++) {
    const value = values[next]!;
    let at = next;
    for (; at > left && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
}

function middleOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
