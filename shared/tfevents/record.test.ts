import { describe, expect, test } from 'vitest';
import { concat, eventFile, frame, scalars } from '../../test/support/tfevents-writer.ts';
import { crc32cOfWords, mask, type Span } from './crc32c.ts';
import type { PayloadSink } from './long-record.ts';
import { RecordReader } from './record.ts';

/** Keeps nothing, and counts what it was given. */
class Counting implements PayloadSink {
  announced: number[] = [];
  readonly unused = 0;
  seen = 0;
  biggest = 0;
  readonly kept = { bytes: Uint8Array.of(42), view: new DataView(new ArrayBuffer(1)), start: 0, end: 1 };
  begin(length: number): void {
    this.announced.push(length);
  }
  write(part: Span): void {
    this.seen += part.end - part.start;
    this.biggest = Math.max(this.biggest, part.end - part.start);
  }
  skip(): void {}
  end(): 'record' {
    return 'record';
  }
}

/** Steps and payloads in order, for instance `record@0:1,2`, with the damage or the tail last. */
function steps(bytes: Uint8Array, options: { chunk?: number; wholeRecordBytes?: number } = {}): string[] {
  const { chunk = bytes.length, ...rest } = options;
  const reader = new RecordReader(new Counting(), rest);
  const all: string[] = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    reader.push(bytes.slice(at, at + chunk));
    for (let step = reader.next(); step !== 'more'; step = reader.next()) {
      const { payload } = reader;
      const content = step === 'record' ? `:${payload.bytes.slice(payload.start, payload.end)}` : '';
      all.push(`${step === 'stop' ? reader.damage : step}@${reader.offset}${content}`);
      if (step === 'stop') return all;
    }
  }
  const tail = reader.finish();
  return tail === null ? all : [...all, `${tail}@${reader.offset}`];
}

/** A header that claims a length, its CRC right. */
function header(length: bigint): Uint8Array {
  const out = new DataView(new ArrayBuffer(12));
  out.setBigUint64(0, length, true);
  out.setInt32(8, mask(crc32cOfWords(Number(length & 0xffffffffn) | 0, Number(length >> 32n) | 0)), true);
  return new Uint8Array(out.buffer);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const out = bytes.slice();
  out[at]! ^= 1;
  return out;
}

const two = concat([frame(Uint8Array.of(1, 2)), frame(Uint8Array.of(3))]);
const everyChunk = Array.from({ length: 40 }, (_, at) => ({ chunk: at + 1 }));

describe.each(everyChunk)('in chunks of $chunk', ({ chunk }) => {
  const given = (bytes: Uint8Array) => steps(bytes, { chunk });

  test('records are cut out', () => {
    expect(given(two)).toEqual(['record@0:1,2', 'record@18:3']);
    expect(given(frame(new Uint8Array(0)))).toEqual(['record@0:']);
  });

  test('a payload that does not fit its CRC is passed over', () => {
    for (const at of [12, 13, 14, 17]) expect(given(flipped(two, at))).toEqual(['data-crc@0', 'record@18:3']);
  });

  test('a length that does not fit its CRC ends the file', () => {
    for (const at of [18, 25, 26, 29])
      expect(given(flipped(two, at))).toEqual(['record@0:1,2', 'length-crc@18']);
  });

  test('a cut is told from an end', () => {
    for (let end = 19; end < two.length; end++)
      expect(given(two.subarray(0, end))).toEqual(['record@0:1,2', 'truncated@18']);
    expect(given(two.subarray(0, 18))).toEqual(['record@0:1,2']);
  });

  test('zeros are told by name', () => {
    expect(given(concat([two, new Uint8Array(40)]))).toEqual([
      'record@0:1,2',
      'record@18:3',
      'zero-filled@35',
    ]);
    expect(given(concat([two, new Uint8Array(11)]))).toEqual(['record@0:1,2', 'record@18:3', 'truncated@35']);
  });

  test('records that stream by are the same', () => {
    const options = { chunk, wholeRecordBytes: 1 };
    expect(steps(two, options)).toEqual(['record@0:42', 'record@18:3']);
    expect(steps(flipped(two, 13), options)).toEqual(['data-crc@0', 'record@18:3']);
    expect(steps(flipped(two, 17), options)).toEqual(['data-crc@0', 'record@18:3']);
    expect(steps(two.subarray(0, 17), options)).toEqual(['truncated@0']);
    expect(steps(two.subarray(0, 13), options)).toEqual(['truncated@0']);
  });
});

test.each([2n ** 31n, 2n ** 40n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 4n, 2n ** 64n - 1n])(
  'a length of %i with a right CRC allocates nothing and is told',
  (length) => {
    expect(steps(concat([two, header(length), two]))).toEqual([
      'record@0:1,2',
      'record@18:3',
      'oversized@35',
    ]);
  },
);

test('a length within what protobuf allows, but not within the file, is a cut', () => {
  expect(steps(concat([two, header(2n ** 31n - 1n), two]))).toEqual([
    'record@0:1,2',
    'record@18:3',
    'truncated@35',
  ]);
});

test('a record of 2 GiB that is there is passed over in pieces, and the next one is found', () => {
  const sink = new Counting();
  const reader = new RecordReader(sink);
  const piece = new Uint8Array(64 << 20);
  reader.push(header(2n ** 31n));
  for (let left = 2 ** 31; left > 0; left -= piece.length) {
    expect(reader.next()).toBe('more');
    reader.push(piece);
  }
  expect(reader.next()).toBe('more');
  reader.push(concat([new Uint8Array(4), two]));
  expect([reader.next(), reader.next(), reader.offset]).toEqual(['oversized', 'record', 2 ** 31 + 16]);
  expect(sink.announced).toEqual([]);
});

describe('what is no event file', () => {
  const text = (value: string) => new TextEncoder().encode(value);

  test.each([
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3)],
    ['zstandard', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 4, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['a page', text('<!DOCTYPE html><html>')],
    ['a short text', text('no such')],
    ['a text with a byte order mark', text('\ufeffWert;Größe;x')],
    ['a table', text('step,loss\n0,0.5\n')],
  ])('%s', (_name, bytes) => {
    for (const { chunk } of everyChunk) expect(steps(bytes, { chunk })).toEqual(['not-an-event-file@0']);
  });

  test('is only told from the first bytes', () => {
    expect(steps(concat([two, text('<!DOCTYPE html><html>')])).at(-1)).toBe('length-crc@35');
  });

  test('other bytes are a bad length', () => {
    expect(steps(Uint8Array.from({ length: 100 }, (_, at) => (at * 151 + 7) & 255))).toEqual([
      'length-crc@0',
    ]);
  });

  test('three letters may be the beginning of a length', () => {
    expect(steps(text('abc'))).toEqual(['truncated@0']);
  });
});

test('after a stop nothing more is read', () => {
  const reader = new RecordReader(new Counting());
  reader.push(flipped(two, 0));
  expect([reader.next(), reader.next(), reader.finish()]).toEqual(['stop', 'stop', null]);
});

test('an empty file, and one of empty chunks, have no records and no damage', () => {
  expect(steps(new Uint8Array(0))).toEqual([]);
  const reader = new RecordReader(new Counting());
  reader.push(new Uint8Array(0));
  expect([reader.next(), reader.finish()]).toEqual(['more', null]);
});

test('a whole file gives as many records as were written', () => {
  const file = eventFile(scalars({ a: new Array<number>(500).fill(1), b: [2] }));
  expect(steps(file, { chunk: 100 }).filter((step) => step.startsWith('record'))).toHaveLength(502);
});
