import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sparkline } from './sparkline.ts';

test('the lowest value is the lowest bar, the highest the highest, a gap is a dot', () => {
  expect(sparkline([0, 1, 2, null, 3, 4, 5, 6, 7])).toBe('▁▂▃·▄▅▆▇█');
});

test('equal values stand in the middle, nothing gives nothing', () => {
  expect(sparkline([3, 3, null])).toBe('▄▄·');
  expect(sparkline([])).toBe('');
  expect(sparkline([null, Number.NaN, Number.POSITIVE_INFINITY])).toBe('···');
});

test('bounds widen the scale, and values outside them are marked', () => {
  const outside = (bar: string) => `[${bar}]`;
  expect(sparkline([0.98, 0.79], { lower: 0.96, outside })).toBe('█[▁]');
  expect(sparkline([5, 6], { lower: 0, upper: 10, outside })).toBe('▅▅');
});

test('only the newest values are shown when the width is small', () => {
  expect(sparkline([9, 0, 1], { width: 2 })).toBe('▁█');
  expect(sparkline([9, 0, 1], { width: 0 })).toBe('');
});

test('one character a value, whatever the values, and without overflow', () => {
  expect(sparkline([-Number.MAX_VALUE, 0, Number.MAX_VALUE])).toBe('▁▅█');
  const value = fc.oneof(fc.double(), fc.constant(null));
  fc.assert(
    fc.property(fc.array(value), (values) => {
      expect(sparkline(values)).toMatch(new RegExp(`^[▁▂▃▄▅▆▇█·]{${values.length}}$`));
    }),
  );
});
