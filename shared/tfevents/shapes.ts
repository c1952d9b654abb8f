import type { Span } from './crc32c.ts';
import { changeTable } from './crc32c.ts';
import type { EventReader } from './event.ts';
import { NEVER } from './restart.ts';
import { type ScanFunctions, scanModule } from './scan-code.ts';
import {
  ARENA,
  BEFORE,
  BY_FRAME,
  LONGEST_FRAME,
  MOST_ROWS,
  MOST_SLOTS,
  OTHER,
  PAGES,
  POINTS,
  ROW,
  SHAPE,
  SLOT,
  TABLE,
} from './scan-memory.ts';
import { isOfShape, type Shape, shapeOf } from './shape.ts';
import type { TagSeries } from './tags.ts';
import { instantiate } from './wasm.ts';

/** Of records that begin with one tag there is one for each length of steps; more come of those that always differ. */
const MOST_OF_TAG = 8;
/** To try more would take longer than to read the record. */
const MOST_OF_FRAME = 24;
const SIZE = PAGES << 16;

/** A shape at its address, with the slots of its tags. */
export interface KnownShape extends Shape {
  readonly address: number;
  readonly slots: readonly Slot[];
}

/** Where points of one tag wait for their columns: views of its part of the memory. */
export interface Slot {
  readonly address: number;
  readonly tag: string;
  readonly steps: Int32Array;
  readonly values: Float32Array;
  readonly wallTimes: Float64Array;
  readonly shapes: KnownShape[];
  /** That of the run that is read; null as long as it is not known. */
  series: TagSeries | null;
}

/** Engines that nobody uses: to make one takes as long as to read a small file. */
const idle: ShapeMemory[] = [];

/** The shapes of all records that one reader has met, over all its runs, in the memory of the scan. */
export class ShapeMemory {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly scan: ScanFunctions['scan'];
  private readonly buffer: ArrayBuffer;
  private next = ARENA;
  private slots = new Map<string, Slot>();
  private byAddress = new Map<number, Slot | KnownShape>();
  private ofFrame = new Uint8Array(LONGEST_FRAME + 1);
  private rows = 0;

