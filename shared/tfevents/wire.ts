import { type Span, spanOf } from './crc32c.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const START_GROUP = 3;
export const END_GROUP = 4;
export const FIXED32 = 5;

/** Protobuf's own limit on nesting. */
export const DEEPEST_GROUP = 100;

/**
 * Walks the fields of one protobuf message. After `next` says true, `field` and `wire` name the field, and its
 * value lies between `from` and `to`; that of a varint is also in `low` and `high`.
 * Groups are passed over. When `next` says false, `ok` tells an end from a message that is none.
 *
 * Varints of up to ten bytes are read however padded; bits beyond 64 fall away, as protobuf has it.
 */
export class WireReader {
  field = 0;
  wire = 0;
  low = 0;
  high = 0;
  from = 0;
  to = 0;
  ok = true;
  span: Span = spanOf(new Uint8Array(0));
  private at = 0;
  private end = 0;

  open(span: Span): void {
    this.begin(span, span.start);
    this.end = span.end;
  }

  /** Opens the bytes field that `parent` is at. */
  enter(parent: WireReader): void {
    this.begin(parent.span, parent.from);
    this.end = parent.to;
  }

  /** Declares the message malformed; `next` gives no more. */
  fail(): false {
    this.ok = false;
    this.at = this.end;
    return false;
  }

  next(): boolean {
    while (this.at < this.end) {
      if (!this.readKey()) return false;
      if (this.wire === START_GROUP) {
        if (!this.skipGroup()) return false;
      } else return this.readValue();
    }
    return false;
  }

  /** Reads the next of packed varints into `low` and `high`; false at the end, or malformed. */
  nextVarint(): boolean {
    return this.at < this.end && this.readVarint();
  }

  private begin(span: Span, at: number): void {
    this.span = span;
    this.at = at;
    this.ok = true;
  }

  private readKey(): boolean {
    if (!this.readVarint()) return false;
    this.field = this.low >>> 3;
    this.wire = this.low & 7;
    return this.high === 0 && this.field !== 0 ? true : this.fail();
  }

  private readValue(): boolean {
    if (this.wire === VARINT) {
      this.from = this.at;
      const ok = this.readVarint();
      this.to = this.at;
      return ok;
    }
    if (this.wire === BYTES) {
      if (!this.readVarint()) return false;
      return this.high === 0 ? this.take(this.low >>> 0) : this.fail();
    }
    if (this.wire === FIXED32) return this.take(4);
    if (this.wire === FIXED64) return this.take(8);
    return this.fail();
  }

  private take(count: number): boolean {
    if (count > this.end - this.at) return this.fail();
    this.from = this.at;
    this.at += count;
    this.to = this.at;
    return true;
  }

  private readVarint(): boolean {
    const { bytes } = this.span;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70 && this.at < this.end; shift += 7) {
      const byte = bytes[this.at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low;
        this.high = high;
        return true;
      }
    }
    return this.fail();
  }

  /** Iterative, so that nesting costs no stack. */
  private skipGroup(): boolean {
    const open = [this.field];
    while (open.length > 0) {
      if (this.at >= this.end || open.length > DEEPEST_GROUP) return this.fail();
      if (!this.readKey()) return false;
      if (this.wire === START_GROUP) open.push(this.field);
      else if (this.wire === END_GROUP) {
        if (open.pop() !== this.field) return this.fail();
      } else if (!this.readValue()) return false;
    }
    return true;
  }
}

/** The signed 64-bit number of two words, rounded once to a double. */
export function signed64(low: number, high: number): number {
  return (high | 0) * 2 ** 32 + (low >>> 0);
}

export function unsigned64(low: number, high: number): number {
  return (high >>> 0) * 2 ** 32 + (low >>> 0);
}

/** What `signed64` rounded away, so that steps beyond 2^53 still compare exactly. */
export function roundedOff(low: number, high: number): number {
  if (high >= -0x200000 && high < 0x200000) return 0;
  const exact = (BigInt(high | 0) << 32n) | BigInt(low >>> 0);
  return Number(exact - BigInt(signed64(low, high)));
}
