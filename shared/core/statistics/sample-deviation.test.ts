import { expect, test } from 'vitest';
import { sampleDeviation } from './sample-deviation.ts';

// Python 3.11: statistics.stdev(values), which computes in fractions; S1's is 5.6765 in the study.
test.each([
  [[600, 605, 595, 610, 590, 602, 598, 604, 596, 600], 5.676462121975467],
  [[1, 2, 5], 2.0816659994661326],
  [[1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16], 5.477225575051661],
  [[0.1, 0.1, 0.1], 0],
  [[-3, -3.5, -4.25, 0], 1.8638557705287535],
])('sampleDeviation() of %j', (values, wanted) => {
  expect(sampleDeviation(values)).toBeCloseTo(wanted, 12);
});

test.each([
  ['squares that overflow', 2 ** 900],
  ['squares that vanish', 2 ** -900],
  ['values without a square at all', 2 ** -1070],
])('sampleDeviation() scales with its values: %s', (_, unit) => {
  expect(sampleDeviation([2, 4, 6].map((value) => value * unit))).toBe(2 * unit);
});

test('sampleDeviation() of fewer than two values is unknown', () => {
  expect([sampleDeviation([]), sampleDeviation([1])]).toEqual([null, null]);
});
