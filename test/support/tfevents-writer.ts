import { crc32c, crc32cOfWords, mask, spanOf } from '../../shared/tfevents/crc32c.ts';

/**
 * Event files in memory, for tests and demonstrations:
 *
 *     eventFile([simpleValue('loss', 0, 0.9, 1_700_000_000), simpleValue('loss', 1, 0.4, 1_700_000_060)])
 *     eventFile(scalars({ loss: [0.9, 0.4], accuracy: [0.5, 0.8] }, { wallTime: 1_700_000_000, every: 60 }))
 *
 * A record is the payload of one Event; `eventFile` frames each and puts the version record before them.
 */
export function eventFile(records: readonly Uint8Array[], options: { version?: boolean } = {}): Uint8Array {
  const { version = true } = options;
  const all = version ? [fileVersion(0), ...records] : records;
  return concat(all.map(frame));
}

/** One TFRecord: length, its CRC, the payload, its CRC. */
export function frame(payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(16 + payload.length);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setInt32(8, mask(crc32cOfWords(payload.length, 0)), true);
  out.set(payload, 12);
  view.setInt32(12 + payload.length, mask(crc32c(spanOf(payload))), true);
  return out;
}

export function fileVersion(wallTime: number): Uint8Array {
  return concat([double(1, wallTime), string(3, 'brain.Event:2')]);
}

/** What TF1 and torch's `add_scalar` write. */
export function simpleValue(tag: string, step: number | bigint, value: number, wallTime = 0): Uint8Array {
  return summaryEvent(step, wallTime, [concat([string(1, tag), float(2, value)])]);
}

/** What TF2 writes: a float32 tensor of rank 0 as bytes, with the plugin's name; or a float64 one. */
export function tensorScalar(
  tag: string,
  step: number | bigint,
  options: { value: number; wallTime?: number; dtype?: 'float32' | 'float64' },
): Uint8Array {
  const { value, wallTime = 0, dtype = 'float32' } = options;
  const single = dtype === 'float32';
  const content = new DataView(new ArrayBuffer(single ? 4 : 8));
  if (single) content.setFloat32(0, value, true);
  else content.setFloat64(0, value, true);
  const tensor = concat([
    varint(1, single ? 1 : 2),
    bytes(2, new Uint8Array(0)),
    bytes(4, new Uint8Array(content.buffer)),
  ]);
  const metadata = bytes(1, string(1, 'scalars'));
  return summaryEvent(step, wallTime, [concat([string(1, tag), bytes(8, tensor), bytes(9, metadata)])]);
}

/** A resumed TF1 job, or torch's `purge_step`, begins so. */
export function sessionStart(step: number | bigint, wallTime = 0): Uint8Array {
  return event(step, { wallTime, what: bytes(7, varint(1, 1)) });
}

/** An image of that many bytes: what makes files big. */
export function image(tag: string, step: number, size: number): Uint8Array {
  return summaryEvent(step, 0, [
    concat([string(1, tag), bytes(4, bytes(4, new Uint8Array(size).fill(0xa5)))]),
  ]);
}

/** The points of several tags, step by step, the k-th at step k and `every` seconds after the one before. */
export function scalars(
  series: Readonly<Record<string, readonly number[]>>,
  options: { wallTime?: number; every?: number } = {},
): Uint8Array[] {
  const { wallTime = 0, every = 1 } = options;
  const longest = Math.max(0, ...Object.values(series).map((values) => values.length));
  return Array.from({ length: longest }, (_, step) => step).flatMap((step) =>
    Object.entries(series)
      .filter(([, values]) => step < values.length)
      .map(([tag, values]) => simpleValue(tag, step, values[step]!, wallTime + step * every)),
  );
}

/** An Event whose Summary holds the given Values. */
export function summaryEvent(
  step: number | bigint,
  wallTime: number,
  values: readonly Uint8Array[],
): Uint8Array {
  return event(step, { wallTime, what: bytes(5, concat(values.map((value) => bytes(1, value)))) });
}

/** Leaves the step out when it is 0, as every writer does. */
export function event(step: number | bigint, options: { wallTime: number; what: Uint8Array }): Uint8Array {
  const steps = BigInt(step) === 0n ? [] : [varint(2, step)];
  return concat([double(1, options.wallTime), ...steps, options.what]);
}

// Protobuf fields by number.

export function varint(field: number, value: number | bigint): Uint8Array {
  return concat([rawVarint(field << 3), rawVarint(value)]);
}

export function bytes(field: number, content: Uint8Array): Uint8Array {
  return concat([rawVarint((field << 3) | 2), rawVarint(content.length), content]);
}

export function string(field: number, text: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(text));
}

export function float(field: number, value: number): Uint8Array {
  return concat([rawVarint((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer)]);
}

export function double(field: number, value: number): Uint8Array {
  return concat([rawVarint((field << 3) | 1), new Uint8Array(Float64Array.of(value).buffer)]);
}

export function rawVarint(value: number | bigint): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...out, Number(rest)]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
