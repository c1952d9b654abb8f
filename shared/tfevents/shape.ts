import { crc32c, LONGEST_CHANGED, type Span, spanOf } from './crc32c.ts';
import type { EventReader } from './event.ts';
import { FRAME, HEADER } from './frame.ts';
import { LONGEST_FRAME, ROW, TABLE } from './scan-memory.ts';

/** Steps of up to so many varint bytes are taken: those below 2^28. */
const STEP_BYTES = 4;

/**
 * What the records of one tag, or of several tags that come together, have in common: all bytes but those of wall time,
 * step and values. It is taken from a record that EventReader has read, which also told where these lie. Keys and
 * lengths are among the common bytes; so another record that has them has its fields in the same places, and means the
 * same.
 *
 * Places are counted from the beginning of the record, and rows of `changeTable` are addresses in the scanner's memory.
 */
export interface Shape {
  /** Length of the whole record. */
  readonly frame: number;
  /** The bytes of the record that were seen, up to the stored CRC, and which bits of them count. */
  readonly seen: Uint8Array;
  readonly wanted: Uint8Array;
  readonly wallTimeAt: number;
  readonly stepAt: number;
  /** The bits of the step's varint in the word at `stepAt`; 0 where the step is left out. */
  readonly stepMask: number;
  /** Where the values lie, in order, and the row of the first byte of each. */
  readonly values: readonly { readonly at: number; readonly row: number }[];
  /** CRC of the payload with zeros for wall time, step and values; the rows of the first bytes of the former two. */
  readonly crc: number;
  readonly wallTimeRow: number;
  readonly stepRow: number;
}

/**
 * The shape of a record that holds float32 scalars and nothing that changes besides; null if it holds anything else.
 * `payload` lies behind its header, and `event` was read from it.
 */
export function shapeOf(event: EventReader, payload: Span): Shape | null {
  if (!hasShape(event, payload)) return null;
  const { end } = payload;
  const at = payload.start - HEADER;
  const seen = payload.bytes.slice(at, end);
  const wanted = new Uint8Array(seen.length).fill(0xff);
  const wallTimeAt = event.wallTimeAt - at;
  const steps = event.stepTo - event.stepFrom;
  wanted.fill(0, wallTimeAt, wallTimeAt + 8);
  const values = event.valueAt.slice(0, event.count).map((place) => place - at);
  for (const place of values) wanted.fill(0, place, place + 4);
  // Where a varint ends is part of the shape: the top bit of each of its bytes.
  if (steps > 0) wanted.fill(0x80, event.stepFrom - at, event.stepTo - at);
  const stepAt = steps > 0 ? event.stepFrom - at : wallTimeAt;
  const row = (place: number) => TABLE + ROW * (seen.length - 1 - place);
  return {
    frame: seen.length + 4,
    seen,
    wanted,
    wallTimeAt,
    stepAt,
    stepMask: stepMask(steps),
    values: values.map((place) => ({ at: place, row: row(place) })),
    crc: crcWithout(seen, wanted),
    wallTimeRow: row(wallTimeAt),
    stepRow: row(stepAt),
  };
}

/** Whether the record around the payload has the shape. */
export function isOfShape({ frame, seen, wanted }: Shape, { bytes, start, end }: Span): boolean {
  const at = start - HEADER;
  if (FRAME + end - start !== frame) return false;
  for (let i = 0; i < seen.length; i++)
    if ((bytes[at + i]! & wanted[i]!) !== (seen[i]! & wanted[i]!)) return false;
  return true;
}

/** The step of the record of that shape with which the span begins: a varint, the first byte in the lowest bits. */
export function stepOf({ stepAt, stepMask }: Shape, { view, start }: Span): number {
  const varint = view.getInt32(start + stepAt, true) & stepMask;
  return (
    (varint & 0x7f) |
    ((varint >>> 1) & (0x7f << 7)) |
    ((varint >>> 2) & (0x7f << 14)) |
    ((varint >>> 3) & (0x7f << 21))
  );
}

function hasShape(event: EventReader, payload: Span): boolean {
  const { start, end } = payload;
  // A record of a known shape is not looked into again, so it must hold nothing that is counted.
  if (event.count === 0 || event.wallTimeAt < 0 || event.otherTensors > 0) return false;
  for (let at = 0; at < event.count; at++) if (event.valueAt[at]! < 0) return false;
  if (end - start > LONGEST_CHANGED || FRAME + end - start > LONGEST_FRAME) return false;
  // The step is read as a word, whose bytes all need a row of `changeTable`.
  return event.stepTo - event.stepFrom <= STEP_BYTES && event.stepFrom + 4 <= end;
}

function stepMask(bytes: number): number {
  return bytes === 4 ? -1 : (1 << (8 * bytes)) - 1;
}

/** CRC of the payload with zeros wherever not the whole byte is wanted. */
function crcWithout(seen: Uint8Array, wanted: Uint8Array): number {
  const copy = seen.map((byte, at) => (wanted[at] === 0xff ? byte : 0));
  return crc32c({ ...spanOf(copy), start: HEADER });
}
