import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatApart, formatDuration, formatNumber, formatValue, pythonFloat } from './number.ts';

test.each([
  [0.79, '0.79'],
  [0.7900000214576721, '0.79'],
  [1 / 3, '0.333333'],
  [0, '0'],
  [-0, '0'],
  [5, '5'],
  [-17, '-17'],
  [3351, '3,351'],
  [10000, '10,000'],
  [1234567, '1,234,567'],
  [-1234567, '-1,234,567'],
  [9007199254740, '9,007,199,254,740'],
  [12345.678, '12,345.7'],
  [1234.5678, '1,234.57'],
  [0.0001, '0.0001'],
  [0.00001234, '1.234e-5'],
  [1e21, '1e21'],
  [-2.5e300, '-2.5e300'],
  [5e-324, '5e-324'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'infinity'],
  [Number.NEGATIVE_INFINITY, '-infinity'],
])('people read %s as %s', (value, text) => expect(formatNumber(value)).toBe(text));

test('a formatted number is within half a unit of its sixth digit', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const back = Number(formatNumber(value).replaceAll(',', ''));
      expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.abs(value) * 5.0001e-6);
    }),
  );
});

test('two values that differ never look the same', () => {
  expect(formatApart(0.9599999, 0.96)).toEqual(['0.9599999', '0.96']);
  expect(formatApart(0.79, 0.96)).toEqual(['0.79', '0.96']);
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
      fc.pre(a !== b);
      const [left, right] = formatApart(a, b);
      expect(left).not.toBe(right);
    }),
  );
});

test('a value that is no number is named by its kind', () => {
  expect(formatValue(0.5, 'finite')).toBe('0.5');
  expect(formatValue(null, 'nan')).toBe('NaN');
  expect(formatValue(null, 'posinf')).toBe('infinity');
  expect(formatValue(null, 'neginf')).toBe('-infinity');
  expect(formatValue(null, 'missing')).toBe('missing');
  expect(formatValue(null, null)).toBe('missing');
});

test.each([
  [0, '0 ms'],
  [0.35, '350 ms'],
  [0.9999, '1 s'],
  [42, '42 s'],
  [42.26, '42.3 s'],
  [59.96, '1 min'],
  [200, '3 min 20 s'],
  [3599.9, '1 h'],
  [7500, '2 h 5 min'],
  [86399, '1 d'],
  [273600, '3 d 4 h'],
  [-90, '-1 min 30 s'],
  [Number.NaN, 'NaN'],
])('%s seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

describe('Python prints', () => {
  // Right-hand sides typed from CPython 3.11: `print(value)`.
  test.each([
    [0.79, '0.79'],
    [5, '5.0'],
    [-0, '-0.0'],
    [0, '0.0'],
    [100, '100.0'],
    [123456.789, '123456.789'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-0.000012, '-1.2e-05'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [1.5e300, '1.5e+300'],
    [0.1 + 0.2, '0.30000000000000004'],
    [5e-324, '5e-324'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('%s as %s', (value, text) => expect(pythonFloat(value)).toBe(text));

  test('digits that read back as the same double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(pythonFloat(value))).toBe(value);
      }),
    );
  });
});
