import { crc32cOfWords, mask, type Span } from './crc32c.ts';

/** Records up to this are looked at in one piece; longer ones stream by, so that blobs cost no memory. */
export const WHOLE_RECORD_BYTES = 1 << 20;

/** Bytes of a record before its payload, and around it. */
export const HEADER = 12;
export const FRAME = 16;

/**
 * - `record`: `payload` is good
 * - `data-crc`, `bad-record`, `oversized`: one record that cannot be used; the next one can be found
 * - `more`: `push` the next chunk
 * - `stop`: `damage` says why nothing behind `offset` can be found
 */
export type RecordStep = 'record' | 'data-crc' | 'bad-record' | 'oversized' | 'more' | 'stop';
export type StopKind = 'length-crc' | 'zero-filled' | 'not-an-event-file';
export type TailKind = 'truncated' | 'oversized' | 'not-an-event-file';

/**
 * Which CRCs are checked: `full` all of them; `parsed` not those of records that were stepped over in part; `length`
 * only those of the lengths.
 */
export type VerifyPolicy = 'full' | 'parsed' | 'length';

/** How records are read. */
export interface RecordOptions {
  /** Records up to this many bytes are held whole (1 MiB), longer ones are pruned as they stream by. */
  readonly wholeRecordBytes?: number;
  /** `full` unless said. */
  readonly verify?: VerifyPolicy;
  /** Where in the file the first chunk begins: behind a record. */
  readonly offset?: number;
}

/** The length in the header that begins with the span; −1 if its CRC is another one. */
export function lengthAt({ view, start }: Span): number {
  const low = view.getInt32(start, true);
  const high = view.getInt32(start + 4, true);
  if (mask(crc32cOfWords(low, high)) !== view.getInt32(start + 8, true)) return -1;
  return (high >>> 0) * 2 ** 32 + (low >>> 0);
}

/** Whether the header is zeros: what a crash leaves of a file that was made longer before it was written. */
export function isZero({ bytes, start }: Span): boolean {
  return bytes.subarray(start, start + HEADER).every((byte) => byte === 0);
}
