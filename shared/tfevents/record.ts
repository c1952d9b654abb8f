import { ByteStore } from './bytes.ts';
import { crc32cOfLong } from './crc-fold.ts';
import { crc32cOfWords, mask, type Span, spanOf } from './crc32c.ts';
import { foreignKind } from './foreign.ts';

/** Records up to this are looked at in one piece; longer ones stream by, so that blobs cost no memory. */
export const WHOLE_RECORD_BYTES = 1 << 20;
/** Protobuf ends a message at 2 GiB − 1, so nothing longer holds an event. */
const LONGEST_MESSAGE = 2 ** 31 - 1;

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

/** Makes a small payload of a long one while it streams by. */
export interface PayloadSink {
  /** How many of the bytes that come next it has no use for. */
  readonly unused: number;
  /** Takes so many of them as read. */
  skip(count: number): void;
  begin(length: number): void;
  write(part: Span): void;
  end(): 'record' | 'bad-record' | 'oversized';
  readonly kept: Span;
}

/**
 * Cuts a stream of chunks of any size into the payloads of TFRecords: u64 length, its masked CRC-32C, the
 * payload, its masked CRC-32C, all little-endian.
 *
 * `push` a chunk, then call `next` until it says `more`; both the chunk and `payload` are only used until then.
 */
export class RecordReader {
  readonly payload: Span = spanOf(new Uint8Array(0));
  /** Where in the file the record of the last step begins. */
  offset = 0;
  damage: StopKind | null = null;
  /** What a file that is no event file begins like. */
  foreign: string | null = null;
  /** Bytes of payloads whose CRC nobody checked. */
  unverified = 0;
  /** Whether the last payload lies as it came, behind its header. */
  isWhole = false;

  private readonly sink: PayloadSink;
  private readonly whole: number;
  private readonly verify: VerifyPolicy;
  private chunk = spanOf(new Uint8Array(0));
  /** What of the current record came in earlier chunks; the record itself if it came in one. */
  private readonly carry = new ByteStore();
  private nextOffset: number;
  /** Length of the current payload once its header is read. */
  private length = 0;
  /** Payload bytes of a long record that are still to come; −1 when none is streaming. */
  private streaming = -1;
  private streamCrc = 0;
  private isSkipped = false;

  constructor(sink: PayloadSink, options: RecordOptions = {}) {
    this.sink = sink;
    this.whole = options.wholeRecordBytes ?? WHOLE_RECORD_BYTES;
    this.verify = options.verify ?? 'full';
    this.nextOffset = options.offset ?? 0;
    this.offset = this.nextOffset;
  }

  push(chunk: Uint8Array): void {
    this.chunk = spanOf(chunk);
  }

  /** What is left of the chunk if a record begins with it, else null; who takes records off it tells `advance`. */
  atRecord(): Span | null {
    return this.damage === null && this.streaming < 0 && this.carry.length === 0 ? this.chunk : null;
  }

  advance(bytes: number): void {
    this.nextOffset += bytes;
  }

  /** Where the record begins that comes next. */
  get end(): number {
    return this.nextOffset;
  }

  /** How many bytes that come behind the chunk do not matter, unless their CRC does. */
  get unused(): number {
    if (this.streaming < 0 || this.verify === 'full') return 0;
    return this.length > LONGEST_MESSAGE ? this.streaming : this.sink.unused;
  }

  /** Takes so many of them as read; the next chunk begins behind them. */
  skip(count: number): void {
    this.streaming -= count;
    this.isSkipped = true;
    if (this.length <= LONGEST_MESSAGE) this.sink.skip(count);
  }

  /** Whether all there is of a record that is not complete can be had by `rest`. */
  get isCarried(): boolean {
    return this.streaming < 0;
  }

  /** After `stop` or at the end: what there is of the file from `offset` on. */
  rest(): Uint8Array {
    this.carry.append(this.chunk);
    const { bytes, start, end } = this.carry.span;
    return bytes.slice(start, end);
  }

  /** Goes on behind damage with bytes that begin at `offset` with a record. */
  restart(offset: number, bytes: Uint8Array): void {
    this.damage = null;
    this.carry.clear();
    this.nextOffset = offset;
    this.chunk = spanOf(bytes);
  }

