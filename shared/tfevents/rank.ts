import { median } from '../core/statistics/median.ts';

/** The finite values of a series as they lie in memory, chunk by chunk, all float32 or all float64. */
export type Parts = readonly (Float32Array | Float64Array)[];

/** A key has two digits of 16 bits. */
const RADIX = 1 << 16;

/** How often each digit occurs; made when it is first needed, and used again. */
let scratch: Uint32Array | undefined;

/**
 * The median without a copy of the values: a radix selection. It counts how often each upper digit of a key occurs,
 * and then each lower digit among those the middle falls into. Numbers sort like their bits, once the sign bit, and
 * all bits of negative numbers, are turned over.
 *
 * The key of a float32 are its 32 bits. Of a float64 it is the upper word; the few that share it are sorted out.
 */
export function medianOfParts(parts: Parts): number {
  const n = parts.reduce((sum, part) => sum + part.length, 0);
  const low = select(parts, Math.ceil(n / 2) - 1);
  if (n % 2 === 1) return low.value;
  return median([low.value, low.next ?? select(parts, n / 2).value])!;
}

interface Selected {
  readonly value: number;
  /** The value behind it in order; null where that takes another look at all. */
  readonly next: number | null;
}

function select(parts: Parts, rank: number): Selected {
  scratch ??= new Uint32Array(RADIX);
  scratch.fill(0);
  for (const part of parts) countUpper(part, scratch);
  const upper = place(scratch, rank);
  const digit = digitOf(upper);
  scratch.fill(0);
  for (const part of parts) countLower(part, digit, scratch);
  const lower = place(scratch, restOf(upper));
  const key = digit * RADIX + digitOf(lower);
  const same = scratch[digitOf(lower)]!;
  const at = restOf(lower);
  if (parts[0] instanceof Float32Array) {
    const next = at + 1 < same ? digitOf(lower) : firstFrom(scratch, digitOf(lower) + 1);
    return { value: float32OfKey(key), next: next === RADIX ? null : float32OfKey(digit * RADIX + next) };
  }
  const alike = valuesOfKey(parts, key, same).sort();
  return { value: alike[at]!, next: alike[at + 1] ?? null };
}

/**
 * Which digit holds the value of that rank, and its rank among those of that digit, as one number: the loop is long
 * enough to be optimized while it runs, which an object behind it would undo.
 */
function place(counts: Uint32Array, rank: number): number {
  let digit = 0;
  let rest = rank;
  for (; counts[digit]! <= rest; digit++) rest -= counts[digit]!;
  return digit * 2 ** 32 + rest;
}

/** The first digit from that one on that occurs, RADIX if none does. */
function firstFrom(counts: Uint32Array, digit: number): number {
  let at = digit;
  while (at < RADIX && counts[at] === 0) at++;
  return at;
}

function digitOf(placed: number): number {
  return Math.floor(placed / 2 ** 32);
}

function restOf(placed: number): number {
  return placed % 2 ** 32;
}

function countUpper(part: Float32Array | Float64Array, counts: Uint32Array): void {
  const { words, stride, first } = upperWords(part);
  for (let at = first; at < words.length; at += stride) counts[keyOf(words[at]!) >>> 16]!++;
}

function countLower(part: Float32Array | Float64Array, upper: number, counts: Uint32Array): void {
  const { words, stride, first } = upperWords(part);
  for (let at = first; at < words.length; at += stride) {
    const key = keyOf(words[at]!);
    if (key >>> 16 === upper) counts[key & (RADIX - 1)]!++;
  }
}

function valuesOfKey(parts: Parts, key: number, same: number): Float64Array {
  const found = new Float64Array(same);
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
