import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytes,
  concat,
  double,
  float,
  image,
  simpleValue,
  string,
  summaryEvent,
  tensorScalar,
  varint,
} from '../../test/support/tfevents-writer.ts';
import { type Span, spanOf } from './crc32c.ts';
import { EventReader } from './event.ts';
import { PlainRecord } from './plain.ts';

const torch = (tag: string, step: number) =>
  summaryEvent(step, 7, [
    concat([
      string(1, tag),
      bytes(8, concat([varint(1, 1), bytes(5, float(5, 0.5).subarray(1))])),
      bytes(9, bytes(1, string(1, 'scalars'))),
    ]),
  ]);

/** The payload as it lies in a file: other bytes before and behind it. */
function amid(payload: Uint8Array): Span {
  const all = concat([Uint8Array.of(9, 9, 9), payload, Uint8Array.of(0x15, 0, 0, 0)]);
  return { ...spanOf(all), start: 3, end: 3 + payload.length };
}

const isPlain = (payload: Uint8Array) => new PlainRecord().read(amid(payload));

function contentOf(reader: EventReader) {
  const { wallTime, step, stepRest, isStart, count, overlongTags, tagFrom, tagTo, values } = reader;
  const points = Array.from({ length: count }, (_, at) => [tagFrom[at], tagTo[at], values[at]]);
  return { wallTime, step, stepRest, isStart, overlongTags, points };
}

/** What the short way and the walk say of the same bytes. */
function bothWays(payload: Uint8Array) {
  const [short, long] = [new EventReader(), new EventReader()];
  const span = amid(payload);
  return [
    [short.read(span), contentOf(short)],
    [long.walk(span), contentOf(long)],
  ];
}

describe('the short way', () => {
  test.each([
    ['simple value', simpleValue('loss', 3, 0.5, 7)],
    ['without a step', simpleValue('loss', 0, 0.5, 7)],
    ['at step 2^28 - 1', simpleValue('loss', 2 ** 28 - 1, 0.5, 7)],
    ['TF2', tensorScalar('train/loss', 300, { value: 0.5, wallTime: 7 })],
    ['torch new_style', torch('loss', 70_000)],
    ['an empty tag', tensorScalar('', 1, { value: 0.5 })],
  ])('takes %s', (_name, payload) => {
    expect(isPlain(payload)).toBe(true);
    const [short, long] = bothWays(payload);
    expect(short).toEqual(long);
  });

  test.each([
    ['a step of five bytes', simpleValue('loss', 2 ** 28, 0.5)],
    ['a negative step', simpleValue('loss', -1, 0.5)],
    [
      'two values',
      summaryEvent(1, 1, [concat([string(1, 'a'), float(2, 1)]), concat([string(1, 'b'), float(2, 1)])]),
    ],
    ['something behind the summary', concat([simpleValue('loss', 1, 0.5), varint(2, 9)])],
    ['a long tag', simpleValue('x'.repeat(130), 1, 0.5)],
    ['a double', tensorScalar('loss', 1, { value: 0.5, dtype: 'float64' })],
    ['an image', image('x', 1, 20)],
    ['an empty payload', new Uint8Array(0)],
    ['a value before its tag', summaryEvent(1, 1, [concat([float(2, 1), string(1, 'loss')])])],
    ['two simple values', summaryEvent(1, 1, [concat([string(1, 'a'), float(2, 1), float(2, 2)])])],
    ['a step before the wall time', concat([varint(2, 1), double(1, 1), simpleValue('loss', 1, 0.5)])],
  ])('leaves %s to the walk', (_name, payload) => {
    expect(isPlain(payload)).toBe(false);
    const [short, long] = bothWays(payload);
    expect(short).toEqual(long);
  });

  test('says what the walk says of any bytes that look alike', () => {
    const payloads = [
      simpleValue('loss', 3, 0.5, 7),
      simpleValue('a', 0, 1),
      tensorScalar('loss', 300, { value: 0.5 }),
      torch('loss', 7),
    ];
    const value = fc.oneof(
      fc.nat(255),
      fc.constantFrom(0, 1, 4, 8, 9, 0x0a, 0x10, 0x15, 0x2a, 0x42, 0x4a, 0x7f, 0x80, 0xff),
    );
    const edits = fc.array(fc.record({ at: fc.nat(80), to: value }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.constantFrom(...payloads),
        edits,
        fc.integer({ min: -3, max: 3 }),
        (payload, changes, longer) => {
          const changed = new Uint8Array(payload.length + longer);
          changed.set(payload.subarray(0, changed.length));
          for (const { at, to } of changes) changed[at % changed.length] = to;
          const [short, long] = bothWays(changed);
          if (long?.[0]) expect(short).toEqual(long);
          else expect(short?.[0]).toBe(false);
        },
      ),
      { numRuns: 20_000 },
    );
  });
});
