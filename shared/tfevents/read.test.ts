import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunked } from '../../test/support/chunked.ts';
import {
  bytes,
  concat,
  event,
  eventFile,
  float,
  frame,
  image,
  rawVarint,
  scalars,
  sessionStart,
  simpleValue,
  string,
  summaryEvent,
  tensorScalar,
  varint,
} from '../../test/support/tfevents-writer.ts';
import type { ScalarSet } from '../core/series.ts';
import { LONGEST_TAG } from './event.ts';
import { type ReadOptions, readScalars } from './read.ts';

const one = (content: Uint8Array, ...sizes: number[]) => ({
  path: 'tfevents',
  run: '.',
  size: content.length,
  bytes: chunked(content, ...sizes),
});

const read = (content: Uint8Array, options: ReadOptions = {}) => readScalars([one(content)], options);

const pointsOf = (set: ScalarSet, tag: string) => [
  ...(set.series.find((series) => series.tag === tag)?.values ?? []),
];

/** Every kind of record that this reader treats differently. */
const MIXED = eventFile([
  simpleValue('loss', 0, 0.5, 100),
  tensorScalar('loss', 1, { value: 0.25, wallTime: 101 }),
  sessionStart(1, 101),
  image('sample', 1, 300),
  tensorScalar('größe', -1, { value: Math.PI, wallTime: 102, dtype: 'float64' }),
  summaryEvent(2, 103, [
    concat([string(1, 'a'), float(2, 1), bytes(9, new Uint8Array(40))]),
    concat([string(1, 'sample'), bytes(4, new Uint8Array(200))]),
    concat([bytes(8, concat([varint(1, 3), varint(7, 6)])), string(1, 'b')]),
  ]),
  event(2, { wallTime: 104, what: bytes(4, new Uint8Array(500)) }),
  new Uint8Array(0),
  simpleValue('', 2n ** 53n + 1n, Number.NaN, Number.NaN),
  simpleValue('loss', 2, -0, 105),
]);

describe('any chunking gives the same', () => {
  test('whatever the sizes, whole or streamed', async () => {
    const wanted = await read(MIXED);
    expect(wanted.series.map(({ tag }) => tag)).toEqual(['', 'a', 'b', 'größe', 'loss']);
    expect(pointsOf(wanted, 'loss')).toEqual([0.5, 0.25, -0]);
    expect(wanted.files[0]).toMatchObject({ records: 11, damage: null });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1 }),
        fc.nat(600),
        async (sizes, whole) => {
          expect(await readScalars([one(MIXED, ...sizes)], { wholeRecordBytes: whole })).toEqual(wanted);
        },
      ),
    );
  });

  test('of one byte', async () => {
    expect(await readScalars([one(MIXED, 1)])).toEqual(await read(MIXED));
  });
});

test('every truncation gives a prefix, and no record that was whole is lost', async () => {
  const file = eventFile(scalars({ loss: [1, 2, 3, 4] }));
  const ends = [frame(new Uint8Array(0)).length];
  for (let length = 0; length <= file.length; length++) {
    const set = await read(file.subarray(0, length));
    const points = pointsOf(set, 'loss');
    expect(points).toEqual([1, 2, 3, 4].slice(0, points.length));
    const { records, damage } = set.files[0]!;
    expect(points).toHaveLength(Math.max(0, records - 1));
    if (damage === null) ends.push(length);
    else
      expect(damage).toEqual({
        offset: ends.at(-1) === 16 ? 0 : ends.at(-1),
        kind: 'truncated',
        recordsSkipped: 0,
      });
  }
  // Sound are the empty file and those that end with a record, and nothing else.
  expect(ends.slice(1)).toEqual([0, ...boundaries(file)]);
});

/** Where the records of a sound file end. */
function boundaries(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset);
  const ends: number[] = [];
  for (let at = 0; at < file.length; ends.push(at)) at += 16 + view.getUint32(at, true);
  return ends;
}

