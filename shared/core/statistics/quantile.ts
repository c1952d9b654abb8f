/**
 * The quantile of values in order of size: linear between ranks at p·(n − 1), as NumPy's default and type 7 of
 * Hyndman and Fan 1996. NaN for none.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  if (below + 1 >= sorted.length) return low;
  return low + (at - below) * (sorted[below + 1]! - low);
}

/** Median distance from `centre`, in one walk outwards from it; NaN for none. */
export function medianDistance(sorted: ArrayLike<number>, centre: number): number {
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  let right = rankOf(sorted, centre);
  let left = right - 1;
  let last = 0;
  let previous = 0;
  for (let taken = 0; taken <= n >> 1; taken++) {
    previous = last;
    const below = left >= 0 ? centre - sorted[left]! : Number.POSITIVE_INFINITY;
    const above = right < n ? sorted[right]! - centre : Number.POSITIVE_INFINITY;
    last = Math.min(below, above);
    if (below < above) left -= 1;
    else right += 1;
  }
  return n % 2 === 1 ? last : (last + previous) / 2;
}

/** How many values are smaller than `value`. */
export function rankOf(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
