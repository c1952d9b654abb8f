import { describe, expect, test } from 'vitest';
import { chunked } from '../../test/support/chunked.ts';
import {
  bytes,
  concat,
  double,
  eventFile,
  float,
  frame,
  rawVarint,
  sessionStart,
  simpleValue,
  string,
  summaryEvent,
  varint,
} from '../../test/support/tfevents-writer.ts';
import { crc32cOfWords, mask } from './crc32c.ts';
import { readScalars } from './read.ts';

// Whatever a file holds: what is sound before it and, where the next record can be found, behind it is read; the rest
// is told. Folders, links, pipes and files that vanish are the adapter's: shared/adapters/file/event-files.test.ts.

interface Wanted {
  /** Values of the tag `loss`. */
  readonly loss: readonly number[];
  readonly kind: string | null;
  readonly skipped?: number;
  /** Where the damage is, in the file. */
  readonly at?: number;
}

const BEFORE = eventFile([simpleValue('loss', 1, 1, 5)]);
const AFTER = frame(simpleValue('loss', 3, 3, 7));
const HERE = BEFORE.length;

/** A header whose CRC is right, of any length. */
function header(length: bigint): Uint8Array {
  const out = new DataView(new ArrayBuffer(12));
  out.setBigUint64(0, length, true);
  out.setInt32(8, mask(crc32cOfWords(Number(length & 0xffffffffn) | 0, Number(length >> 32n) | 0)), true);
  return new Uint8Array(out.buffer);
}

const between = (...middle: Uint8Array[]) => concat([BEFORE, ...middle, AFTER]);
/** A record that is sound by its CRC and holds the bytes given. */
const holding = (...payload: Uint8Array[]) => between(frame(concat(payload)));
const value = (...fields: Uint8Array[]) => holding(summaryEvent(2, 6, [concat(fields)]));
const tensor = (...fields: Uint8Array[]) => value(string(1, 'loss'), bytes(8, concat(fields)));
const turned = (file: Uint8Array, bit: number) => {
  const out = file.slice();
  out[bit >> 3]! ^= 1 << (bit & 7);
  return out;
};
const key = (field: number, wire: number) => rawVarint((field << 3) | wire);
const nested = (depth: number) =>
  concat([
    ...Array.from({ length: depth }, () => key(5, 3)),
    ...Array.from({ length: depth }, () => key(5, 4)),
  ]);
const first = (...content: number[]) => concat([Uint8Array.from(content), BEFORE]);
const letters = (text: string) => [...new TextEncoder().encode(text)];

const NOT_SCALAR: Wanted = { loss: [1, 3], kind: null };
const STOPS = { loss: [1], skipped: 0, at: HERE };
const SKIPPED: Wanted = { loss: [1, 3], kind: 'bad-record', skipped: 1, at: HERE };
const FOREIGN: Wanted = { loss: [], kind: 'not-an-event-file', skipped: 0, at: 0 };

