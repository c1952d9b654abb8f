import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { chunked } from '../../test/support/chunked.ts';
import { readPlainly } from '../../test/support/plain-reader.ts';
import {
  bytes,
  concat,
  double,
  event,
  eventFile,
  float,
  frame,
  image,
  sessionStart,
  simpleValue,
  string,
  summaryEvent,
  tensorScalar,
  varint,
} from '../../test/support/tfevents-writer.ts';
import { crc32c, spanOf } from './crc32c.ts';
import { EventReader } from './event.ts';
import { type ReadOptions, readRuns, readScalars } from './read.ts';
import type { RestartPolicy } from './restart.ts';
import { RunPoints } from './run-points.ts';
import { Scanner } from './scan.ts';

async function expectPlain(file: Uint8Array, options: { sizes?: number[]; restart?: RestartPolicy } = {}) {
  const { sizes = [file.length || 1], restart = 'preempt' } = options;
  const given = await readScalars(
    [{ path: 'tfevents', run: '.', size: file.length, bytes: chunked(file, ...sizes) }],
    { restart, learnAfter: 0 },
  );
  const wanted = readPlainly(file, restart);
  expect(given.series.map(({ run: _run, removed: _removed, ...rest }) => rest)).toEqual(wanted.series);
  expect(given.files[0]!.records).toBe(wanted.records);
}

// What writers write, and what lies close to it.
const step = fc.oneof(
  fc.nat(300),
  fc.constantFrom(
    0,
    1,
    127,
    128,
    16_383,
    16_384,
    2_097_151,
    2_097_152,
    2 ** 28 - 1,
    2 ** 28,
    2 ** 31,
    2 ** 40,
  ),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
);
const value = fc.oneof(fc.float(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY));
const wallTime = fc.oneof(
  fc.double({ min: 1.7e9, max: 1.8e9, noNaN: true }),
  fc.constantFrom(0, -0, Number.NaN, Number.NEGATIVE_INFINITY),
);
const tag = fc.constantFrom(
  'loss',
  'accuracy',
  'größe',
  'a',
  '',
  '\0\0\0\0\0\0\0\0\0',
  'x'.repeat(120),
  'y'.repeat(300),
);
/** Several scalars in one event, now and then two of one tag. */
const several = fc
  .record({ tags: fc.array(tag, { minLength: 2, maxLength: 4 }), step, value, wallTime, style: fc.nat(2) })
  .map(({ tags, step: at, value: number, wallTime: time, style }) =>
    summaryEvent(
      at,
      time,
      tags.map((name, place) => scalarOf(name, { value: number + place, isTensor: style > place })),
    ),
  );

function scalarOf(
  name: string,
  { value: number, isTensor }: { value: number; isTensor: boolean },
): Uint8Array {
  const content = bytes(4, new Uint8Array(Float32Array.of(number).buffer));
  return concat([string(1, name), isTensor ? bytes(8, concat([varint(1, 1), content])) : float(2, number)]);
}

const plugin = bytes(9, bytes(1, string(1, 'scalars')));
const record = fc.oneof(
  { weight: 6, arbitrary: fc.record({ tag, step, value, wallTime, style: fc.nat(9) }).map(write) },
  { weight: 3, arbitrary: several },
  { weight: 1, arbitrary: fc.record({ step: fc.nat(300) }).map(({ step: at }) => sessionStart(at)) },
  { weight: 1, arbitrary: fc.nat(300).map((size) => image('sample', 1, size)) },
);

function write(one: { tag: string; step: number | bigint; value: number; wallTime: number; style: number }) {
  const { tag: name, step: at, value: number, wallTime: time } = one;
  const named = string(1, name);
  const values: Readonly<Record<number, Uint8Array>> = {
    2: concat([
      named,
      bytes(8, concat([varint(1, 1), bytes(5, new Uint8Array(Float32Array.of(number).buffer))])),
      plugin,
    ]),
    3: concat([float(2, number), named]),
    4: concat([plugin, named, bytes(8, concat([varint(1, 1), float(5, number)]))]),
    5: concat([named, string(7, 'node'), float(2, 1), float(2, number), plugin]),
    6: concat([
      named,
      bytes(8, concat([varint(1, 3), varint(7, Number.isFinite(number) ? Math.trunc(number) : 7)])),
    ]),
  };
  if (one.style === 0) return simpleValue(name, at, number, time);
  if (one.style === 1) return tensorScalar(name, at, { value: number, wallTime: time });
  // The step last, and twice, and padded; the wall time behind the summary.
  const summary = bytes(5, bytes(1, concat([named, float(2, number)])));
  if (one.style === 7) return concat([summary, double(1, time), varint(2, 5), varint(2, at)]);
  if (one.style === 8) return concat([double(1, time), Uint8Array.of(0x10, 0x85, 0x80, 0x00), summary]);
  if (one.style === 9)
    return summaryEvent(
      at,
      time,
      [name, `${name} too`].map((both, place) => scalarOf(both, { value: number, isTensor: place === 1 })),
    );
  return summaryEvent(at, time, [values[one.style]!]);
}

