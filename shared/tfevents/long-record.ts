import { crc32cOfLong } from './crc-fold.ts';
import { mask, type Span } from './crc32c.ts';

/** Protobuf ends a message at 2 GiB − 1, so nothing longer holds an event. */
export const LONGEST_MESSAGE = 2 ** 31 - 1;

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

/** The payload of a record that is too long to be held, while it streams by. */
export class LongRecord {
  /** Bytes still to come; −1 when none is streaming. */
  left = -1;
  /** Whether its CRC is known at the end. */
  isChecked = true;
  private readonly sink: PayloadSink;
  private crc = 0;
  private isMessage = true;

  constructor(sink: PayloadSink) {
    this.sink = sink;
  }

  begin(length: number, { isChecked }: { isChecked: boolean }): void {
    this.left = length;
    this.crc = 0;
    this.isChecked = isChecked;
    this.isMessage = length <= LONGEST_MESSAGE;
    if (this.isMessage) this.sink.begin(length);
  }

  /** Takes what belongs to it off the start of the chunk. */
  take(chunk: Span): void {
    const end = Math.min(chunk.end, chunk.start + this.left);
    const part = { ...chunk, end };
    this.left -= end - chunk.start;
    chunk.start = end;
    if (!this.isMessage) return;
    if (this.isChecked) this.crc = crc32cOfLong(part, this.crc);
    this.sink.write(part);
  }

  /** How many of the bytes that come next nobody needs, but for their CRC. */
  get unused(): number {
    if (this.left < 0) return 0;
    return this.isMessage ? this.sink.unused : this.left;
  }

  /** Takes so many of them as read. */
  skip(count: number): void {
    this.left -= count;
    this.isChecked = false;
    if (this.isMessage) this.sink.skip(count);
  }

  /** After the last byte, with the CRC that is stored behind it. */
  end(stored: number): 'record' | 'data-crc' | 'bad-record' | 'oversized' {
    this.left = -1;
    if (!this.isMessage) return 'oversized';
    const step = this.sink.end();
    return this.isChecked && mask(this.crc) !== stored ? 'data-crc' : step;
  }

  get kept(): Span {
    return this.sink.kept;
  }
}
