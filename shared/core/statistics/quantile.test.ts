import fc from 'fast-check';
import { expect, test } from 'vitest';
import { medianAbsoluteDeviation, NORMAL_MAD } from './mad.ts';
import { median } from './median.ts';
import { medianDistance, quantile, rankOf } from './quantile.ts';
import { studentQuantile } from './student.ts';

const VALUES = [600, 605, 595, 610, 590, 602, 598, 604, 596, 600.5];
const SORTED = Float64Array.from(VALUES).sort();

// NumPy 2.4: [np.quantile(VALUES, p) for p in (0, .05, .16, .5, .84, 1)]
test.each([
  [0, 590],
  [0.05, 592.25],
  [0.16, 595.44],
  [0.5, 600.25],
  [0.84, 604.56],
  [1, 610],
])('quantile() at %d', (p, wanted) => {
  expect(Math.abs(quantile(SORTED, p) - wanted)).toBeLessThan(1e-9);
});

test('medianAbsoluteDeviation() as SciPy 1.17 has it', () => {
  // scipy.stats.median_abs_deviation
  expect(medianAbsoluteDeviation(VALUES)).toBe(4);
  expect(medianAbsoluteDeviation([95, 98, 100, 101, 102, 97, 99, 103, 100, 105])).toBe(2);
  expect([medianAbsoluteDeviation([]), medianAbsoluteDeviation([3])]).toEqual([null, 0]);
});

test('NORMAL_MAD is one over the upper quartile of the normal distribution', () => {
  expect(1 / studentQuantile(0.75, 1e9)).toBeCloseTo(NORMAL_MAD, 8);
});

test('medianDistance() is the median of all distances', () => {
  const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(values, fc.integer({ min: -25, max: 25 }), (all, centre) => {
      const wanted = median(all.map((value) => Math.abs(value - centre)));
      expect(medianDistance(Float64Array.from(all).sort(), centre)).toBe(wanted);
    }),
  );
});

test('of nothing there is no quantile and no distance', () => {
  expect([quantile([], 0.5), medianDistance([], 1)]).toEqual([Number.NaN, Number.NaN]);
  expect([rankOf([1, 2, 2, 3], 2), rankOf([1, 2], 9), rankOf([], 1)]).toEqual([1, 2, 0]);
});