describe('what is foretold', () => {
  test('is what the plain way gives, for whatever follows whatever', async () => {
    const policy = fc.constantFrom<RestartPolicy>('preempt', 'session', 'keep');
    const sizes = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 60 }),
        sizes,
        policy,
        async (records, chunks, restart) => {
          await expectPlain(eventFile(records), { sizes: chunks, restart });
        },
      ),
      { numRuns: 400 },
    );
  });

  test('is so for a job that writes the same tags in turn', async () => {
    const point = fc.record({ value, wallTime, jump: fc.constantFrom(1, 1, 1, 1, 100, 20_000, -50) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(point, { maxLength: 200 }),
        fc.constantFrom(0, 1, 9),
        async (points, style) => {
          let at = 0;
          const records = points.flatMap((one) => {
            at = Math.max(0, at + one.jump);
            return ['loss', 'acc', 'lr'].map((name) => write({ tag: name, step: at, ...one, style }));
          });
          await expectPlain(eventFile(records), { sizes: [1000] });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is so for mutants whose CRCs are right, and whose CRCs are not', async () => {
    const edit = fc.record({ record: fc.nat(30), at: fc.nat(120), to: fc.nat(255), isFramed: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.nat(9), fc.array(edit, { minLength: 1, maxLength: 6 }), async (style, edits) => {
        const payloads = Array.from({ length: 30 }, (_, at) =>
          write({
            tag: at % 2 === 0 ? 'loss' : 'acc',
            step: 100 + at,
            value: at / 7,
            wallTime: 1.75e9 + at,
            style,
          }),
        );
        for (const { record: number, at, to, isFramed } of edits) {
          const payload = payloads[number % 30]!;
          if (isFramed) payload[at % payload.length] = to;
        }
        const frames = payloads.map(frame);
        for (const { record: number, at, to, isFramed } of edits) {
          const whole = frames[number % 30]!;
          if (!isFramed) whole[at % whole.length] = to;
        }
        await expectPlain(concat(frames));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('many files of many runs give the same with and without what is foretold', () => {
  const options = fc.record({
    restart: fc.constantFrom<RestartPolicy>('preempt', 'session', 'keep'),
    duplicates: fc.constantFrom('all', 'last', 'mean' as const),
    wallTimes: fc.boolean(),
    maxTags: fc.constantFrom(1, 3, 1000),
    tag: fc.constantFrom(
      () => true,
      (name: string) => name !== 'loss',
    ),
  });
  const read = (files: readonly Uint8Array[], given: ReadOptions, learnAfter: number) =>
    Array.fromAsync(
      readRuns(
        files.map((file, at) => ({ path: `${at}`, run: `${at >> 1}`, bytes: chunked(file, 3000) })),
        { ...given, learnAfter },
      ),
      ({ series, ...rest }) => ({
        ...rest,
        series: series.map(({ tag: name, columns }) => ({
          name,
          removed: columns.removed,
          merged: columns.merged,
          ...columns.copy(),
          ends: columns.length > 0 && [columns.pointAt(0), columns.pointAt(columns.length - 1)],
        })),
      }),
    );

  test('whatever the records and the options', async () => {
    const files = fc.array(fc.array(record, { maxLength: 40 }).map(eventFile), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(files, options, async (some, given) => {
        expect(await read(some, given, 0)).toEqual(await read(some, given, Number.POSITIVE_INFINITY));
      }),
      { numRuns: 300 },
    );
  });

  test('where one chunk fills slots again and again, of tags that come together or seldom', async () => {
    const names = (step: number) => ['a', 'b', step % 100 === 0 ? `seldom ${step}` : 'c'];
    const rows = Array.from({ length: 9000 }, (_, step) =>
      names(step).map((name) => simpleValue(name, step, step / 3, step)),
    );
    const file = eventFile([...rows, ...rows.slice(4000, 4200)].flat());
    const one = async (learnAfter: number) => {
      const chunk = { path: 'tfevents', run: '.', bytes: chunked(file, file.length) };
      const [reading] = await Array.fromAsync(readRuns([chunk], { learnAfter }));
      const series = reading!.series.map(({ tag: name, columns }) => {
        const { steps, values, wallTimes } = columns.copy();
        return [
          name,
          columns.removed,
          ...[steps, values, wallTimes].map((all) => crc32c(spanOf(bytesOf(all)))),
        ];
      });
      return { series, files: reading!.files };
    };
    expect(await one(0)).toEqual(await one(Number.POSITIVE_INFINITY));
  });
});

test('without WebAssembly the plain way gives the same', async () => {
  const file = eventFile(Array.from({ length: 200 }, (_, step) => simpleValue('loss', step, step / 3, step)));
  const long = concat([file, frame(image('sample', 1, 40_000))]);
  const read = (reader: typeof readRuns) =>
    Array.fromAsync(
      reader([{ path: 'tfevents', run: '.', bytes: chunked(long, 5000) }], { learnAfter: 0 }),
      ({ series, files }) => ({ files, series: series.map(({ columns }) => columns.copy()) }),
    );
  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  const plain = await import('./read.ts');
  expect(await read(plain.readRuns)).toEqual(await read(readRuns));
  vi.unstubAllGlobals();
});

const bytesOf = (numbers: Float64Array) => new Uint8Array(numbers.buffer);

describe('the scanner', () => {
  function learnt(payload: Uint8Array): { scanner: Scanner; points: RunPoints } {
    const scanner = new Scanner({ learnAfter: 0 });
    const points = new RunPoints({});
    const [reader, whole] = [new EventReader(), spanOf(frame(payload))];
    for (let time = 0; time < 2; time++) {
      const span = { ...whole, start: 12, end: whole.end - 4 };
      expect(reader.read(span) && points.take(reader, span)).toBe(true);
      scanner.learn(reader, span, points);
    }
    return { scanner, points };
  }

  function values(at: number, ...all: Readonly<Record<string, number>>[]): Uint8Array {
    const pairs = all.flatMap((one) => Object.entries(one));
    return summaryEvent(
      at,
      1.75e9 + at,
      pairs.map(([name, number]) => scalarOf(name, { value: number, isTensor: false })),
    );
  }

  const scanned = (like: Uint8Array, ...others: Uint8Array[]) => {
    const { scanner, points } = learnt(like);
    return scanner.scan(spanOf(concat(others.map(frame))), points);
  };

  test.each([
    ['a simple value', simpleValue('loss', 3, 1, 5), simpleValue('loss', 4, 2, 6)],
    ['a tensor', tensorScalar('loss', 3, { value: 1 }), tensorScalar('loss', 100, { value: 2 })],
    ['a record without a step', simpleValue('loss', 0, 1, 5), simpleValue('loss', 0, 2, 6)],
    ['a step of four bytes', simpleValue('loss', 2 ** 28 - 1, 1, 5), simpleValue('loss', 2 ** 27, 2, 6)],
    ['several values', values(3, { a: 1, b: 2, c: 3 }), values(4, { a: 4, b: 5, c: 6 })],
    [
      'five hundred bytes of values',
      values(3, Object.fromEntries(Array.from({ length: 28 }, (_, at) => [`tag ${at}`, at]))),
      values(4, Object.fromEntries(Array.from({ length: 28 }, (_, at) => [`tag ${at}`, -at]))),
    ],
  ])('takes %s', (_what, like, other) => {
    expect(scanned(like, other, other)).toBe(2);
  });

  test.each([
    ['another tag', simpleValue('loss', 3, 1), simpleValue('lost', 3, 1)],
    ['another length of step', simpleValue('loss', 3, 1), simpleValue('loss', 300, 1)],
    ['another style', simpleValue('loss', 3, 1), tensorScalar('loss', 3, { value: 1 })],
    ['a step of five bytes', simpleValue('loss', 2 ** 28, 1), simpleValue('loss', 2 ** 28, 1)],
    [
      'a double',
      tensorScalar('x', 3, { value: 1, dtype: 'float64' }),
      tensorScalar('x', 3, { value: 1, dtype: 'float64' }),
    ],
    ['a payload over 512 bytes', simpleValue('x'.repeat(510), 3, 1), simpleValue('x'.repeat(510), 3, 1)],
    ['two tags in one event', simpleValue('a', 1, 1), summaryEvent(1, 0, [string(1, 'a'), string(1, 'b')])],
    ['two values of one tag in one event', values(3, { a: 1 }, { a: 2 }), values(4, { a: 1 }, { a: 2 })],
    ['an event that has a value more', values(3, { a: 1, b: 1 }), values(4, { a: 1, b: 1, c: 1 })],
    ['the same values in another order', values(3, { a: 1, b: 1 }), values(4, { b: 1, a: 1 })],
    ['a START', simpleValue('a', 3, 1), sessionStart(3)],
    [
      'an event of another kind',
      simpleValue('a', 1, 1),
      event(1, { wallTime: 0, what: bytes(4, new Uint8Array(3)) }),
    ],
  ])('leaves %s', (_what, like, other) => {
    expect(scanned(like, other)).toBe(0);
  });

  test('leaves a record that is cut, and one with any bit turned', () => {
    const { scanner, points } = learnt(simpleValue('loss', 3, 1, 1.75e9));
    const whole = frame(simpleValue('loss', 4, 2, 1.75e9));
    for (let length = 0; length < whole.length; length++)
      expect(scanner.scan(spanOf(whole.subarray(0, length)), points)).toBe(0);
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const turned = whole.slice();
      turned[bit >> 3]! ^= 1 << (bit & 7);
      expect(scanner.scan(spanOf(turned), points)).toBe(0);
    }
    expect(scanner.scan(spanOf(whole), points)).toBe(1);
  });
});