  next(): RecordStep {
    if (this.damage !== null) return 'stop';
    if (this.streaming >= 0) return this.stream();
    if (this.carry.length > 0) return this.nextFromCarry();
    this.offset = this.nextOffset;
    const { chunk } = this;
    const left = chunk.end - chunk.start;
    if (left < HEADER) return this.keepRest();
    if (!this.readHeader(chunk)) return 'stop';
    if (this.length > this.whole) {
      chunk.start += HEADER;
      return this.beginStream();
    }
    if (left < FRAME + this.length) return this.keepRest();
    const step = this.readPayload(chunk);
    chunk.start += FRAME + this.length;
    return step;
  }

  /** At the end of the file: what an unfinished record is, null when the file ends with a record. */
  finish(): TailKind | null {
    if (this.damage !== null) return null;
    if (this.streaming >= 0) return this.length > LONGEST_MESSAGE ? 'oversized' : 'truncated';
    if (this.carry.length === 0) return null;
    if (this.offset === 0 && this.carry.length < HEADER) this.foreign = foreignKind(this.carry.span);
    return this.foreign === null ? 'truncated' : 'not-an-event-file';
  }

  private keepRest(): 'more' {
    this.carry.append(this.chunk);
    this.chunk.start = this.chunk.end;
    return 'more';
  }

  private nextFromCarry(): RecordStep {
    const { carry } = this;
    if (carry.length < HEADER) {
      if (!this.fillCarry(HEADER)) return 'more';
      if (!this.readHeader(carry.span)) return 'stop';
      if (this.length > this.whole) {
        carry.clear();
        return this.beginStream();
      }
    }
    if (!this.fillCarry(FRAME + this.length)) return 'more';
    const step = this.readPayload(carry.span);
    carry.clear();
    return step;
  }

  /** Whether the carry now holds `wanted` bytes. */
  private fillCarry(wanted: number): boolean {
    const { carry, chunk } = this;
    const end = Math.min(chunk.end, chunk.start + wanted - carry.length);
    carry.append({ ...chunk, end });
    chunk.start = end;
    return carry.length === wanted;
  }

  private readHeader(at: Span): boolean {
    const low = at.view.getInt32(at.start, true);
    const high = at.view.getInt32(at.start + 4, true);
    const stored = at.view.getInt32(at.start + 8, true);
    if (mask(crc32cOfWords(low, high)) !== stored) {
      this.damage = this.nameHeader(at, (low | high | stored) === 0);
      return false;
    }
    this.length = (high >>> 0) * 2 ** 32 + (low >>> 0);
    return true;
  }

  private nameHeader(at: Span, zero: boolean): StopKind {
    if (zero) return 'zero-filled';
    if (this.offset === 0) this.foreign = foreignKind(at);
    return this.foreign === null ? 'length-crc' : 'not-an-event-file';
  }

  private readPayload(from: Span): RecordStep {
    const { payload } = this;
    this.isWhole = true;
    payload.bytes = from.bytes;
    payload.view = from.view;
    payload.start = from.start + HEADER;
    payload.end = payload.start + this.length;
    this.nextOffset = this.offset + FRAME + this.length;
    if (this.verify === 'length') {
      this.unverified += this.length;
      return 'record';
    }
    const good = mask(crc32cOfLong(payload)) === from.view.getInt32(payload.end, true);
    return good ? 'record' : 'data-crc';
  }

  private beginStream(): RecordStep {
    this.isWhole = false;
    this.streaming = this.length;
    this.streamCrc = 0;
    this.isSkipped = this.verify === 'length';
    if (this.length <= LONGEST_MESSAGE) this.sink.begin(this.length);
    return this.stream();
  }

  private stream(): RecordStep {
    const { chunk, carry } = this;
    const end = Math.min(chunk.end, chunk.start + this.streaming);
    const part = { ...chunk, end };
    this.streaming -= end - chunk.start;
    chunk.start = end;
    if (this.length <= LONGEST_MESSAGE) {
      if (!this.isSkipped) this.streamCrc = crc32cOfLong(part, this.streamCrc);
      this.sink.write(part);
    }
    if (this.streaming > 0 || !this.fillCarry(4)) return 'more';
    const good = mask(this.streamCrc) === carry.span.view.getInt32(0, true);
    carry.clear();
    this.streaming = -1;
    this.nextOffset = this.offset + FRAME + this.length;
    return this.endStream(good);
  }

  private endStream(good: boolean): RecordStep {
    if (this.length > LONGEST_MESSAGE) return 'oversized';
    const step = this.sink.end();
    if (this.isSkipped) this.unverified += this.length;
    else if (!good) return 'data-crc';
    Object.assign(this.payload, this.sink.kept);
    return step;
  }
}
