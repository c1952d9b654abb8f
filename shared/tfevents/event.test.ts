import { describe, expect, test } from 'vitest';
import {
  bytes,
  concat,
  double,
  event,
  float,
  frame,
  simpleValue,
  string,
  summaryEvent,
  varint,
} from '../../test/support/tfevents-writer.ts';
import { spanOf } from './crc32c.ts';
import { EventReader, LONGEST_TAG } from './event.ts';
import { Pruner } from './prune.ts';
import { RecordReader } from './record.ts';

interface Told {
  wallTime: number;
  step: number;
  points: [tag: string, value: number][];
  isStart: boolean;
}

/** What an event says; null if it is none. */
function tell(payload: Uint8Array): Told | null {
  const reader = new EventReader();
  if (!reader.read(spanOf(payload))) return null;
  const { wallTime, step, isStart, count } = reader;
  const tag = (at: number) =>
    new TextDecoder().decode(payload.subarray(reader.tagFrom[at], reader.tagTo[at]));
  const points = Array.from({ length: count }, (_, at): [string, number] => [tag(at), reader.values[at]!]);
  return { wallTime, step, points, isStart };
}

const pointsOf = (payload: Uint8Array) => tell(payload)?.points ?? null;
const one = (...fields: Uint8Array[]) => summaryEvent(0, 0, [concat(fields)]);
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

// Whole records as bytes. Their CRCs and what is in them were checked with TensorBoard 2.21's own
// tf_record reader and protobuf classes.
const VECTORS: [name: string, record: string, step: number, point: [string, number] | null][] = [
  ['empty payload', '0000000000000000 29039807 d8ea82a2', 0, null],
  [
    'file_version',
    '1800000000000000a37f4b220900000040f882d7411a0d627261696e2e4576656e743a329ad1c294',
    0,
    null,
  ],
  [
    'simple_value',
    '1a00000000000000129bd82d0900004040f882d74110032a0d0a0b0a046c6f7373150000003fda1cf073',
    3,
    ['loss', 0.5],
  ],
  [
    'TF2 tensor',
    '2e00000000000000c5cb57fa0900004040f882d74110032a210a1f0a046c6f7373420a0801120022040000003f4a0b0a090a077363616c617273 56b85e49',
    3,
    ['loss', 0.5],
  ],
  [
    'torch new_style',
    '2c00000000000000f4aecc450900004040f882d74110032a1f0a1d0a046c6f7373420808012a040000003f4a0b0a090a077363616c617273 74e25aff',
    3,
    ['loss', 0.5],
  ],
  [
    'torch double',
    '300000000000000095f5d05f0900004040f882d74110032a230a210a046c6f7373420c080232089a9999999999b93f4a0b0a090a077363616c617273 3d6538b0',
    3,
    ['loss', 0.1],
  ],
  [
    'NaN simple_value',
    '1700000000000000e7cef81e0900004040f882d74110012a0a0a080a0161150000c07f067dd342',
    1,
    ['a', Number.NaN],
  ],
  [
    'int64_val -5',
    '2f000000000000006d5d1d500900004040f882d74110012a220a200a0161420e0809520afbffffffffffffffff014a0b0a090a077363616c617273f18d8e77',
    1,
    ['a', -5],
  ],
  [
    'uint64_val 2^64-1',
    '300000000000000095f5d05f0900004040f882d74110012a230a210a0161420f08178a010affffffffffffffffff014a0b0a090a077363616c617273793a8651',
    1,
    ['a', 2 ** 64],
  ],
  [
    'half_val',
    '2700000000000000bbe1b1460900004040f882d74110012a1a0a180a0161420608136a0280704a0b0a090a077363616c6172734ccaafbe',
    1,
    ['a', 0.5],
  ],
  [
    'bfloat16',
    '2700000000000000bbe1b1460900004040f882d74110012a1a0a180a01614206080e6a02807e4a0b0a090a077363616c6172733df81f96',
    1,
    ['a', 0.5],
  ],
  [
    'bool true',
    '2600000000000000734fe3000900004040f882d74110012a190a170a01614205080a5a01014a0b0a090a077363616c6172737dde9335',
    1,
    ['a', 1],
  ],
  [
    'float of shape [1]',
    '2f000000000000006d5d1d500900004040f882d74110012a220a200a0161420e08011204120208012a040000003f4a0b0a090a077363616c61727392c737e1',
    1,
    ['a', 0.5],
  ],
  [
    'unpacked float_val',
    '2800000000000000ff70164a0900004040f882d74110012a1b0a190a0161420708012d0000003f4a0b0a090a077363616c61727382e50537',
    1,
    ['a', 0.5],
  ],
  ['step -1, nothing else', '0b000000000000008615f50410ffffffffffffffffff01540f63e4', -1, null],
];

