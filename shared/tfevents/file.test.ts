import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunked } from '../../test/support/chunked.ts';
import {
  bytes,
  concat,
  eventFile,
  float,
  frame,
  image,
  scalars,
  simpleValue,
  string,
  summaryEvent,
} from '../../test/support/tfevents-writer.ts';
import { FileReader } from './file.ts';
import { type PointOptions, RunPoints } from './run-points.ts';
import type { FileOptions, ScalarFile } from './scalar-file.ts';

async function read(
  content: Uint8Array,
  {
    chunk = 100,
    file = {},
    ...options
  }: FileOptions & PointOptions & { chunk?: number; file?: Partial<ScalarFile> } = {},
) {
  const points = new RunPoints(options);
  const offset = file.offset ?? 0;
  const report = await new FileReader(options).read(
    {
      path: 'tfevents',
      run: '.',
      size: content.length,
      bytes: chunked(content.subarray(offset), chunk),
      ...file,
    },
    () => points,
  );
  const values = points.series().map(({ tag, columns }) => [tag, ...columns.copyValues()]);
  return { report, values };
}

/** Where the records of a sound file begin, and its end. */
function places(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset);
  const all = [0];
  for (let at = 0; at < file.length; all.push(at)) at += 16 + view.getUint32(at, true);
  return all;
}

const VALUES = [1, 2, 3, 4, 5, 6];
const FILE = eventFile(scalars({ loss: VALUES }, { wallTime: 100 }));
const AT = places(FILE);

function spoil(...where: number[]): Uint8Array {
  const file = FILE.slice();
  for (const at of where) file[at]! ^= 0x41;
  return file;
}

describe('behind a damaged length', () => {
  test('nothing is read, and the report says how much that is', async () => {
    const { report, values } = await read(spoil(AT[3]!));
    expect(values).toEqual([['loss', 1, 2]]);
    expect(report).toMatchObject({
      damage: { offset: AT[3], kind: 'length-crc', recordsSkipped: 0 },
      skipped: { records: 0, bytes: FILE.length - AT[3]! },
      resyncs: 0,
      resumeAt: AT[3],
    });
  });

  test('the next record is found in chunks of any size', async () => {
    for (const chunk of [1, 2, 7, 12, 13, 100, 10_000]) {
      const { report, values } = await read(spoil(AT[3]! + 8), { resync: 1000, chunk });
      expect(values).toEqual([['loss', 1, 2, 4, 5, 6]]);
      expect(report).toMatchObject({
        damage: { offset: AT[3], kind: 'length-crc' },
        skipped: { records: 0, bytes: AT[4]! - AT[3]! },
        resyncs: 1,
        resumeAt: FILE.length,
      });
    }
  });

  test('it is found again and again, past zeros, garbage and pieces of records', async () => {
    const holes = [
      new Uint8Array(300),
      Uint8Array.from({ length: 200 }, (_, at) => at * 77),
      FILE.subarray(AT[2], AT[2]! + 30),
    ];
    const parts = AT.slice(1, -1).flatMap((from, at) => [FILE.subarray(from, AT[at + 2]), holes[at % 3]!]);
    for (const chunk of [1, 50, 5000]) {
      const { report, values } = await read(concat([FILE.subarray(0, AT[1]), ...parts]), {
        resync: 1000,
        chunk,
      });
      expect(values).toEqual([['loss', ...VALUES]]);
      expect(report).toMatchObject({ resyncs: 5, damage: { kind: 'zero-filled', offset: AT[2] } });
    }
  });

  test('it is looked for only so far', async () => {
    const file = concat([FILE.subarray(0, AT[2]), new Uint8Array(500), FILE.subarray(AT[2])]);
    expect((await read(file, { resync: 499 })).values).toEqual([['loss', 1]]);
    expect((await read(file, { resync: 500 })).values).toEqual([['loss', ...VALUES]]);
  });

  test('a length that is right by itself leads nowhere, at the end of the file either', async () => {
    const empty = frame(new Uint8Array(70));
    for (const cut of [5, 12, 20]) {
      const file = concat([spoil(AT[3]!).subarray(0, AT[5]), empty.subarray(0, cut), FILE.subarray(AT[5])]);
      for (const chunk of [9, 5000])
        expect((await read(file, { resync: 5000, chunk })).values).toEqual([['loss', 1, 2, 4, 5, 6]]);
    }
    expect((await read(spoil(AT[6]!), { resync: 5000 })).report).toMatchObject({ resyncs: 0, records: 6 });
  });

  test('headers without end cost no more than a bound', async () => {
    // Each of them claims what is not there; each claim would be checked over megabytes.
    const header = frame(new Uint8Array(600_000)).subarray(0, 12);
    const trap = concat(Array.from({ length: 100_000 }, () => header));
    const file = concat([FILE.subarray(0, AT[1]), Uint8Array.of(7), trap]);
    const { report } = await read(file, { resync: 1 << 21, chunk: 100_000 });
    expect(report).toMatchObject({ resyncs: 0, records: 1, damage: { kind: 'length-crc' } });
  });

  test('what no event file is, is not searched', async () => {
    const { report } = await read(concat([new TextEncoder().encode('<!doctype html>'), FILE]), {
      resync: 1000,
    });
    expect(report).toMatchObject({
      records: 0,
      looksLike: 'HTML or XML',
      damage: { kind: 'not-an-event-file' },
    });
  });

  test('whatever bytes are changed, every record that was not touched is found', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(FILE.length - 1), { maxLength: 5 }),
        fc.integer({ min: 1, max: 90 }),
        async (where, chunk) => {
          const file = spoil(...new Set(where));
          const { report, values } = await read(file, { resync: 100_000, chunk });
          const whole = VALUES.filter((_, at) => {
            const [from, to] = [AT[at + 1]!, AT[at + 2]!];
            return file.subarray(from, to).every((byte, place) => byte === FILE[from + place]);
          });
          expect(values[0]?.slice(1) ?? []).toEqual(whole);
          expect(report.damage !== null).toBe(where.length > 0);
        },
      ),
    );
  });
});

