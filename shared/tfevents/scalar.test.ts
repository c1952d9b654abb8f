import { describe, expect, test } from 'vitest';
import {
  bytes,
  concat,
  double,
  float,
  rawVarint,
  string,
  varint,
} from '../../test/support/tfevents-writer.ts';
import { spanOf } from './crc32c.ts';
import { TensorScalar } from './scalar.ts';
import { WireReader } from './wire.ts';

/** The number of a TensorProto, `none` if it is no scalar, `malformed` if it is no TensorProto. */
function numberOf(...fields: Uint8Array[]): number | 'none' | 'malformed' {
  const outer = spanOf(bytes(8, concat(fields)));
  const reader = new WireReader();
  const tensor = new TensorScalar();
  reader.open(outer);
  tensor.reset();
  if (!reader.next() || !tensor.merge(reader)) return 'malformed';
  return tensor.decode(outer) ? tensor.number : 'none';
}

const dtype = (number: number) => varint(1, number);
const shape = (...sizes: number[]) => bytes(2, concat(sizes.map((size) => bytes(2, varint(1, size)))));
const content = (...all: number[]) => bytes(4, Uint8Array.from(all));
const packed = (field: number, ...values: (number | bigint)[]) => bytes(field, concat(values.map(rawVarint)));

// Contents as numpy 2.4 writes them: np.array(x, dtype).tobytes().
describe('one element, as content and as value', () => {
  test.each([
    ['float32', 1, [0xcd, 0xcc, 0xcc, 0x3d], float(5, 0.1), Math.fround(0.1)],
    ['float64', 2, [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f], double(6, 0.1), 0.1],
    ['int32', 3, [0xfe, 0xff, 0xff, 0xff], packed(7, -2), -2],
    ['uint8', 4, [0xfe], packed(7, 254), 254],
    ['uint8 as torch writes it', 4, [0xfe], packed(16, 254), 254],
    ['int16', 5, [0xfe, 0xff], packed(7, -2), -2],
    ['int8', 6, [0xfe], packed(7, -2), -2],
    ['int64', 9, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], packed(10, -2n), -2],
    ['bool', 10, [1], packed(11, 1), 1],
    ['bool false', 10, [0], packed(11, 0), 0],
    ['bfloat16', 14, [0x20, 0xc0], packed(13, 0xc020), -2.5],
    ['uint16', 17, [0xfe, 0xff], packed(7, 65_534), 65_534],
    ['float16', 19, [0x66, 0x2e], packed(13, 0x2e66), 0.0999755859375],
    ['uint32', 22, [0xfe, 0xff, 0xff, 0xff], packed(16, 4_294_967_294), 4_294_967_294],
    ['uint64', 23, [0, 0, 0, 0, 0, 0, 0, 0x80], packed(17, 2n ** 63n), 2 ** 63],
  ])('%s', (_name, type, raw, value, wanted) => {
    expect(numberOf(dtype(type), content(...raw))).toBe(wanted);
    expect(numberOf(dtype(type), value)).toBe(wanted);
    expect(numberOf(value, dtype(type), shape(1, 1))).toBe(wanted);
    expect(numberOf(dtype(type), content(...raw, ...raw))).toBe('none');
    expect(numberOf(dtype(type), value, value)).toBe('none');
    expect(numberOf(dtype(type))).toBe('none');
  });
});

describe('16 bit floats', () => {
  // numpy 2.4: np.array(bits, np.uint16).view(np.float16); the first two are the ends of the denormals.
  test.each([
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x7bff, 65_504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
    [0x8000, -0],
  ])('%i', (bits, wanted) => {
    expect(numberOf(dtype(19), packed(13, bits))).toBe(wanted);
  });

  test('of torch hold float32 bits, which fit no 16', () => {
    // struct.unpack('<i', struct.pack('<f', x)) of 0.1 and -0.1.
    for (const type of [14, 19]) {
      expect(numberOf(dtype(type), packed(13, 1036831949))).toBe(Math.fround(0.1));
      expect(numberOf(dtype(type), packed(13, -1110651699))).toBe(Math.fround(-0.1));
    }
  });
});

describe('a scalar', () => {
  const half = float(5, 0.5);

  test.each([
    ['no shape', [], 0.5],
    ['rank 0', [shape()], 0.5],
    ['shape [1]', [shape(1)], 0.5],
    ['shape [1, 1, 1]', [shape(1, 1, 1)], 0.5],
    ['an unknown rank', [bytes(2, varint(3, 1))], 0.5],
    ['a named dimension', [bytes(2, bytes(2, concat([varint(1, 1), string(2, 'n')])))], 0.5],
    ['shape [2] of one repeated value', [shape(2)], 'none'],
    ['shape [0]', [shape(0)], 'none'],
    ['shape [-1]', [shape(-1)], 'none'],
    ['shape [-1, -1]', [shape(-1, -1)], 'none'],
    ['shape [2^31, 2^31]', [shape(2 ** 31, 2 ** 31)], 'none'],
    ['shape [2^32 + 1]', [shape(2 ** 32 + 1)], 'none'],
    ['a dimension without size', [bytes(2, bytes(2, new Uint8Array(0)))], 'none'],
    ['shapes that merge to [1, 2]', [shape(1), shape(2)], 'none'],
  ])('%s', (_name, fields, wanted) => {
    expect(numberOf(dtype(1), half, ...fields)).toBe(wanted);
  });

  test('is what the content says, where there is content', () => {
    expect(numberOf(dtype(1), half, content(0, 0, 0x80, 0x3f))).toBe(1);
    expect(numberOf(dtype(1), half, content())).toBe(0.5);
    expect(numberOf(dtype(1), half, content(0, 0))).toBe('none');
  });

  test.each([0, 7, 8, 11, 12, 13, 15, 16, 18, 20, 21, 24, 25, 28, 29, 30, 101, -1, 2 ** 31])(
    'is not of type %i',
    (type) => {
      expect(numberOf(dtype(type), content(0x30), string(8, '0.5'), half)).toBe('none');
    },
  );

  test('takes no element of another field', () => {
    expect(numberOf(dtype(1), double(6, 1))).toBe('none');
    expect(numberOf(dtype(3), packed(10, 1))).toBe('none');
    expect(numberOf(dtype(3), packed(16, 1))).toBe('none');
    expect(numberOf(dtype(1), varint(5, 1))).toBe('none');
  });

  test('may be packed or not, and empty packs add nothing', () => {
    expect(numberOf(dtype(1), bytes(5, new Uint8Array(0)), half)).toBe(0.5);
    expect(numberOf(dtype(1), bytes(5, half.subarray(1)))).toBe(0.5);
    expect(numberOf(dtype(3), varint(7, 3))).toBe(3);
    expect(numberOf(dtype(3), varint(7, 3), packed(7, 4))).toBe('none');
  });
});
