import { ByteStore } from './bytes.ts';
import { crc32cOfLong } from './crc-fold.ts';
import { mask, type Span, spanOf } from './crc32c.ts';
import { foreignKind } from './foreign.ts';
import {
  FRAME,
  HEADER,
  isZero,
  lengthAt,
  type RecordOptions,
  type RecordStep,
  type StopKind,
  type TailKind,
  type VerifyPolicy,
  WHOLE_RECORD_BYTES,
} from './frame.ts';
import { LONGEST_MESSAGE, LongRecord, type PayloadSink } from './long-record.ts';

/**
 * Cuts a stream of chunks of any size into the payloads of TFRecords: u64 length, its masked CRC-32C, the
 * payload, its masked CRC-32C, all little-endian.
 *
 * `push` a chunk, then call `next` until it says `more`; both the chunk and `payload` are only used until then.
 */
export class RecordReader {
  readonly payload: Span = spanOf(new Uint8Array(0));
  /** Where in the file the record of the last step begins, and where the one that comes next. */
  offset = 0;
  end = 0;
  damage: StopKind | null = null;
  /** What a file that is no event file begins like. */
  foreign: string | null = null;
  /** Bytes of payloads whose CRC nobody checked. */
  unverified = 0;
  /** Whether the last payload lies as it came, behind its header. */
  isWhole = false;
  private readonly long: LongRecord;
  private readonly whole: number;
  private readonly verify: VerifyPolicy;
  private chunk = spanOf(new Uint8Array(0));
  /** What of the current record came in earlier chunks; the record itself if it came in one. */
  private readonly carry = new ByteStore();
  /** Length of the current payload once its header is read. */
  private length = 0;

  constructor(sink: PayloadSink, options: RecordOptions = {}) {
    this.long = new LongRecord(sink);
    this.whole = options.wholeRecordBytes ?? WHOLE_RECORD_BYTES;
    this.verify = options.verify ?? 'full';
    this.open(options.offset ?? 0);
  }

  /** Forgets all of the file before; the first chunk of the next one begins at `offset`, behind a record. */
  open(offset: number): void {
    this.restart(offset, new Uint8Array(0));
    this.offset = offset;
    this.foreign = null;
    this.unverified = 0;
    this.long.left = -1;
  }

  push(chunk: Uint8Array): void {
    this.chunk = spanOf(chunk);
  }

  /** What is left of the chunk if a record begins with it, else null; who takes records off it moves `end`. */
  atRecord(): Span | null {
    return this.damage === null && this.isCarried && this.carry.length === 0 ? this.chunk : null;
  }

  /** How many bytes that come behind the chunk do not matter, unless their CRC does. */
  get unused(): number {
    return this.verify === 'full' ? 0 : this.long.unused;
  }

  /** Takes so many of them as read; the next chunk begins behind them. */
  skip(count: number): void {
    this.long.skip(count);
  }

  /** Whether all there is of a record that is not complete can be had by `rest`. */
  get isCarried(): boolean {
    return this.long.left < 0;
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
    this.end = offset;
    this.chunk = spanOf(bytes);
  }

  next(): RecordStep {
    if (this.damage !== null) return 'stop';
    if (!this.isCarried) return this.stream();
    if (this.carry.length > 0) return this.nextFromCarry();
    this.offset = this.end;
    const { chunk } = this;
    const left = chunk.end - chunk.start;
    if (left >= HEADER && !this.readHeader(chunk)) return 'stop';
    if (left >= HEADER && this.length > this.whole) {
      chunk.start += HEADER;
      return this.beginStream();
    }
    if (left < HEADER || left < FRAME + this.length) {
      this.carry.append(chunk);
      chunk.start = chunk.end;
      return 'more';
    }
    const step = this.readPayload(chunk);
    chunk.start += FRAME + this.length;
    return step;
  }

  /** At the end of the file: what an unfinished record is, null when the file ends with a record. */
  finish(): TailKind | null {
    if (this.damage !== null) return null;
    if (!this.isCarried) return this.length > LONGEST_MESSAGE ? 'oversized' : 'truncated';
    if (this.carry.length === 0) return null;
    if (this.offset === 0 && this.carry.length < HEADER) this.foreign = foreignKind(this.carry.span);
    return this.foreign === null ? 'truncated' : 'not-an-event-file';
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
    this.length = lengthAt(at);
    if (this.length >= 0) return true;
    const isBlank = isZero(at);
    if (this.offset === 0 && !isBlank) this.foreign = foreignKind(at);
    this.damage = isBlank ? 'zero-filled' : this.foreign === null ? 'length-crc' : 'not-an-event-file';
    return false;
  }

  private readPayload(from: Span): RecordStep {
    const { payload } = this;
    this.isWhole = true;
    payload.bytes = from.bytes;
    payload.view = from.view;
    payload.start = from.start + HEADER;
    payload.end = payload.start + this.length;
    this.end = this.offset + FRAME + this.length;
    if (this.verify === 'length') {
      this.unverified += this.length;
      return 'record';
    }
    const good = mask(crc32cOfLong(payload)) === from.view.getInt32(payload.end, true);
    return good ? 'record' : 'data-crc';
  }

  private beginStream(): RecordStep {
    this.isWhole = false;
    this.long.begin(this.length, { isChecked: this.verify !== 'length' });
    return this.stream();
  }

  private stream(): RecordStep {
    const { chunk, carry, long, length } = this;
    long.take(chunk);
    if (long.left > 0 || !this.fillCarry(4)) return 'more';
    const step = long.end(carry.span.view.getInt32(0, true));
    carry.clear();
    this.end = this.offset + FRAME + length;
    if (!long.isChecked) this.unverified += length;
    Object.assign(this.payload, long.kept);
    return step;
  }
}
