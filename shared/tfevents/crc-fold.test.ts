import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32cOfLong, moduleBytes } from './crc-fold.ts';
import { crc32c, spanOf } from './crc32c.ts';

function noise(length: number, seed: number): Uint8Array {
  let state = seed >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

describe('crc32cOfLong', () => {
  test('has a module that this Node takes, or all of it would be tables', () => {
    const { WebAssembly: engine } = globalThis as unknown as {
      WebAssembly: { validate(bytes: Uint8Array): boolean };
    };
    expect(engine.validate(moduleBytes())).toBe(true);
  });

  test('is the CRC by tables, whatever the length, the beginning and what came before', () => {
    const bytes = noise(800_000, 7);
    const place = fc.oneof(fc.nat(800_000), fc.nat(20_000));
    fc.assert(
      fc.property(place, place, fc.integer(), (a, b, before) => {
        const span = { ...spanOf(bytes), start: Math.min(a, b), end: Math.max(a, b) };
        expect(crc32cOfLong(span, before)).toBe(crc32c(span, before));
      }),
      { numRuns: 60 },
    );
  });

  test('sees each single bit', () => {
    const bytes = noise(40_000, 9);
    const whole = crc32cOfLong(spanOf(bytes));
    for (let bit = 0; bit < bytes.length * 8; bit += 997) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(crc32cOfLong(spanOf(bytes))).not.toBe(whole);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  test('leaves the bytes as they are', () => {
    const bytes = noise(100_000, 3);
    crc32cOfLong(spanOf(bytes));
    expect(bytes).toEqual(noise(100_000, 3));
  });
});
