import type { Span } from './crc32c.ts';
import type { EventReader } from './event.ts';
import { NEVER } from './restart.ts';
import type { RunPoints } from './run-points.ts';
import {
  BEFORE,
  DATA,
  FILLED,
  FILLED_LIST,
  FLOOR,
  FOUND,
  LONGEST_FRAME,
  MOST_DATA,
  RECORDS,
  SLOT,
} from './scan-memory.ts';
import { stepOf } from './shape.ts';
import { type KnownShape, ShapeMemory, type Slot } from './shapes.ts';
import type { TagSeries } from './tags.ts';

/** So many records are read before the first shape is learnt: a small file has come to its end by then. */
const LEARN_AFTER = 64;
const FIRST_PIECE = 4096;
/** More do not fit into a record that a shape could have. */
const MOST_VALUES = 128;

/**
 * Reads what comes again and again: records of scalars that differ from an earlier one only in wall time, step and
 * values. It takes them off a chunk and stops at the first that is otherwise, or whose CRC does not agree.
 * RecordReader and EventReader read that one; they alone decide what bytes mean.
 *
 * Nearly every point comes by here, so the loop is WebAssembly (`scan-code.ts`): it compares what records have in
 * common, looks only at the bytes that may differ, and leaves points by tag in slots, which are emptied here.
 */
export class Scanner {
  private memory: ShapeMemory | null = null;
  private readonly learnAfter: number;
  private seen = 0;
  /** The run whose points wait in slots, as RunPoints tells runs apart, and the slots that know their series. */
  private bound: object | null = null;
  private slots: Slot[] = [];
  private readonly slotOf = new Map<TagSeries, Slot>();
  /** Of which chunk which bytes lie in the memory, and how many are put there at once. */
  private view: DataView | null = null;
  private from = 0;
  private to = 0;
  private piece = FIRST_PIECE;

  constructor({ learnAfter = LEARN_AFTER }: { readonly learnAfter?: number } = {}) {
    this.learnAfter = learnAfter;
  }

  /** After the last file. */
  release(): void {
    this.memory?.release();
    this.memory = null;
    this.view = null;
    this.bound = null;
    this.slots = [];
    this.slotOf.clear();
  }

  /**
   * Takes records off the start of `chunk`, which begins with one, and puts their points into `points`. Answers
   * how many.
   */
  scan(chunk: Span, points: RunPoints): number {
    const { memory } = this;
    if (memory === null || memory.words[BEFORE >> 2] === 0) return 0;
    const { words } = memory;
    if (this.bound !== points.bound) this.rebind(points, memory);
    let records = 0;
    this.load(chunk, memory);
    for (;;) {
      const start = DATA + chunk.start - this.from;
      const end = DATA + this.to - this.from;
      const at = memory.scan(start, end);
      chunk.start += at - start;
      records += words[RECORDS >> 2]!;
      if (words[FOUND >> 2] !== 0) {
        const shape = memory.at(words[FOUND >> 2]!) as KnownShape;
        this.empty(memory);
        if (this.takeOne(shape, chunk, points)) records++;
      } else if (end - at >= LONGEST_FRAME || !this.loadMore(chunk, memory)) break;
    }
    this.empty(memory);
    return records;
  }

  /** Learns from a record that was read otherwise; `payload` lies behind its header. */
  learn(event: EventReader, payload: Span, points: RunPoints): void {
    if (event.count === 0 || event.count > MOST_VALUES || ++this.seen <= this.learnAfter) return;
    const tags = points.lastTags(event.count);
    if (tags === null) return;
    this.memory ??= ShapeMemory.take();
    const shape = this.memory?.of(event, payload, tags);
    if (shape) this.memory!.follow(shape.address);
  }

  /** After a point was put into the series without the scan. */
  pass(series: TagSeries): void {
    const slot = this.slots.length === 0 ? undefined : this.slotOf.get(series);
    if (slot !== undefined) this.allow(slot, series);
  }

  /** Tells the scan from which step on it may put points into the slot. */
  private allow({ address }: Slot, { above }: TagSeries): void {
    this.memory!.words[(address + SLOT.above) >> 2] = above;
  }

  private rebind(points: RunPoints, { words }: ShapeMemory): void {
    for (const slot of this.slots) {
      slot.series = null;
      words[(slot.address + SLOT.above) >> 2] = NEVER;
    }
    this.slots = [];
    this.slotOf.clear();
    this.bound = points.bound;
    words[FLOOR >> 2] = points.floor;
  }

  /** Puts bytes from the start of the chunk on into the memory, unless they are there. */
  private load(chunk: Span, memory: ShapeMemory): void {
    const { view, start } = chunk;
    if (view !== this.view || start < this.from || start >= this.to) this.fill(chunk, memory);
  }

  /** The same behind what was scanned; false when nothing of the chunk is left that is not in the memory. */
  private loadMore(chunk: Span, memory: ShapeMemory): boolean {
    if (this.to >= chunk.end) return false;
    this.piece = Math.min(4 * this.piece, MOST_DATA);
    this.fill(chunk, memory);
    return true;
  }

  private fill({ bytes, view, start, end }: Span, memory: ShapeMemory): void {
    this.view = view;
    this.from = start;
    this.to = Math.min(end, start + this.piece);
    memory.bytes.set(bytes.subarray(start, this.to), DATA);
  }

  /**
   * At a record one of whose slots was full, or whose step needs the restart policy. False when the scan can go on with
   * it now.
   */
  private takeOne(shape: KnownShape, chunk: Span, points: RunPoints): boolean {
    const { view, start } = chunk;
    const { slots, values, wallTimeAt } = shape;
    const step = stepOf(shape, chunk);
    let isOpen = true;
    for (let at = 0; at < slots.length; at++) if (step <= this.bind(slots[at]!, points).above) isOpen = false;
    if (isOpen) return false;
    const wallTime = view.getFloat64(start + wallTimeAt, true);
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at]!;
      const value = view.getFloat32(start + values[at]!.at, true);
      points.add(slot.series!, { step, stepRest: 0, wallTime, value });
      this.allow(slot, slot.series!);
    }
    this.memory!.follow(shape.address);
    chunk.start += shape.frame;
    return true;
  }

  /** The series of the slot's tag in the run that is read. */
  private bind(slot: Slot, points: RunPoints): TagSeries {
    if (slot.series === null) {
      slot.series = points.bind(slot.tag);
      this.slots.push(slot);
      this.slotOf.set(slot.series, slot);
    }
    this.allow(slot, slot.series);
    return slot.series;
  }

  private empty(memory: ShapeMemory): void {
    const { words } = memory;
    const filled = words[FILLED >> 2]!;
    for (let at = 0; at < filled; at++)
      this.emptySlot(memory.at(words[(FILLED_LIST >> 2) + at]!) as Slot, memory);
    words[FILLED >> 2] = 0;
  }

  private emptySlot(slot: Slot, { words }: ShapeMemory): void {
    const { address, series } = slot;
    const count = words[(address + SLOT.count) >> 2]!;
    if (count === 0) return;
    words[(address + SLOT.count) >> 2] = 0;
    if (!series!.wanted) return;
    series!.columns.append(slot, count);
    series!.above = words[(address + SLOT.above) >> 2]!;
  }
}