describe('known records', () => {
  test.each(VECTORS)('%s', (_name, record, step, point) => {
    const reader = new RecordReader(new Pruner());
    reader.push(hex(record));
    expect(reader.next()).toBe('record');
    const { bytes: all, start, end } = reader.payload;
    const told = tell(all.slice(start, end));
    expect(told).toMatchObject({ step, isStart: false, points: point === null ? [] : [point] });
    expect([reader.next(), reader.finish()]).toEqual(['more', null]);
  });

  test('SessionLog START at step 100', () => {
    const record = hex('0f000000000000006d532b090900008040f882d74110643a020801cce34be9');
    expect(tell(record.slice(12, -4))).toEqual({
      wallTime: 1577836802,
      step: 100,
      points: [],
      isStart: true,
    });
  });

  test('the helper of our tests writes the simple_value record byte for byte', () => {
    const record = frame(simpleValue('loss', 3, 0.5, 1577836801));
    expect(Buffer.from(record).toString('hex')).toBe(VECTORS[2]![1]);
  });
});

describe('protobuf', () => {
  const loss = concat([string(1, 'loss'), float(2, 0.5)]);
  const tensor = (value: number) => concat([varint(1, 1), float(5, value)]);

  test('fields come in any order', () => {
    const summary = bytes(5, bytes(1, concat([float(2, 0.5), string(1, 'loss')])));
    const told = { wallTime: 7, step: 3, points: [['loss', 0.5]], isStart: false };
    expect(tell(concat([summary, varint(2, 3), double(1, 7)]))).toEqual(told);
  });

  test('of a single field the last counts', () => {
    const value = concat([string(1, 'a'), float(2, 1), string(1, 'b'), float(2, 2)]);
    expect(
      tell(concat([varint(2, 1), double(1, 1), varint(2, 2), double(1, 2), bytes(5, bytes(1, value))])),
    ).toEqual({
      wallTime: 2,
      step: 2,
      points: [['b', 2]],
      isStart: false,
    });
  });

  test('an event may hold many values, and two summaries add up', () => {
    const other = concat([string(1, 'b'), float(2, 1)]);
    const all = [
      ['loss', 0.5],
      ['b', 1],
      ['loss', 0.5],
    ];
    expect(
      pointsOf(concat([bytes(5, concat([bytes(1, loss), bytes(1, other)])), bytes(5, bytes(1, loss))])),
    ).toEqual(all);
  });

  test.each([3, 4, 6, 7, 8, 9])(
    'of the kinds of event the last counts: a summary, then field %i',
    (field) => {
      const [summary, other] = [bytes(5, bytes(1, loss)), bytes(field, new Uint8Array(0))];
      expect(pointsOf(concat([summary, other]))).toEqual([]);
      expect(pointsOf(concat([summary, other, summary]))).toEqual([['loss', 0.5]]);
    },
  );

  test('source_metadata is beside the kinds', () => {
    expect(pointsOf(concat([bytes(5, bytes(1, loss)), bytes(10, string(1, 'w'))]))).toEqual([['loss', 0.5]]);
  });

  test('a START is taken back by what follows, and its fields are merged', () => {
    const [start, stop] = [bytes(7, varint(1, 1)), bytes(7, varint(1, 2))];
    expect(tell(start)?.isStart).toBe(true);
    expect(tell(concat([start, bytes(7, new Uint8Array(0))]))?.isStart).toBe(true);
    expect(tell(concat([start, stop]))?.isStart).toBe(false);
    expect(tell(concat([stop, start]))?.isStart).toBe(true);
    expect(tell(concat([start, bytes(5, new Uint8Array(0))]))?.isStart).toBe(false);
  });

  test.each([
    ['simple, then tensor', [float(2, 1), bytes(8, tensor(2))], [['a', 2]]],
    ['tensor, then simple', [bytes(8, tensor(2)), float(2, 1)], [['a', 1]]],
    ['simple, then image', [float(2, 1), bytes(4, new Uint8Array(0))], []],
    ['simple, then old histogram', [float(2, 1), bytes(3, new Uint8Array(0))], []],
    ['simple, then histogram', [float(2, 1), bytes(5, new Uint8Array(0))], []],
    ['simple, then audio', [float(2, 1), bytes(6, new Uint8Array(0))], []],
    ['simple, then metadata', [float(2, 1), bytes(9, new Uint8Array(0))], [['a', 1]]],
    ['simple, then a legacy name', [float(2, 1), string(7, 'n')], [['a', 1]]],
    ['two tensors are one of two elements', [bytes(8, tensor(1)), bytes(8, tensor(2))], []],
    ['a tensor in two halves', [bytes(8, varint(1, 1)), bytes(8, float(5, 2))], [['a', 2]]],
    [
      'a tensor after another kind starts anew',
      [bytes(8, tensor(1)), float(2, 1), bytes(8, tensor(2))],
      [['a', 2]],
    ],
  ])('of the kinds of value the last counts: %s', (_name, fields, points) => {
    expect(pointsOf(one(string(1, 'a'), ...fields))).toEqual(points);
  });

  test('a known field of another wire type is an unknown one', () => {
    const strange = [varint(1, 7), double(2, 7), varint(5, 7), float(7, 7), bytes(1, string(1, 'x'))];
    expect(tell(concat([...strange, summaryEvent(4, 9, [loss])]))).toMatchObject({
      wallTime: 9,
      step: 4,
      points: [['loss', 0.5]],
    });
    expect(pointsOf(one(varint(1, 3), double(2, 7), varint(8, 1), loss))).toEqual([['loss', 0.5]]);
  });

  test('padded varints are read up to ten bytes', () => {
    const step = (bytes: string) => tell(concat([hex('10'), hex(bytes)]))?.step;
    expect(step('85808000')).toBe(5);
    expect(step('85808080808080808000')).toBe(5);
    expect(step('8580808080808080807e')).toBe(5);
    expect(step('8580808080808080808000')).toBeUndefined();
    expect(step('ffffffffffffffffff01')).toBe(-1);
    expect(step('80808080808080808001')).toBe(-(2 ** 63));
    expect(step('8080808010')).toBe(2 ** 32);
    expect(step('ffffffff0f')).toBe(2 ** 32 - 1);
  });

  test('groups are passed over, nested up to a hundred deep', () => {
    // Field 20: keys a3 01 to open and a4 01 to close a group.
    const nest = (depth: number) =>
      Uint8Array.from({ length: 4 * depth }, (_, at) => (at % 2 === 1 ? 1 : at < 2 * depth ? 0xa3 : 0xa4));
    expect(pointsOf(concat([nest(100), summaryEvent(0, 0, [loss])]))).toEqual([['loss', 0.5]]);
    expect(tell(nest(101))).toBeNull();
    expect(tell(nest(1_000_000))).toBeNull();
    const filled = concat([
      hex('2b'),
      varint(2, 9),
      double(1, 9),
      bytes(5, bytes(1, loss)),
      float(3, 1),
      hex('2c'),
    ]);
    expect(tell(filled)).toEqual({ wallTime: 0, step: 0, points: [], isStart: false });
  });

  test.each([
    ['field 0', '0001'],
    ['wire type 6', '0e01'],
    ['wire type 7', '0f01'],
    ['a group that does not end', '2b'],
    ['a group that ends as another', '2b34'],
    ['an end without a group', '2c'],
    ['a varint without end', '10ff'],
    ['a key without value', '10'],
    ['a double cut short', '0900000000'],
    ['a field longer than the event', '2a05 0a00'],
    ['a length of 2^63', '2a 80808080808080808001'],
    ['a key beyond 32 bits', '8a8080808001 00'],
    ['a value longer than the summary', '2a02 0a05'],
    ['a tag longer than the value', '2a04 0a02 0a05'],
    ['a float cut short', '2a05 0a03 150000'],
    ['a tensor that is none', '2a06 0a04 4202 0801 0e'],
    ['a shape that is none', '2a08 0a06 4204 1202 0a05'],
    ['packed floats of five bytes', '2a0b 0a09 4207 2a05 0000000000'],
    ['a packed varint without end', '2a08 0a06 4204 5a02 01ff'],
    ['a session log that is none', '3a01 08'],
  ])('%s is no event', (_name, text) => {
    expect(tell(hex(text))).toBeNull();
  });

  test('a malformed summary spoils the event even where another kind follows', () => {
    expect(tell(concat([hex('2a02 0a05'), bytes(4, new Uint8Array(0))]))).toBeNull();
  });
});

