import { changeTable, mask, type Span } from './crc32c.ts';
import type { EventReader } from './event.ts';
import { FRAME, HEADER } from './frame.ts';
import type { RunPoints } from './run-points.ts';
import { type Shape, Shapes } from './shape.ts';

/**
 * Reads what comes again and again: records of one scalar that differ from an earlier one only in wall time, step
 * and value. It takes them off a chunk and stops at the first that is otherwise, or whose CRC does not agree.
 * RecordReader and EventReader read that one; they alone decide what bytes mean.
 *
 * Nearly every point comes by here, so nothing is allocated, and of a record that was foretold only the bytes are
 * looked at that may differ, besides a comparison of all others.
 */
export class Scanner {
  private readonly shapes = new Shapes();
  private table = changeTable(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  private end = 0;
  /** The shape of the record before. */
  private before: Shape | null = null;

  /**
   * Takes records off the start of `chunk`, which begins with one, and puts their points into `points`. Answers
   * how many.
   */
  scan(chunk: Span, points: RunPoints): number {
    this.view = chunk.view;
    this.end = chunk.end;
    let at = chunk.start;
    let records = 0;
    let { before } = this;
    while (before !== null) {
      const shape = this.find(before, at);
      if (shape === null || !this.agrees(shape, at)) break;
      if (shape !== before.next) follow(before, shape);
      this.take(shape, at, points);
      at += shape.frame;
      records++;
      before = shape;
    }
    this.before = before;
    chunk.start = at;
    return records;
  }

  /** Learns from a record that was read otherwise; `payload` lies behind its header. */
  learn(event: EventReader, payload: Span, tag: string | null): void {
    const shape = tag === null ? null : this.shapes.of(event, payload, tag);
    if (shape === null) return;
    this.table = changeTable(shape.frame);
    if (this.before !== null && this.before.next !== shape) follow(this.before, shape);
    this.before = shape;
  }

  /** Which shape the record at `at` has: one of the two that followed earlier, or any of its length. */
  private find({ next, other }: Shape, at: number): Shape | null {
    if (next !== null && this.fits(next, at)) return next;
    if (other !== null && this.fits(other, at)) return other;
    return this.search(at);
  }

  private search(at: number): Shape | null {
    if (at + HEADER > this.end) return null;
    const alike = this.shapes.ofFrame(FRAME + this.view.getInt32(at, true));
    return alike?.find((shape) => this.fits(shape, at)) ?? null;
  }

  private fits(shape: Shape, at: number): boolean {
    if (at + shape.frame > this.end) return false;
    const { view } = this;
    const { doubleAt, double, wordAt, word, mask: bits } = this.shapes.demands;
    for (let i = shape.doubleFrom, to = shape.doubleTo; i < to; i++)
      if (view.getFloat64(at + doubleAt[i]!, true) !== double[i]) return false;
    for (let i = shape.wordFrom, to = shape.wordTo; i < to; i++)
      if ((view.getInt32(at + wordAt[i]!, true) & bits[i]!) !== word[i]) return false;
    return true;
  }

  /** Whether the CRC of the payload is the stored one. */
  private agrees(shape: Shape, at: number): boolean {
    const { view, table } = this;
    const high = view.getInt32(at + shape.wallTimeAt + 4, true);
    const low = view.getInt32(at + shape.wallTimeAt, true);
    const varint = view.getInt32(at + shape.stepAt, true) & shape.stepMask;
    if (high !== shape.high || (low & LAST) !== shape.low || (varint & NOT_FIRST) !== shape.varint) {
      shape.high = high;
      shape.low = low & LAST;
      shape.varint = varint & NOT_FIRST;
      shape.slowCrc = slowCrc(shape, table);
    }
    const row = shape.wallTimeRow;
    const crc =
      shape.slowCrc ^
      table[row + (low & 0xff)]! ^
      table[row - 256 + ((low >>> 8) & 0xff)]! ^
      table[row - 2 * 256 + ((low >>> 16) & 0xff)]! ^
      table[shape.stepRow + (varint & 0xff)]! ^
      change(table, view.getInt32(at + shape.valueAt, true), shape.valueRow);
    return mask(crc) === view.getInt32(at + shape.frame - 4, true);
  }

  private take(shape: Shape, at: number, points: RunPoints): void {
    if (shape.bound !== points.bound) points.bind(shape);
    const { view } = this;
    const series = shape.series!;
    const { columns } = series;
    const step = stepOf(view.getInt32(at + shape.stepAt, true) & shape.stepMask);
    const value = view.getFloat32(at + shape.valueAt, true);
    if (step > series.above && columns.at < columns.room) {
      const place = columns.at++;
      columns.steps[place] = step;
      columns.values[place] = value;
      if (columns.walls !== null) columns.walls[place] = view.getFloat64(at + shape.wallTimeAt, true);
      columns.lastLow = view.getInt32(at + shape.wallTimeAt, true);
      columns.lastHigh = shape.high;
      series.above = step | points.floor;
    } else {
      const wallTime = view.getFloat64(at + shape.wallTimeAt, true);
      points.add(series, { step, stepRest: 0, wallTime, value });
    }
  }
}

/** Masks of the byte of a word that is last in memory, and of all but its first. */
const LAST = 0xff << 24;
const NOT_FIRST = ~0xff;

/** The CRC of the payload without what changes with every record. */
function slowCrc({ crc, high, low, varint, wallTimeRow, stepRow }: Shape, table: Int32Array): number {
  return (
    crc ^
    change(table, high, wallTimeRow - 4 * 256) ^
    change(table, low, wallTimeRow) ^
    change(table, varint, stepRow)
  );
}

function follow(before: Shape, shape: Shape): void {
  before.other = before.next;
  before.next = shape;
}

/** The number of a varint of up to four bytes, the first in the lowest bits. */
function stepOf(varint: number): number {
  return (
    (varint & 0x7f) |
    ((varint >>> 1) & (0x7f << 7)) |
    ((varint >>> 2) & (0x7f << 14)) |
    ((varint >>> 3) & (0x7f << 21))
  );
}

/** What the four bytes of a little-endian word add to the CRC. */
function change(table: Int32Array, word: number, row: number): number {
  return (
    table[row + (word & 0xff)]! ^
    table[row - 256 + ((word >>> 8) & 0xff)]! ^
    table[row - 2 * 256 + ((word >>> 16) & 0xff)]! ^
    table[row - 3 * 256 + (word >>> 24)]!
  );
}
