type Numbers = Int32Array | Float32Array | Float64Array;

/** Points in a chunk, but for the first, which grows up to this. */
const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;
/** The most that V8 keeps on its own heap, where it costs least: 64 bytes of narrow numbers. */
const SMALLEST = 16;
const SHORT = 256;
const FEW = 16;

/**
 * One column of numbers in chunks, so that growing copies next to nothing and two copies are never held. A
 * column begins narrow and can be widened to doubles.
 */
export class Chunks<Narrow extends Numbers> {
  private chunks: Numbers[] = [];
  private readonly narrow: new (
    length: number,
  ) => Narrow;
  private isWide = false;

  constructor(narrow: new (length: number) => Narrow) {
    this.narrow = narrow;
  }

  get(at: number): number {
    return this.chunks[at >>> CHUNK_BITS]![at & (CHUNK - 1)]!;
  }

  set(at: number, value: number): void {
    this.chunks[at >>> CHUNK_BITS]![at & (CHUNK - 1)] = value;
  }

  /** Sets a number at a place that may lie right behind all others. */
  put(at: number, value: number): void {
    this.chunkFor(at)[at & (CHUNK - 1)] = value;
  }

  /** Sets the first `count` of the numbers from place `at` on. */
  append(numbers: Numbers, at: number, count: number): void {
    for (let done = 0; done < count; ) {
      const inside = (at + done) & (CHUNK - 1);
      const part = Math.min(count - done, CHUNK - inside);
      const chunk = this.chunkFor(at + done + part - 1);
      // A view would take longer than to copy a few numbers.
      if (part < FEW) for (let i = 0; i < part; i++) chunk[inside + i] = numbers[done + i]!;
      else chunk.set(part === numbers.length ? numbers : numbers.subarray(done, done + part), inside);
      done += part;
    }
  }

  /** Every number from now on is a double, and so are those before. */
  widen(): void {
    if (this.isWide) return;
    this.isWide = true;
    // In place, so that no more than one chunk is held twice.
    for (const [index, chunk] of this.chunks.entries()) this.chunks[index] = Float64Array.from(chunk);
  }

  /** The numbers before `length`, chunk by chunk; they are views and not copies. */
  parts(length: number): (Narrow | Float64Array)[] {
    const count = Math.ceil(length / CHUNK);
    return this.chunks.slice(0, count).map((chunk, at) => chunk.subarray(0, length - at * CHUNK) as Narrow);
  }

  copy(length: number): Float64Array {
    const out = new Float64Array(length);
    this.copyTo(out, length);
    return out;
  }

  copyTo(out: Float64Array, length: number): void {
    // Number by number, since a view of each chunk would take longer than to copy what few have.
    if (length <= SHORT) {
      const [chunk] = this.chunks;
      for (let at = 0; at < length; at++) out[at] = chunk![at]!;
      return;
    }
    let at = 0;
    for (const part of this.parts(length)) {
      out.set(part, at);
      at += part.length;
    }
  }

  /** The chunk that holds place `at`, made or grown if need be. */
  private chunkFor(at: number): Numbers {
    const index = at >>> CHUNK_BITS;
    const inside = at & (CHUNK - 1);
    if (inside >= (this.chunks[index]?.length ?? 0)) this.grow(index, inside);
    return this.chunks[index]!;
  }

  private grow(index: number, inside: number): void {
    const before = this.chunks[index];
    const length = index > 0 ? CHUNK : Math.min(CHUNK, Math.max(SMALLEST, 2 * inside));
    const bigger = this.isWide ? new Float64Array(length) : new this.narrow(length);
    if (before !== undefined) bigger.set(before);
    this.chunks[index] = bigger;
  }
}