describe('tags', () => {
  test('that are overlong are left out and counted, the others stay', () => {
    const reader = new EventReader();
    const long = concat([string(1, 'x'.repeat(LONGEST_TAG + 1)), float(2, 1)]);
    const longest = concat([string(1, 'x'.repeat(LONGEST_TAG)), float(2, 2)]);
    expect(reader.read(spanOf(summaryEvent(0, 0, [long, longest])))).toBe(true);
    expect([reader.count, reader.values[0], reader.overlongTags]).toEqual([1, 2, 1]);
  });

  test('that are not UTF-8 spoil the event, even of an image', () => {
    expect(tell(one(bytes(1, Uint8Array.of(0xff)), bytes(4, new Uint8Array(0))))).toBeNull();
  });

  test('steps beyond 2^53 keep what a double rounds away', () => {
    const reader = new EventReader();
    for (const [step, rest] of [
      [2n ** 53n + 1n, 1],
      [2n ** 53n, 0],
      [-(2n ** 53n) - 1n, -1],
      [2n ** 63n - 1n, -1],
      [-(2n ** 63n), 0],
      [5n, 0],
    ] as const) {
      reader.read(spanOf(event(step, { wallTime: 0, what: new Uint8Array(0) })));
      expect(BigInt(reader.step) + BigInt(reader.stepRest)).toBe(step);
      expect(reader.stepRest).toBe(rest);
    }
  });
});