const CASES: readonly (readonly [what: string, file: Uint8Array, wanted: Wanted])[] = [
  ['a length of 2^63 with its CRC', between(header(2n ** 63n)), { ...STOPS, kind: 'oversized' }],
  ['a length of 2^64 - 1', between(header(2n ** 64n - 1n)), { ...STOPS, kind: 'oversized' }],
  ['a length of 2^64 - 4', between(header(2n ** 64n - 4n)), { ...STOPS, kind: 'oversized' }],
  ['a length of 2^62', between(header(2n ** 62n)), { ...STOPS, kind: 'oversized' }],
  ['a length of 2^40', between(header(2n ** 40n)), { ...STOPS, kind: 'oversized' }],
  ['a length of 20 GB in a small file', between(header(20_000_000_000n)), { ...STOPS, kind: 'oversized' }],
  ['a length of 1 GB in a small file', between(header(1_000_000_000n)), { ...STOPS, kind: 'truncated' }],
  [
    'a bit turned in a payload',
    turned(between(), 8 * (HERE - 8)),
    { loss: [3], kind: 'data-crc', skipped: 1 },
  ],
  ['a bit turned in a length', turned(between(), 8 * HERE), { ...STOPS, kind: 'length-crc' }],
  [
    'a bit turned in the CRC of a length',
    turned(between(), 8 * (HERE + 9)),
    { ...STOPS, kind: 'length-crc' },
  ],
  ['zeros at the end', concat([BEFORE, new Uint8Array(4096)]), { ...STOPS, kind: 'zero-filled' }],
  ['zeros in the middle', between(new Uint8Array(512)), { ...STOPS, kind: 'zero-filled' }],
  ['gzip', first(0x1f, 0x8b, 8, 0), FOREIGN],
  ['Zstandard', first(0x28, 0xb5, 0x2f, 0xfd), FOREIGN],
  ['zlib', first(0x78, 0x9c, 0x4b, 0x4c, 1, 2, 3, 4), FOREIGN],
  ['a page that says that there is an error', first(...letters('<html>403 Forbidden')), FOREIGN],
  ['text', first(...letters('step,loss\n1,0.5')), FOREIGN],
  ['a Git LFS pointer', first(...letters('version https://git-lfs')), FOREIGN],
  ['noise', first(200, 3, 99, 1, 77, 8, 250, 6, 5, 4, 3, 2, 1), { loss: [], kind: 'length-crc', at: 0 }],
  ['nothing', new Uint8Array(0), { loss: [], kind: null }],
  ['one zero', new Uint8Array(1), { loss: [], kind: 'truncated', at: 0 }],
  ['groups 90 deep', holding(nested(90)), NOT_SCALAR],
  ['groups 200 deep', holding(nested(200)), SKIPPED],
  ['groups a million deep', holding(nested(1_000_000)), SKIPPED],
  ['a group that is not closed', holding(key(20, 3)), SKIPPED],
  ['a varint of ten bytes', holding(Uint8Array.of(0x10, ...new Array<number>(9).fill(0x80), 0)), NOT_SCALAR],
  ['a varint of eleven bytes', holding(Uint8Array.of(0x10, ...new Array<number>(10).fill(0x80), 0)), SKIPPED],
  ['a varint that runs off the end', holding(Uint8Array.of(0x10, 0x80)), SKIPPED],
  ['an inner length beyond the outer one', holding(Uint8Array.of(0x2a, 9, 0x0a, 1)), SKIPPED],
  ['an inner length of 2^63', holding(Uint8Array.of(0x2a, ...rawVarint(2n ** 63n))), SKIPPED],
  ['field number 0', holding(Uint8Array.of(0, 1)), SKIPPED],
  ['wire type 6', holding(key(20, 6)), SKIPPED],
  ['wire type 7', holding(key(20, 7)), SKIPPED],
  ['a known field of another wire type', holding(varint(1, 5), float(2, 1), double(5, 1)), NOT_SCALAR],
  ['an unknown field', holding(varint(1000, 5), bytes(1001, new Uint8Array(9))), NOT_SCALAR],
  ['a tag that is not UTF-8', value(bytes(1, Uint8Array.of(0xff)), float(2, 2)), SKIPPED],
  ['a tag of a megabyte', value(string(1, 'x'.repeat(1 << 20)), float(2, 2)), NOT_SCALAR],
  [
    'dimensions of 2^31 times 2^31',
    tensor(
      varint(1, 1),
      bytes(2, concat([bytes(2, varint(1, 2 ** 31)), bytes(2, varint(1, 2 ** 31))])),
      float(5, 2),
    ),
    NOT_SCALAR,
  ],
  ['a dimension of -1', tensor(varint(1, 1), bytes(2, bytes(2, varint(1, -1))), float(5, 2)), NOT_SCALAR],
  [
    'an unknown rank with one value',
    tensor(varint(1, 1), bytes(2, varint(3, 1)), float(5, 2)),
    { loss: [1, 2, 3], kind: null },
  ],
  [
    'content of another length than the type has',
    tensor(varint(1, 1), bytes(4, new Uint8Array(5))),
    NOT_SCALAR,
  ],
  [
    'a half beyond 16 bits, which is a float32',
    tensor(varint(1, 19), varint(13, 0x40000000)),
    { loss: [1, 2, 3], kind: null },
  ],
  ['a type that there is not', tensor(varint(1, 99), float(5, 2)), NOT_SCALAR],
  [
    'many STARTs',
    concat([BEFORE, ...Array.from({ length: 5000 }, (_, at) => frame(sessionStart(at % 7))), AFTER]),
    NOT_SCALAR,
  ],
];

test.each(CASES)('%s', async (_what, file, { loss, kind, skipped, at }) => {
  for (const [chunk, wholeRecordBytes] of [
    [file.length || 1, 1 << 20],
    [37, 1 << 20],
    [100, 0],
  ] as const) {
    const { series, files } = await readScalars(
      [{ path: 'tfevents', run: '.', size: file.length, bytes: chunked(file, chunk) }],
      { wholeRecordBytes },
    );
    expect([...(series.find(({ tag }) => tag === 'loss')?.values ?? [])]).toEqual(loss);
    expect(files[0]!.damage?.kind ?? null).toBe(kind);
    if (skipped !== undefined) expect(files[0]!.damage?.recordsSkipped).toBe(skipped);
    if (at !== undefined) expect(files[0]!.damage?.offset).toBe(at);
  }
});

describe('numbers that are none', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 1e308])(
    'a wall time of %d keeps its value',
    async (wallTime) => {
      const file = eventFile([simpleValue('loss', 1, 1, wallTime), simpleValue('loss', 2, 2, 5)]);
      const { series, notes } = await readScalars([{ path: 'tfevents', run: '.', bytes: chunked(file, 50) }]);
      expect([...series[0]!.values]).toEqual([1, 2]);
      expect([series[0]!.wallTimes[0], notes]).toEqual([wallTime, []]);
    },
  );

  test('steps below 0 and beyond 2^53 are steps', async () => {
    const steps = [-(2n ** 63n), -5n, 2n ** 53n + 1n, 2n ** 63n - 1n];
    const file = eventFile(steps.map((step, at) => simpleValue('loss', step, at)));
    const { series } = await readScalars([{ path: 'tfevents', run: '.', bytes: chunked(file, 50) }]);
    expect([...series[0]!.steps]).toEqual(steps.map(Number));
  });

  test('a step that saws takes no more time than it has points', async () => {
    const file = eventFile(Array.from({ length: 40_000 }, (_, at) => simpleValue('loss', at % 200, at)));
    const { series } = await readScalars([{ path: 'tfevents', run: '.', bytes: chunked(file, 60_000) }]);
    expect(series[0]).toMatchObject({ removed: 39_800, steps: { length: 200 } });
  });
});
