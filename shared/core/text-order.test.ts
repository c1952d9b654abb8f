import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText } from './text-order.ts';

test('compareText() is the byte order of UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareText(a, b))).toBe(bytes);
    }),
  );
});

test('a private-use character sorts before an emoji, unlike in UTF-16', () => {
  expect('\uE000' < '😀').toBe(false);
  expect(compareText('\uE000', '😀')).toBeLessThan(0);
});
