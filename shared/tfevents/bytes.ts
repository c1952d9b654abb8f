import { type Span, spanOf } from './crc32c.ts';

/** Bytes that are collected piece by piece; the memory follows what arrived, never what was announced. */
export class ByteStore {
  readonly span: Span = { ...spanOf(new Uint8Array(256)), end: 0 };

  get length(): number {
    return this.span.end;
  }

  clear(): void {
    this.span.end = 0;
  }

  push(byte: number): void {
    this.reserve(1);
    this.span.bytes[this.span.end++] = byte;
  }

  /** Takes the bytes of `from` that lie in its span. */
  append(from: Span): void {
    const count = from.end - from.start;
    this.reserve(count);
    this.span.bytes.set(from.bytes.subarray(from.start, from.end), this.span.end);
    this.span.end += count;
  }

  private reserve(more: number): void {
    const { bytes, end } = this.span;
    if (end + more <= bytes.length) return;
    const bigger = new Uint8Array(Math.max(2 * bytes.length, end + more));
    bigger.set(bytes.subarray(0, end));
    Object.assign(this.span, spanOf(bigger), { end });
  }
}
