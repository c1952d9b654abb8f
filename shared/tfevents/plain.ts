import type { Span } from './crc32c.ts';

/**
 * The shape that nearly every record has: wall time, step, and a summary of one value, whose tag comes first:
 *
 *     09 <8 bytes>  [10 <step varint>]  2a <n>  0a <n>  0a <n> <tag>  <rest>
 *
 * Every length is one byte and closes exactly at the record's end, so that nothing else can be in it.
 */
const SUMMARY = 0x2a;
const VALUE = 0x0a;

/** What follows the tag: float simple_value, or TF2's or torch's float32 tensor with the name of its plugin. */
const SIMPLE = Uint8Array.of(0x15, 0, 0, 0, 0);
const PLUGIN = [0x4a, 0x0b, 0x0a, 0x09, 0x0a, 0x07, 0x73, 0x63, 0x61, 0x6c, 0x61, 0x72, 0x73];
const TF2 = Uint8Array.of(0x42, 0x0a, 0x08, 0x01, 0x12, 0x00, 0x22, 0x04, 0, 0, 0, 0, ...PLUGIN);
const TORCH = Uint8Array.of(0x42, 0x08, 0x08, 0x01, 0x2a, 0x04, 0, 0, 0, 0, ...PLUGIN);

/** Steps of up to this many varint bytes are read here: those below 2^28. */
const STEP_BYTES = 4;

/**
 * A guess at a record that spares the walk over its fields. It never decides what a record means: where it
 * does not fit, and it says so, EventReader reads; where it fits, both give the same, which a test holds.
 */
export class PlainRecord {
  step = 0;
  tagFrom = 0;
  tagTo = 0;
  value = 0;

  /** Whether the payload has the shape; the fields are set only then. */
  read({ bytes, view, start, end }: Span): boolean {
    if (end - start < 20 || bytes[start] !== 0x09) return false;
    let at = start + 9;
    let step = 0;
    if (bytes[at] === 0x10) {
      let shift = 0;
      let byte = 0x80;
      at++;
      for (const last = at + STEP_BYTES; byte >= 0x80 && at < last; shift += 7) {
        byte = bytes[at++]!;
        step |= (byte & 0x7f) << shift;
      }
      if (byte >= 0x80) return false;
    }
    // Beyond the end of a payload other bytes follow, or none; neither closes a length exactly.
    if (bytes[at] !== SUMMARY || at + 2 + bytes[at + 1]! !== end || bytes[at + 1]! > 0x7f) return false;
    if (bytes[at + 2] !== VALUE || at + 4 + bytes[at + 3]! !== end || bytes[at + 4] !== 0x0a) return false;
    this.tagFrom = at + 6;
    this.tagTo = this.tagFrom + bytes[at + 5]!;
    const valueAt = valuePlace(bytes, this.tagTo, end);
    if (valueAt < 0 || bytes[at + 5]! > 0x7f) return false;
    this.step = step;
    this.value = view.getFloat32(valueAt, true);
    return true;
  }
}

/** Where the float lies, −1 when what follows the tag is of no known shape. */
function valuePlace(bytes: Uint8Array, from: number, end: number): number {
  const size = end - from;
  if (size === SIMPLE.length) return bytes[from] === 0x15 ? from + 1 : -1;
  if (size === TF2.length) return fits(bytes, { from, shape: TF2, value: 8 });
  return size === TORCH.length ? fits(bytes, { from, shape: TORCH, value: 6 }) : -1;
}

function fits(
  bytes: Uint8Array,
  { from, shape, value }: { from: number; shape: Uint8Array; value: number },
): number {
  for (let at = 0; at < shape.length; at++) {
    if (at === value) at += 4;
    if (bytes[from + at] !== shape[at]) return -1;
  }
  return from + value;
}
