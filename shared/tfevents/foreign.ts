import type { Span } from './crc32c.ts';

/** gzip, zstandard, zip, xz, bzip2, lz4, PNG, HDF5, PDF: what gets the name of an event file by mistake. */
const MAGIC = [
  [0x1f, 0x8b, 0x08],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x50, 0x4b, 0x03, 0x04],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x42, 0x5a, 0x68],
  [0x04, 0x22, 0x4d, 0x18],
  [0x89, 0x50, 0x4e, 0x47],
  [0x89, 0x48, 0x44, 0x46],
  [0x25, 0x50, 0x44, 0x46],
];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Whether a file whose first record makes no sense is of another kind: it begins as one of them, or as text.
 * Fewer than four bytes may be the length of a cut record that happens to be letters; four or more letters
 * would be a length of over 150 MB.
 */
export function looksForeign(start: Span): boolean {
  const head = start.bytes.subarray(start.start, Math.min(start.end, start.start + 12));
  if (head.length < 4) return false;
  const begins = (magic: readonly number[]) => magic.every((byte, at) => head[at] === byte);
  return MAGIC.some(begins) || begins(BYTE_ORDER_MARK) || head.every(isText);
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d);
}
