import { changeTable, LONGEST_CHANGED, mask, type Span } from './crc32c.ts';
import type { EventReader } from './event.ts';
import type { RunPoints } from './run-points.ts';
import { type Shape, Shapes } from './shape.ts';

/**
 * Reads what comes again and again: records of one scalar that differ from an earlier one only in wall time, step
 * and value. It takes them off a chunk and stops at the first that is otherwise, or whose CRC does not agree.
 * RecordReader and EventReader read that one; they alone decide what bytes mean.
 */
export class Scanner {
  private readonly shapes = new Shapes();
  private readonly table = changeTable(LONGEST_CHANGED);
  /** The shape of the record before. */
  private before: Shape | null = null;

  /**
   * Takes records off the start of `chunk`, which begins with one, and puts their points into `points`. Answers
   * how many.
   */
  scan(chunk: Span, points: RunPoints): number {
    const { view, end } = chunk;
    const { table, shapes } = this;
    const { doubleAt, double, wordAt, word, mask: masks } = shapes.demands;
    let { before } = this;
    let at = chunk.start;
    let records = 0;
    search: while (before !== null) {
      let shape = before.next;
      let tries = 0;
      for (;;) {
        if (shape === null) break search;
        tries++;
        fit: {
          if (at + shape.frame > end) break fit;
          for (let i = shape.doubles.from, { to } = shape.doubles; i < to; i++)
            if (view.getFloat64(at + doubleAt[i]!, true) !== double[i]) break fit;
          for (let i = shape.words.from, { to } = shape.words; i < to; i++)
            if ((view.getInt32(at + wordAt[i]!, true) & masks[i]!) !== word[i]) break fit;
          break;
        }
        if (tries === 2) break search;
        shape = before.other;
      }
      const low = view.getInt32(at + shape.wallTimeAt, true);
      const high = view.getInt32(at + shape.wallTimeAt + 4, true);
      if (high !== shape.high) {
        shape.high = high;
        shape.highCrc = change(table, high, shape.wallTimeRow - 1024);
      }
      const varint = view.getInt32(at + shape.stepAt, true) & shape.stepMask;
      const bits = view.getInt32(at + shape.valueAt, true);
      const crc =
        shape.crc ^
        shape.highCrc ^
        change(table, low, shape.wallTimeRow) ^
        change(table, varint, shape.stepRow) ^
        change(table, bits, shape.valueRow);
      if (mask(crc) !== view.getInt32(at + shape.frame - 4, true)) break;
      if (tries === 2) {
        before.other = before.next;
        before.next = shape;
      }
      const step =
        (varint & 0x7f) |
        ((varint >>> 1) & 0x3f80) |
        ((varint >>> 2) & 0x1fc000) |
        ((varint >>> 3) & 0xfe00000);
      const value = view.getFloat32(at + shape.valueAt, true);
      if (shape.bound !== points.bound) points.bind(shape);
      const { columns } = shape.series!;
      if (step > shape.series!.above && columns.at < columns.room) {
        const place = columns.at++;
        columns.steps[place] = step;
        columns.values[place] = value;
        if (columns.walls !== null) columns.walls[place] = view.getFloat64(at + shape.wallTimeAt, true);
        columns.lastLow = low;
        columns.lastHigh = high;
        shape.series!.above = step | points.restarts.floor;
      } else {
        const wallTime = view.getFloat64(at + shape.wallTimeAt, true);
        points.add(shape.series!, { step, stepRest: 0, wallTime, value });
      }
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
    const { before } = this;
    if (before !== null && before.next !== shape) {
      before.other = before.next;
      before.next = shape;
    }
    this.before = shape;
  }
}

/** What the four bytes of a little-endian word add to the CRC. */
function change(table: Int32Array, word: number, row: number): number {
  return (
    table[row + (word & 0xff)]! ^
    table[row - 256 + ((word >>> 8) & 0xff)]! ^
    table[row - 512 + ((word >>> 16) & 0xff)]! ^
    table[row - 768 + (word >>> 24)]!
  );
}
