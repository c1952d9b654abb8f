import { expect, test } from 'vitest';
import { mostBytes, priceLine, requireCheap, sizeText } from './query-price.ts';

test('the price is that of the bytes, and of 10 MB at least', () => {
  // 2^40 bytes are a TiB; https://cloud.google.com/bigquery/pricing names its price and the minimum.
  expect(priceLine(2 ** 40)).toMatch(
    /^reads 1\.1 TB, about \$6\.3 \(on-demand price in the US as of \d{4}-\d{2}\)$/,
  );
  expect(priceLine(1)).toContain('reads 1 B, about $0.000057 ');
  expect(priceLine(10e6)).toContain('reads 10 MB, about $0.000057 ');
  expect(priceLine(0)).toContain('reads 0 B, about $0 ');
});

test.each([
  [999, '999 B'],
  [1_000, '1 kB'],
  [12_345_678, '12.3 MB'],
  [10e9, '10 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test.each([
  [undefined, 10e9],
  ['0', 0],
  ['1234', 1234],
  ['500MB', 500e6],
  ['1.5 GB', 1.5e9],
  ['2t', 2e12],
])('--max-bytes %s is %d', (text, bytes) => {
  expect(mostBytes(text)).toBe(bytes);
});

test.each(['', '-1', 'GB', '1e9', '10 PB', '10GiB'])('--max-bytes "%s" is no size', (text) => {
  expect(() => mostBytes(text)).toThrow(/wanted bytes/);
});

test('what reads more than it may is refused, and says what to do', () => {
  expect(() => requireCheap(10e9, 10e9)).not.toThrow();
  expect(() => requireCheap(10e9 + 1, 10e9)).toThrow(
    /reads 10 GB, over --max-bytes 10 GB.*raise --max-bytes/,
  );
});