describe('bytes that are changed', () => {
  const change = fc.record({ at: fc.nat(MIXED.length - 1), to: fc.nat(255) });

  test('in a file never throw, and points come only from records that are whole', async () => {
    const sound = await read(MIXED, { restart: 'keep' });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat(300),
        async (changes, whole) => {
          const file = MIXED.slice();
          for (const { at, to } of changes) file[at] = to;
          const set = await read(file, { wholeRecordBytes: whole, restart: 'keep' });
          for (const { tag, values } of set.series)
            for (const value of values) expect(pointsOf(sound, tag)).toContainEqual(value);
          const touched = file.some((byte, at) => byte !== MIXED[at]);
          expect(set.files[0]?.damage !== null).toBe(touched);
        },
      ),
    );
  });

  test('in a payload whose CRC is right again never throw, and whole and streamed agree', async () => {
    const payloads = [
      simpleValue('loss', 3, 0.5, 1),
      tensorScalar('loss', 3, { value: 0.5, wallTime: 1 }),
      summaryEvent(1, 1, [
        concat([string(1, 'a'), float(2, 1)]),
        concat([string(1, 'b'), bytes(4, new Uint8Array(9))]),
      ]),
      sessionStart(4),
    ];
    const edit = fc.record({
      at: fc.nat(200),
      to: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x0a, 0x2a, 0x2b, 0x2c, 0x80, 0xff)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...payloads),
        fc.array(edit, { maxLength: 3 }),
        async (payload, edits) => {
          const changed = payload.slice();
          for (const { at, to } of edits) changed[at % changed.length] = to;
          const file = eventFile([changed, simpleValue('after', 0, 1)]);
          const set = await read(file);
          expect(pointsOf(set, 'after')).toContain(1);
          expect(await read(file, { wholeRecordBytes: 0 })).toEqual(set);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('and bytes that are no file at all never throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
        expect((await read(noise)).series).toEqual([]);
        expect((await read(eventFile([noise]), { wholeRecordBytes: 0 })).series).toEqual(
          (await read(eventFile([noise]))).series,
        );
      }),
    );
  });
});

describe('blobs', () => {
  test('of 40 MB beside a scalar in one record cost no memory and lose no point', async () => {
    const before = new TextEncoder().encode('x');
    const payload = summaryEvent(7, 1, [
      concat([string(1, 'before'), float(2, 1)]),
      concat([string(1, 'blob'), bytes(4, new Uint8Array(20 << 20))]),
      concat([string(1, 'tensor'), bytes(8, concat([varint(1, 1), bytes(4, new Uint8Array(20 << 20))]))]),
      concat([string(1, 'after'), float(2, 2)]),
    ]);
    const file = eventFile([payload, simpleValue('last', 8, 3)]);
    const held = process.memoryUsage();
    const set = await readScalars([{ ...one(before), size: file.length, bytes: pieces(file, 65_536) }]);
    expect(set.series.map(({ tag, values }) => [tag, [...values]])).toEqual([
      ['after', [2]],
      ['before', [1]],
      ['last', [3]],
    ]);
    expect(set.files[0]).toMatchObject({ records: 3, damage: null });
    const { arrayBuffers } = process.memoryUsage();
    expect(arrayBuffers - held.arrayBuffers).toBeLessThan(8 << 20);
  });

  test('do not bring back what they replaced, or what replaces them', async () => {
    const graph = (size: number) => bytes(4, new Uint8Array(size));
    const loss = bytes(5, bytes(1, concat([string(1, 'loss'), float(2, 1)])));
    for (const size of [10, 3 << 20]) {
      expect((await read(eventFile([concat([loss, graph(size)])]))).series).toEqual([]);
      expect(pointsOf(await read(eventFile([concat([graph(size), loss])])), 'loss')).toEqual([1]);
      const image = concat([string(1, 'loss'), float(2, 1), bytes(4, new Uint8Array(size))]);
      expect((await read(eventFile([summaryEvent(0, 0, [image])]))).series).toEqual([]);
    }
  });

  test('in groups are passed over', async () => {
    const group = concat([
      rawVarint((20 << 3) | 3),
      bytes(5, new Uint8Array(3 << 20)),
      varint(2, 9),
      rawVarint((20 << 3) | 4),
    ]);
    const set = await read(eventFile([concat([group, simpleValue('loss', 1, 1)])]));
    expect([set.series[0]?.steps[0], pointsOf(set, 'loss')]).toEqual([1, [1]]);
  });

  test('cut inside are no records', async () => {
    const whole = summaryEvent(0, 0, [concat([string(1, 'a'), bytes(4, new Uint8Array(2 << 20))])]);
    const set = await read(eventFile([whole.subarray(0, -5), simpleValue('loss', 1, 1)]));
    expect(set.files[0]?.damage).toMatchObject({ kind: 'bad-record', recordsSkipped: 1 });
    expect(pointsOf(set, 'loss')).toEqual([1]);
  });
});

