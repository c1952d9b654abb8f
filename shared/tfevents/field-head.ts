import { ByteStore } from './bytes.ts';
import { BYTES, VARINT } from './wire.ts';

/**
 * What stands before the content of a protobuf field, while it comes byte by byte: the key, and behind it the varint
 * that is the content, or its length.
 */
export class FieldHead {
  field = 0;
  wire = 0;
  /** Of a field of bytes. */
  length = 0;
  private readonly key = new ByteStore();
  private readonly number = new ByteStore();
  private isKeyWhole = false;

  /** Makes room for the next field. */
  clear(): void {
    this.key.clear();
    this.number.clear();
    this.isKeyWhole = false;
  }

  /** Whether nothing came since `clear`. */
  get isEmpty(): boolean {
    return this.key.length === 0;
  }

  /** `bad`: no field begins like that. */
  take(byte: number): 'more' | 'whole' | 'bad' {
    const store = this.isKeyWhole ? this.number : this.key;
    if (store.length === 9 && byte >= 0x80) return 'bad';
    store.push(byte);
    if (byte >= 0x80) return 'more';
    if (!this.isKeyWhole) return this.takeKey();
    this.length = numberIn(this.number);
    return 'whole';
  }

  /** Puts it behind `out` as it came. */
  copyTo(out: ByteStore): void {
    out.append(this.key.span);
    out.append(this.number.span);
  }

  /** The same with another length. */
  copyWithLength(out: ByteStore, length: number): void {
    out.append(this.key.span);
    putVarint(out, length);
  }

  private takeKey(): 'more' | 'whole' | 'bad' {
    const key = numberIn(this.key);
    this.isKeyWhole = true;
    this.wire = key % 8;
    this.field = Math.floor(key / 8);
    if (this.field === 0 || key >= 2 ** 32) return 'bad';
    return this.wire === VARINT || this.wire === BYTES ? 'more' : 'whole';
  }
}

/** As a double, exact below 2^53; bits beyond 64 fall away as they do in WireReader. */
function numberIn(varint: ByteStore): number {
  const { bytes } = varint.span;
  let value = 0;
  for (let at = varint.length - 1; at >= 0; at--) value = value * 128 + (bytes[at]! & (at === 9 ? 1 : 0x7f));
  return value;
}

/** Writes a number below 2^31 as protobuf does. */
export function putVarint(out: ByteStore, value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) out.push((rest & 0x7f) | 0x80);
  out.push(rest);
}
