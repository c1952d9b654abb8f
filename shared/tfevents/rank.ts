import { median } from '../core/statistics/median.ts';

/** The finite values of a series as they lie in memory, chunk by chunk, all float32 or all float64. */
export type Parts = readonly (Float32Array | Float64Array)[];

const DIGIT = 16;
export const RADIX = 1 << DIGIT;

/**
 * The median without a copy of the values: a radix selection. It counts how often each upper half of a key
 * occurs, and then each lower half among those the middle falls into. Numbers sort like their bits, once the sign
 * bit, and all bits of negative numbers, are turned over.
 *
 * The key of a float32 are its 32 bits. Of a float64 it is the upper word; the few that share it are sorted out.
 * `counts` are those that `countUpper` makes of all parts.
 */
export function medianOfParts(parts: Parts, counts: Uint32Array): number {
  const n = parts.reduce((sum, part) => sum + part.length, 0);
  const low = select(parts, counts, Math.ceil(n / 2) - 1);
  if (n % 2 === 1) return low.value;
  const high = low.sameUpTo > n / 2 ? low.value : select(parts, counts, n / 2).value;
  return median([low.value, high])!;
}

interface Selected {
  readonly value: number;
  /** How many values are this one or below it. */
  readonly sameUpTo: number;
}

function select(parts: Parts, counts: Uint32Array, rank: number): Selected {
  const upper = place(counts, rank);
  const lowerCounts = new Uint32Array(RADIX);
  for (const part of parts) countLower(part, upper.digit, lowerCounts);
  const lower = place(lowerCounts, rank - upper.below);
  const below = upper.below + lower.below;
  const key = upper.digit * RADIX + lower.digit;
  if (parts[0] instanceof Float32Array) return { value: float32OfKey(key), sameUpTo: below + lower.count };
  const alike = valuesOfKey(parts, { key, count: lower.count }).sort();
  const value = alike[rank - below]!;
  return { value, sameUpTo: below + alike.lastIndexOf(value) + 1 };
}

/** Which digit holds the value of that rank, and how many values lie before that digit. */
function place(counts: Uint32Array, rank: number): { digit: number; below: number; count: number } {
  let below = 0;
  let digit = 0;
  while (below + counts[digit]! <= rank) below += counts[digit++]!;
  return { digit, below, count: counts[digit]! };
}

/** Counts the upper halves of the keys of one part. */
export function countUpper(part: Float32Array | Float64Array, counts: Uint32Array): void {
  const { words, stride, first } = upperWords(part);
  for (let at = first; at < words.length; at += stride) counts[keyOf(words[at]!) >>> DIGIT]!++;
}

function countLower(part: Float32Array | Float64Array, upper: number, counts: Uint32Array): void {
  const { words, stride, first } = upperWords(part);
  for (let at = first; at < words.length; at += stride) {
    const key = keyOf(words[at]!);
    if (key >>> DIGIT === upper) counts[key & (RADIX - 1)]!++;
  }
}

function valuesOfKey(parts: Parts, { key, count }: { key: number; count: number }): Float64Array {
  const found = new Float64Array(count);
  let next = 0;
  for (const part of parts) {
    const { words } = upperWords(part);
    for (let at = 0; at < part.length; at++)
      if (keyOf(words[2 * at + 1]!) >>> 0 === key) found[next++] = part[at]!;
  }
  return found;
}

/** The words that hold the sign: all of float32, every second of float64 (little-endian, as all that Node runs on). */
function upperWords(part: Float32Array | Float64Array) {
  const stride = part.BYTES_PER_ELEMENT / 4;
  const words = new Int32Array(part.buffer, part.byteOffset, part.length * stride);
  return { words, stride, first: stride - 1 };
}

function keyOf(word: number): number {
  return word ^ ((word >> 31) | 0x80000000);
}

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

function float32OfKey(key: number): number {
  const turned = key | 0;
  bits[0] = turned < 0 ? turned ^ 0x80000000 : ~turned;
  return float[0]!;
}