async function* pieces(content: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

describe('a folder', () => {
  const file = (path: string, content: Uint8Array) => {
    const slash = path.lastIndexOf('/');
    return { ...one(content), path, run: slash < 0 ? '.' : path.slice(0, slash) };
  };
  const at = (step: number, wallTime: number) =>
    eventFile([simpleValue('loss', step, wallTime, wallTime)], { version: false });

  test('has its files read by name in bytes, run by run', async () => {
    const set = await readScalars([
      file('b/\u{1f680}.tfevents', at(3, 30)),
      file('b/\uff5e.tfevents', at(2, 20)),
      file('b/1.tfevents', at(1, 10)),
      file('2.tfevents', at(1, 11)),
      file('10.tfevents', at(0, 10)),
    ]);
    expect(set.series.map(({ run, values }) => [run, [...values]])).toEqual([
      ['.', [10, 11]],
      ['b', [10, 20, 30]],
    ]);
    expect(set.files.map(({ path }) => path)).toEqual([
      '10.tfevents',
      '2.tfevents',
      'b/1.tfevents',
      'b/\uff5e.tfevents',
      'b/\u{1f680}.tfevents',
    ]);
    expect(set.notes).toEqual([]);
  });

  test('notes files that begin in another order than they sort in', async () => {
    const set = await readScalars([file('10.tfevents', at(5, 20)), file('9.tfevents', at(0, 10))]);
    expect(set.notes).toEqual([
      'Files are read in the order of their names, but "9.tfevents" begins earlier than "10.tfevents", which sorts before it',
    ]);
    expect(set.series[0]).toMatchObject({ removed: 1, steps: Float64Array.of(0) });
  });

  test('restarts reach over the files of a run, not over runs', async () => {
    const set = await readScalars([
      file('1.tfevents', at(5, 1)),
      file('2.tfevents', at(5, 2)),
      file('b/3.tfevents', at(4, 3)),
    ]);
    expect(set.series.map(({ removed, values }) => [removed, [...values]])).toEqual([
      [1, [2]],
      [0, [3]],
    ]);
  });

  test('that is empty is an empty answer', async () => {
    expect(await readScalars([])).toEqual({ series: [], files: [], notes: [] });
  });

  test('passes on what its source throws', async () => {
    const broken = { ...file('1.tfevents', at(0, 0)), bytes: failing() };
    await expect(readScalars([broken])).rejects.toThrow('gone');
  });
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield MIXED.subarray(0, 100);
  throw new Error('gone');
}

describe('tags', () => {
  test('are data, whatever they are called', async () => {
    const tags = ['__proto__', 'constructor', 'a\0b', '\ufeffbom', 'x'.repeat(LONGEST_TAG)];
    const set = await read(eventFile(tags.map((tag, step) => simpleValue(tag, step, step))));
    expect(set.series.map(({ tag }) => tag).sort()).toEqual(tags.sort());
  });

  test('that are overlong are left out with a note', async () => {
    const long = 'x'.repeat(LONGEST_TAG + 1);
    for (const wholeRecordBytes of [0, 1 << 20]) {
      const set = await read(eventFile([simpleValue(long, 0, 1), simpleValue('loss', 0, 1)]), {
        wholeRecordBytes,
      });
      expect(set.series.map(({ tag }) => tag)).toEqual(['loss']);
      expect(set.notes).toEqual(['"tfevents": left out a point whose tag is longer than 65536 bytes']);
      expect(set.files[0]?.damage).toBeNull();
    }
  });

  test('that are not UTF-8 spoil their whole record', async () => {
    const values = [
      concat([string(1, 'good'), float(2, 1)]),
      concat([bytes(1, Uint8Array.of(0xc3)), float(2, 1)]),
    ];
    const set = await read(eventFile([summaryEvent(0, 0, values)]));
    expect(set.series).toEqual([]);
    expect(set.files[0]).toMatchObject({ records: 1, damage: { kind: 'bad-record', recordsSkipped: 1 } });
  });

  test('are many', async () => {
    const tags = Array.from({ length: 20_000 }, (_, at) => `tag ${at}`);
    const set = await read(eventFile([...tags, ...tags].map((tag, at) => simpleValue(tag, at, at))));
    expect(set.series).toHaveLength(20_000);
    expect(set.series.every(({ values }) => values.length === 2)).toBe(true);
  });

  test('are a million and no more: those that come later are counted, and nothing of them is kept', async () => {
    // Each record by itself: a million of them as one array of parts would take a gigabyte here.
    async function* records() {
      for (let at = 0; at < 1_000_020; at += 1000) {
        const tags = Array.from({ length: Math.min(1000, 1_000_020 - at) }, (_, n) => `t${at + n}`);
        yield eventFile(tags.map((tag) => simpleValue(tag, 1, 1)));
      }
    }
    const set = await readScalars([
      { path: 'tfevents', run: '.', size: Number.MAX_SAFE_INTEGER, bytes: records() },
    ]);
    expect(set.series).toHaveLength(1_000_000);
    expect(set.series.every(({ values }) => values.length === 1)).toBe(true);
    expect(set.notes.join(' ')).toMatch(/20 .*tag|tag.* 20/);
  });

  test.each(['', 'a\nb', ' '])('may be %j', async (tag) => {
    const set = await read(eventFile([simpleValue(tag, 1, 1)]));
    expect(set.series.map((one) => one.tag)).toStrictEqual([tag]);
  });

  test('that nobody asked for have no series', async () => {
    const set = await read(MIXED, { tag: (tag) => tag === 'loss' });
    expect(set.series.map(({ tag }) => tag)).toEqual(['loss']);
    expect(set.files[0]?.records).toBe(11);
  });
});
