import { crc32c, LONGEST_CHANGED, type Span, spanOf } from './crc32c.ts';
import { Demands } from './demands.ts';
import type { EventReader } from './event.ts';
import { FRAME, HEADER } from './frame.ts';
import type { TagSeries } from './tags.ts';

/** Steps of up to so many varint bytes are taken: those below 2^28. */
const STEP_BYTES = 4;
/** So many are learnt; a job with more tags, or tags that never come again, gains nothing from more. */
const MOST_SHAPES = 8192;
/** To try more would take longer than to read the record. */
const MOST_OF_FRAME = 24;
/** A tag has one for each length of its steps; more come of records that always differ. */
const MOST_OF_TAG = 8;

/**
 * What the records of one tag have in common: all bytes but those of wall time, step and value. It is taken
 * from a record that EventReader has read, which also told where these three lie. Keys and lengths are among the
 * common bytes; so another record that has them has its fields in the same places, and means the same.
 *
 * Places are counted from the beginning of the record.
 */
export interface Shape {
  /** Length of the whole record. */
  readonly frame: number;
  readonly tag: string;
  /** The common bytes: which doubles and which masked words of Demands the record has to have. */
  readonly doubleFrom: number;
  readonly doubleTo: number;
  readonly wordFrom: number;
  readonly wordTo: number;
  readonly wallTimeAt: number;
  readonly stepAt: number;
  /** The bits of the step's varint in the word at `stepAt`; 0 where the step is left out. */
  readonly stepMask: number;
  readonly valueAt: number;
  /** CRC of the payload with zeros for wall time, step and value; rows of `changeTable` for their first bytes. */
  readonly crc: number;
  readonly wallTimeRow: number;
  readonly stepRow: number;
  readonly valueRow: number;
  /**
   * What changes seldom of the last record: the upper word and the last byte of the lower word of its wall time, which
   * hold its seconds, and all but the first byte of its step. With the CRC of the payload that has zeros elsewhere.
   */
  high: number;
  low: number;
  varint: number;
  slowCrc: number;
  /** What followed last, and what before that. */
  next: Shape | null;
  other: Shape | null;
  /** Where its points go, as long as RunPoints shows `bound` too. */
  series: TagSeries | null;
  bound: object | null;
}

/** The shapes of all records that one reader has met, over all its runs. */
export class Shapes {
  readonly demands = new Demands();
  private readonly byTag = new Map<string, Shape[]>();
  /** By the length of the record. */
  private readonly byFrame: (Shape[] | undefined)[] = [];
  private count = 0;

  /**
   * The shape of a record that holds one float32 scalar and nothing that changes besides; null if it holds
   * anything else, or too many are known. `payload` lies behind its header, and `event` was read from it.
   */
  of(event: EventReader, payload: Span, tag: string): Shape | null {
    if (!hasShape(event, payload)) return null;
    const frame = FRAME + payload.end - payload.start;
    const at = payload.start - HEADER;
    const stepBytes = event.stepTo - event.stepFrom;
    const known = this.byTag.get(tag) ?? [];
    for (const shape of known) {
      const sameStep = shape.stepMask === stepMask(stepBytes);
      if (shape.frame === frame && sameStep && fits(shape, this.demands, { view: payload.view, at }))
        return shape;
    }
    const shape = known.length < MOST_OF_TAG ? this.make(event, payload, tag) : null;
    if (shape !== null) this.keep(shape, known);
    return shape;
  }

  /** Some of the shapes of records that have this length. */
  ofFrame(frame: number): readonly Shape[] | undefined {
    return this.byFrame[frame];
  }

  private keep(shape: Shape, known: readonly Shape[]): void {
    this.byTag.set(shape.tag, [...known, shape]);
    const alike = this.byFrame[shape.frame] ?? [];
    this.byFrame[shape.frame] = alike;
    if (alike.length < MOST_OF_FRAME) alike.push(shape);
  }

  private make(event: EventReader, payload: Span, tag: string): Shape | null {
    if (this.count === MOST_SHAPES) return null;
    const at = payload.start - HEADER;
    const record = payload.view.byteLength;
    const wanted = new Uint8Array(payload.end - at).fill(0xff);
    const place = (inPayload: number) => inPayload - at;
    const wallTimeAt = place(event.wallTimeAt);
    const valueAt = place(event.valueAt[0]!);
    const steps = event.stepTo - event.stepFrom;
    wanted.fill(0, wallTimeAt, wallTimeAt + 8);
    wanted.fill(0, valueAt, valueAt + 4);
    // Where a varint ends is part of the shape: the top bit of each of its bytes.
    if (steps > 0) wanted.fill(0x80, place(event.stepFrom), place(event.stepTo));
    const demand = record < payload.end + 4 ? null : this.demands.add(payload.view, at, wanted);
    if (demand === null) return null;
    this.count++;
    const crc = crcWithout(payload, wanted);
    const stepAt = steps > 0 ? place(event.stepFrom) : wallTimeAt;
    const row = (from: number) => 256 * (payload.end - at - 1 - from);
    return {
      frame: FRAME + payload.end - payload.start,
      tag,
      ...demand,
      wallTimeAt,
      stepAt,
      stepMask: stepMask(steps),
      valueAt,
      crc,
      wallTimeRow: row(wallTimeAt),
      stepRow: row(stepAt),
      valueRow: row(valueAt),
      high: 0,
      low: 0,
      varint: 0,
      slowCrc: crc,
      next: null,
      other: null,
      series: null,
      bound: null,
    };
  }
}

function hasShape(event: EventReader, payload: Span): boolean {
  const { start, end } = payload;
  if (event.count !== 1 || event.valueAt[0]! < 0 || event.wallTimeAt < 0 || end - start > LONGEST_CHANGED)
    return false;
  // The step is read as a word, whose bytes all need a row of `changeTable`.
  return event.stepTo - event.stepFrom <= STEP_BYTES && event.stepFrom + 4 <= end;
}

function stepMask(bytes: number): number {
  return bytes === 4 ? -1 : (1 << (8 * bytes)) - 1;
}

/** CRC of the payload with zeros wherever not the whole byte is wanted. */
function crcWithout(payload: Span, wanted: Uint8Array): number {
  const copy = payload.bytes.slice(payload.start, payload.end);
  for (let at = 0; at < copy.length; at++) if (wanted[HEADER + at] !== 0xff) copy[at] = 0;
  return crc32c(spanOf(copy));
}

/** Whether the record at `at` has what the shape demands; it must lie in the view to its end. */
function fits(shape: Shape, demands: Demands, { view, at }: { view: DataView; at: number }): boolean {
  const { doubleAt, double, wordAt, word, mask } = demands;
  for (let i = shape.doubleFrom; i < shape.doubleTo; i++)
    if (view.getFloat64(at + doubleAt[i]!, true) !== double[i]) return false;
  for (let i = shape.wordFrom; i < shape.wordTo; i++)
    if ((view.getInt32(at + wordAt[i]!, true) & mask[i]!) !== word[i]) return false;
  return true;
}