describe('a file that grew', () => {
  test('is read on from where it ended, at whatever byte that was', async () => {
    const whole = await read(FILE);
    for (let length = 0; length <= FILE.length; length++) {
      const before = await read(FILE.subarray(0, length));
      const { resumeAt } = before.report;
      expect(AT).toContain(resumeAt);
      const after = await read(FILE, { file: { offset: resumeAt } });
      const both = [...before.values, ...after.values].flatMap(([, ...values]) => values);
      expect(both).toEqual(VALUES);
      expect(before.report.records + after.report.records).toBe(whole.report.records);
      expect(after.report).toMatchObject({ bytes: FILE.length, resumeAt: FILE.length, damage: null });
    }
  });

  test('tells damage by its place in the whole file', async () => {
    const { report } = await read(spoil(AT[5]!), { file: { offset: AT[3]! } });
    expect(report).toMatchObject({ damage: { offset: AT[5] }, records: 2, resumeAt: AT[5] });
  });
});

describe('what is not verified', () => {
  const blob = 300_000;
  const mixed = eventFile([
    simpleValue('loss', 0, 1),
    summaryEvent(1, 0, [
      concat([string(1, 'sample'), bytes(4, new Uint8Array(blob))]),
      concat([string(1, 'loss'), float(2, 2)]),
    ]),
    image('sample', 2, blob),
    simpleValue('loss', 3, 3),
  ]);
  const from = (opened: number[]) => (offset: number) => {
    opened.push(offset);
    return chunked(mixed.subarray(offset), 1000);
  };
  const options = { wholeRecordBytes: 1000, stepOver: 100_000, chunk: 1000 };

  test('is nothing, unless asked', async () => {
    const opened: number[] = [];
    const { report, values } = await read(mixed, { ...options, file: { from: from(opened) } });
    expect([values, opened, report.unverifiedBytes]).toEqual([[['loss', 1, 2, 3]], [], 0]);
  });

  test('is what was stepped over with "parsed", and the points behind it are there', async () => {
    const opened: number[] = [];
    const { report, values } = await read(mixed, {
      ...options,
      verify: 'parsed',
      file: { from: from(opened) },
    });
    expect(values).toEqual([['loss', 1, 2, 3]]);
    expect(opened).toHaveLength(2);
    expect(opened.every((at, turn) => at > (turn + 1) * blob)).toBe(true);
    expect(report).toMatchObject({ records: 5, damage: null, resumeAt: mixed.length, bytes: mixed.length });
    expect(report.unverifiedBytes).toBeGreaterThan(2 * blob);
    expect(report.unverifiedBytes).toBeLessThan(2 * blob + 200);
  });

  test('steps over nothing that is smaller than is worth it, or cannot be stepped over', async () => {
    const opened: number[] = [];
    const small = { ...options, verify: 'parsed', stepOver: 400_000 } as const;
    expect((await read(mixed, { ...small, file: { from: from(opened) } })).report.unverifiedBytes).toBe(0);
    expect((await read(mixed, { ...options, verify: 'parsed' })).report.unverifiedBytes).toBe(0);
    expect(opened).toEqual([]);
  });

  test('does not hide that the file is cut inside a blob', async () => {
    const cut = mixed.subarray(0, 200_000);
    const { report, values } = await read(cut, {
      ...options,
      verify: 'parsed',
      file: { from: (offset) => chunked(cut.subarray(offset), 1000) },
    });
    expect(values).toEqual([['loss', 1]]);
    expect(report).toMatchObject({ damage: { kind: 'truncated' }, records: 2 });
  });

  test('is every payload with "length", which takes what has a wrong CRC', async () => {
    const file = spoil(AT[2]! - 1);
    expect((await read(file)).report.damage).toMatchObject({ kind: 'data-crc', recordsSkipped: 1 });
    const { report, values } = await read(file, { verify: 'length' });
    expect(values).toEqual([['loss', ...VALUES]]);
    expect(report).toMatchObject({ damage: null });
    expect(report.unverifiedBytes).toBeGreaterThan(0);
  });
});

test('a record that is skipped counts with its bytes', async () => {
  const { report } = await read(spoil(AT[2]! - 1, AT[4]! - 1));
  expect(report.skipped).toEqual({ records: 2, bytes: AT[2]! - AT[1]! + AT[4]! - AT[3]! });
});
