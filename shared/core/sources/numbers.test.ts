import { describe, expect, test } from 'vitest';
import { markOf, plainNumber, writtenNumber } from './numbers.ts';

test.each([
  ['1', 1],
  ['-0.5', -0.5],
  ['+.5e-3', 0.0005],
  ['5.', 5],
  ['1E400', Number.POSITIVE_INFINITY],
  ['NaN', Number.NaN],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['', null],
  ['.', null],
  ['1 ', null],
  ['0x10', null],
  ['1_000', null],
  ['1e', null],
  ['constructor', null],
  ['١', null],
  ['1'.repeat(401), null],
])('%j is %j', (text, wanted) => {
  expect(plainNumber(text)).toBe(wanted);
});

describe('a number as people write it', () => {
  test.each([
    ['1,234.5', 1234.5, null],
    ['1.234,5', null, 1234.5],
    ['1,234', 1234, 1.234],
    ['1.234', 1.234, 1234],
    ['0,25', null, 0.25],
    ['0.25', 0.25, null],
    ['0.250', 0.25, null],
    ['0,250', null, 0.25],
    ['1,234,567.8e2', 123_456_780, null],
    ['12,34', null, 12.34],
    ['1,2345', null, 1.2345],
    ['1 234,5', null, 1234.5],
    ['1\u202f234.5', 1234.5, null],
    ["1'234'567", 1_234_567, 1_234_567],
    ['1,234 567', null, null],
    ['1.2.3', null, null],
    ['1,2,3', null, null],
    ['-1,234.5', -1234.5, null],
    ['nan', Number.NaN, Number.NaN],
  ])('%j is %j with a point, %j with a comma', (text, point, comma) => {
    expect(writtenNumber(text, '.')).toBe(point);
    expect(writtenNumber(text, ',')).toBe(comma);
  });

  test.each([
    [['1,234', '0,5'], ','],
    [['1,234', '0.5'], '.'],
    [['1,234', '7'], null],
    [['0,5', '0.5'], null],
    [[], null],
  ] as const)('%j together have the mark %j', (texts, mark) => {
    expect(markOf(texts)).toBe(mark);
  });
});
