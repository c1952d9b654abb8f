import type { Span } from './crc32c.ts';

/** How other files begin that get the name of an event file by mistake, and what they are. */
const MAGIC: readonly (readonly [kind: string, begin: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a ZIP archive', [0x50, 0x4b, 0x03, 0x04]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['LZ4', [0x04, 0x22, 0x4d, 0x18]],
  ['PNG', [0x89, 0x50, 0x4e, 0x47]],
  ['HDF5', [0x89, 0x48, 0x44, 0x46]],
  ['PDF', [0x25, 0x50, 0x44, 0x46]],
  ['a Git LFS pointer', [...'version http'].map((letter) => letter.charCodeAt(0))],
];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** zlib's first byte, and its second by level; as a length this would have to go with four zeros. */
const ZLIB = [0x01, 0x5e, 0x9c, 0xda];

/**
 * What a file is whose first record makes no sense, if it begins as another kind or as text; null if it does not.
 * Fewer than four bytes may be the length of a cut record that happens to be letters; four or more letters
 * would be a length of over 150 MB.
 */
export function foreignKind(start: Span): string | null {
  const head = start.bytes.subarray(start.start, Math.min(start.end, start.start + 12));
  if (head.length < 4) return null;
  const begins = (magic: readonly number[]) => magic.every((byte, at) => head[at] === byte);
  const known = MAGIC.find(([, magic]) => begins(magic));
  if (known !== undefined) return known[0];
  if (head[0] === 0x78 && ZLIB.includes(head[1]!) && head.subarray(4, 8).some((byte) => byte !== 0))
    return 'zlib';
  if (begins(BYTE_ORDER_MARK)) return 'text';
  return head.every(isText) ? textKind(String.fromCharCode(...head).trimStart()) : null;
}

function textKind(text: string): string {
  if (text.startsWith('<')) return 'HTML or XML';
  return text.startsWith('{') || text.startsWith('[') ? 'JSON' : 'text';
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d);
}
