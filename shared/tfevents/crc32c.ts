/**
 * CRC-32C (Castagnoli): reflected polynomial 0x82F63B78, start and final xor 0xFFFFFFFF; the check value of
 * "123456789" is 0xE3069283. Eight bytes a step by eight tables ("slicing", Kounavis and Berry 2005).
 */
const POLYNOMIAL = 0x82f63b78;
const TABLES = makeTables();

/** TABLES[256 * k + byte]: what `byte` adds to the remainder when `k` zero bytes follow it. */
function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? POLYNOMIAL : 0);
    tables[byte] = rest;
  }
  return extend(tables, 256);
}

/** Fills the table from place `from` on: one more byte that follows is one more division by x^8. */
function extend(tables: Int32Array, from: number): Int32Array {
  for (let at = from; at < tables.length; at++) {
    const before = tables[at - 256]!;
    tables[at] = (before >>> 8) ^ tables[before & 0xff]!;
  }
  return tables;
}

/** Longest message whose single bytes `changeTable` knows. */
export const LONGEST_CHANGED = 512;

let changes = TABLES;

/**
 * What a byte adds to the CRC of a message, at [256 * k + byte] when `k` bytes follow it, for at least the last
 * `length` bytes, LONGEST_CHANGED at most. A CRC is linear: the CRC of a message is that of the same message
 * with zeros in some places, XORed with what the bytes in these places add.
 */
export function changeTable(length: number): Int32Array {
  if (changes.length < length * 256) {
    // Most records have less than 64 bytes, and a table for all would take as long as starting to read.
    const rows = Math.min(LONGEST_CHANGED + 64, Math.ceil(length / 64) * 64);
    const longer = new Int32Array(rows * 256);
    longer.set(changes);
    changes = extend(longer, changes.length);
  }
  return changes;
}

/** A stretch of a buffer; `view` is over the same memory as `bytes`. One object is reused for many stretches. */
export interface Span {
  bytes: Uint8Array;
  view: DataView;
  start: number;
  end: number;
}

/** The whole of a buffer. */
export function spanOf(bytes: Uint8Array): Span {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, start: 0, end: bytes.length };
}

/** CRC-32C of the span, as a signed 32-bit number; `before` is the CRC of what came ahead of it. */
export function crc32c(span: Span, before = 0): number {
  const { bytes, view, end } = span;
  let at = span.start;
  let crc = ~before;
  for (const last = end - 8; at <= last; at += 8) {
    const a = crc ^ view.getInt32(at, true);
    crc = step(a, view.getInt32(at + 4, true));
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ TABLES[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc;
}

/** CRC-32C of the eight bytes of a little-endian number, as a signed 32-bit number. */
export function crc32cOfWords(low: number, high: number): number {
  return ~step(~low, high);
}

function step(a: number, b: number): number {
  return (
    TABLES[1792 + (a & 0xff)]! ^
    TABLES[1536 + ((a >>> 8) & 0xff)]! ^
    TABLES[1280 + ((a >>> 16) & 0xff)]! ^
    TABLES[1024 + (a >>> 24)]! ^
    TABLES[768 + (b & 0xff)]! ^
    TABLES[512 + ((b >>> 8) & 0xff)]! ^
    TABLES[256 + ((b >>> 16) & 0xff)]! ^
    TABLES[b >>> 24]!
  );
}

/**
 * The form a CRC is stored in, signed. Stored plainly, the CRC of a text that holds its own CRC would be a
 * constant; TFRecord turns it by 15 bits and adds a number.
 */
export function mask(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) | 0;
}
