import { describe, expect, test } from 'vitest';
import { crc32c, crc32cOfWords, mask, spanOf } from './crc32c.ts';

const text = (value: string) => new TextEncoder().encode(value);
const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0');

// RFC 3720 B.4 gives the 32-byte rows, the CRC catalogue the check value 123456789; the masked column was
// printed by TensorBoard's own masked_crc32c (tensorboard 2.21.0).
test.each([
  ['nothing', new Uint8Array(0), '00000000', 'a282ead8'],
  ['123456789', text('123456789'), 'e3069283', 'c78ab0e5'],
  ['a', text('a'), 'c1d04330', '28e46e78'],
  ['32 zero bytes', new Uint8Array(32), '8a9136aa', '0fd7fffa'],
  ['32 bytes ff', new Uint8Array(32).fill(255), '62a8ab43', 'f909b029'],
  ['bytes 0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), '46dd794e', '951f7892'],
  ['a protobuf string', text('\x1a\x11CRC test, one two'), 'f2d95a88', '5794d08a'],
])('the CRC of %s', (_name, bytes, plain, masked) => {
  expect(hex(crc32c(spanOf(bytes)))).toBe(plain);
  expect(hex(mask(crc32c(spanOf(bytes))))).toBe(masked);
});

// Printed by TensorBoard's own masked_crc32c of struct.pack('<Q', n).
test.each([
  [0n, '07980329'],
  [1n, '41de7501'],
  [24n, '224b7fa3'],
  [50n, 'ec561924'],
  [2n ** 63n, 'b6670895'],
  [2n ** 64n - 1n, '3a117ba6'],
  [2n ** 64n - 4n, '3be0111f'],
])('the masked CRC of the length %i', (length, masked) => {
  const words = crc32cOfWords(Number(length & 0xffffffffn) | 0, Number(length >> 32n) | 0);
  expect(hex(mask(words))).toBe(masked);
});

describe('in pieces', () => {
  test('any cut and any start in a buffer give the same CRC', () => {
    const bytes = Uint8Array.from({ length: 61 }, (_, i) => (i * 37 + 11) & 255);
    const whole = crc32c({ ...spanOf(bytes), start: 5 });
    for (let cut = 5; cut <= bytes.length; cut++) {
      const first = crc32c({ ...spanOf(bytes), start: 5, end: cut });
      expect(crc32c({ ...spanOf(bytes), start: cut }, first)).toBe(whole);
    }
  });
});
