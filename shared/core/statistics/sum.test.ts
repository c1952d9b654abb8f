import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactSum } from './exact-sum.ts';
import { mean } from './mean.ts';
import { median } from './median.ts';
import { neumaierSum } from './sum.ts';

// The wanted sums and means of this file are Python's math.fsum, which rounds once: fsum([0.1] * 10) == 1.0.
describe('neumaierSum', () => {
  test.each([
    [[], 0],
    [new Array<number>(10).fill(0.1), 1],
    [[1, 1e100, 1, -1e100], 2],
    [[1e16, 1, 1, -1e16], 2],
    [[0.1, 0.2, 0.3, -0.6], 2.7755575615628914e-17],
  ])('of %j', (values, wanted) => {
    expect(neumaierSum(values)).toBe(wanted);
  });

  test('follows plain addition beyond the finite', () => {
    expect(neumaierSum([1, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
    expect(neumaierSum([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBeNaN();
    expect(neumaierSum([1e308, 1e308])).toBe(Number.POSITIVE_INFINITY);
  });
});

/** The sum in whole multiples of 2^-1074, where nothing is rounded. */
function rational(values: readonly number[]): bigint {
  const view = new DataView(new ArrayBuffer(8));
  return values.reduce((sum, value) => {
    view.setFloat64(0, value);
    const bits = view.getBigUint64(0);
    const exponent = (bits >> 52n) & 0x7ffn;
    const fraction = (bits & 0xfffffffffffffn) | (exponent === 0n ? 0n : 1n << 52n);
    const whole = fraction << (exponent === 0n ? 0n : exponent - 1n);
    return bits >> 63n ? sum - whole : sum + whole;
  }, 0n);
}

describe('mean', () => {
  test.each([
    [[], null],
    [[-0.5], -0.5],
    [[1, 2, 4], 7 / 3],
    [[2 ** 1023, 2 ** 1023, 2 ** 1023], 2 ** 1023],
    [[1.7e308, 1.7e308, -1.7e308, -1.7e308, 5], 1],
    [[5e-324, 5e-324, 5e-324], 5e-324],
    [[3.4028234663852886e38, 1.5, -3.4028234663852886e38], 0.5],
  ])('of %j', (values, wanted) => {
    expect(mean(values)).toBe(wanted);
  });

  test('is right to 1e-12 however the values cancel', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
    const cancelling = fc
      .tuple(fc.array(value, { minLength: 1, maxLength: 40 }), fc.double({ min: -1, max: 1, noNaN: true }))
      .map(([big, small]) => [...big, small, ...big.toReversed().map((one) => -one), small / 3]);
    fc.assert(
      fc.property(cancelling, (values) => {
        const wanted = rational(values);
        const given = rational([mean(values)! * values.length]);
        const wrong = wanted > given ? wanted - given : given - wanted;
        const size = wanted < 0n ? -wanted : wanted;
        expect(wrong * 10n ** 12n <= size + 10n ** 14n).toBe(true);
      }),
    );
  });

  test('stays right over a million values that nearly cancel', () => {
    const values = new Float64Array(1_000_001);
    for (let i = 0; i < 500_000; i++) {
      values[2 * i] = 1e16 / (i + 1);
      values[2 * i + 1] = -1e16 / (i + 1);
    }
    values[1_000_000] = 1;
    expect(mean(values)).toBe(1 / 1_000_001);
    expect(exactSum(values)).toBe(1);
  });
});

describe('median', () => {
  test.each([
    [[], null],
    [[3], 3],
    [[3, 1], 2],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[2 ** 1023, 1.5 * 2 ** 1023], 1.25 * 2 ** 1023],
    [[-1.7e308, 1.7e308], 0],
    [[5e-324, 5e-324], 5e-324],
    [[-0, 0, 0, 1], 0],
  ])('of %j', (values, wanted) => {
    expect(median(values)).toBe(wanted);
  });

  test('agrees with sorting, and leaves the values as they were', () => {
    const values = fc.oneof(
      fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 400 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 400 }),
    );
    fc.assert(
      fc.property(values, (all) => {
        const before = [...all];
        const sorted = all.toSorted((a, b) => a - b);
        const middle = sorted.slice(Math.ceil(all.length / 2) - 1, Math.floor(all.length / 2) + 1);
        expect(median(all)).toBeCloseTo(middle.reduce((sum, one) => sum + one, 0) / middle.length, 6);
        expect(all).toEqual(before);
      }),
    );
  });

  test.each([
    ['rising', (i: number) => i],
    ['falling', (i: number) => -i],
    ['all equal', () => 7],
    ['organ pipe', (i: number) => Math.min(i, 200_000 - i)],
    ['saw', (i: number) => i % 1000],
  ])('of 200,001 values, %s', (_name, at) => {
    const all = Float64Array.from({ length: 200_001 }, (_, i) => at(i));
    expect(median(all)).toBe(all.toSorted()[100_000]);
  });
});