  private constructor(buffer: ArrayBuffer, scan: ScanFunctions['scan']) {
    this.buffer = buffer;
    this.scan = scan;
    this.words = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /** One without shapes; null where there is no WebAssembly. */
  static take(): ShapeMemory | null {
    const used = idle.pop();
    if (used !== undefined) return used;
    const made = instantiate<ScanFunctions>(scanModule());
    return made && new ShapeMemory(made.memory.buffer, made.scan);
  }

  /** Forgets all shapes, for the next one who takes it. */
  release(): void {
    this.next = ARENA;
    this.slots = new Map();
    this.byAddress = new Map();
    this.ofFrame.fill(0);
    this.words.fill(0, 0, (BY_FRAME >> 2) + LONGEST_FRAME + 1);
    idle.push(this);
  }

  /** The shape or slot at an address that the scan gave. */
  at(address: number): Slot | KnownShape | undefined {
    return this.byAddress.get(address);
  }

  /** The shape of a record of these tags, new or known; null if it has none, or too many are known. */
  of(event: EventReader, payload: Span, tags: readonly string[]): KnownShape | null {
    const first = this.slots.get(tags[0]!);
    const known = first?.shapes.find((one) => isOfShape(one, payload));
    if (known !== undefined) return known;
    // The second of two values of one tag would have to look at the step of the first.
    if (first?.shapes.length === MOST_OF_TAG || new Set(tags).size < tags.length) return null;
    const shape = shapeOf(event, payload);
    const slots = shape === null ? [] : tags.map((tag) => this.slots.get(tag) ?? this.addSlot(tag));
    return shape && slots.every((slot) => slot !== null) ? this.addShape(shape, slots) : null;
  }

  /** Makes it the shape after which the scan begins. */
  follow(address: number): void {
    const { words } = this;
    const before = words[BEFORE >> 2]!;
    if (before !== 0 && words[(before + SHAPE.next) >> 2] !== address) {
      words[(before + SHAPE.other) >> 2] = words[(before + SHAPE.next) >> 2]!;
      words[(before + SHAPE.next) >> 2] = address;
    }
    words[BEFORE >> 2] = address;
  }

  /** The address of so many bytes, which are zero; 0 when there is no room. */
  private reserve(size: number): number {
    const address = this.next;
    const end = (address + size + 15) & -16;
    if (end > SIZE) return 0;
    this.next = end;
    this.bytes.fill(0, address, end);
    return address;
  }

  private addSlot(tag: string): Slot | null {
    const address = this.slots.size < MOST_SLOTS ? this.reserve(SLOT.size) : 0;
    if (address === 0) return null;
    const slot: Slot = {
      address,
      tag,
      steps: new Int32Array(this.buffer, address + SLOT.steps, POINTS),
      values: new Float32Array(this.buffer, address + SLOT.values, POINTS),
      wallTimes: new Float64Array(this.buffer, address + SLOT.wallTimes, POINTS),
      shapes: [],
      series: null,
    };
    this.words[(address + SLOT.above) >> 2] = NEVER;
    this.slots.set(tag, slot);
    this.byAddress.set(address, slot);
    return slot;
  }

  private addShape(shape: Shape, slots: readonly Slot[]): KnownShape | null {
    const { frame, wallTimeAt, stepAt, stepMask, crc, wallTimeRow, stepRow, values } = shape;
    const [first, ...others] = slots.map((slot, at) => wordsOf(slot, values[at]!));
    const blocks = Math.ceil(shape.seen.length / 16);
    const address = this.reserve(SHAPE.bytes + 32 * blocks + OTHER.size * others.length);
    if (address === 0) return null;
    this.needRows(frame);
    const end = address + 32 * blocks;
    const ends = { end, othersEnd: end + OTHER.size * others.length };
    const fields = { frame, wallTimeAt, stepAt, stepMask, crc, wallTimeRow, stepRow, slowCrc: crc };
    this.write(address, SHAPE, { ...fields, ...first!, ...ends });
    for (const [at, other] of others.entries()) this.write(end + OTHER.size * at, OTHER, other);
    for (let at = 0; at < shape.seen.length; at++) {
      const place = address + SHAPE.bytes + 32 * (at >> 4) + (at & 15);
      this.bytes[place] = shape.wanted[at]!;
      this.bytes[place + 16] = shape.seen[at]! & shape.wanted[at]!;
    }
    if (this.ofFrame[frame]! < MOST_OF_FRAME) this.addToFrame(address, frame);
    const known: KnownShape = { ...shape, address, slots };
    slots[0]!.shapes.push(known);
    this.byAddress.set(address, known);
    return known;
  }

  /** Puts each of the words where `places` has its name. */
  private write<Name extends string>(
    address: number,
    places: Readonly<Record<Name, number>>,
    words: Partial<Readonly<Record<Name, number>>>,
  ): void {
    for (const name in words) this.words[(address + places[name]) >> 2] = words[name]!;
  }

  private addToFrame(address: number, frame: number): void {
    const first = (BY_FRAME >> 2) + frame;
    this.words[(address + SHAPE.sameFrame) >> 2] = this.words[first]!;
    this.words[first] = address;
    this.ofFrame[frame]!++;
  }

  private needRows(rows: number): void {
    if (rows <= this.rows) return;
    const table = changeTable(rows);
    this.words.set(table.subarray(0, Math.min(table.length, (MOST_ROWS * ROW) >> 2)), TABLE >> 2);
    this.rows = table.length >> 8;
  }
}

function wordsOf({ address }: Slot, { at, row }: Shape['values'][number]) {
  return { slot: address, valueAt: at, valueRow: row };
}
