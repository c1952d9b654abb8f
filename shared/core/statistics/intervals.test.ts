import { expect, test } from 'vitest';
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { poissonInterval, wilsonInterval } from './intervals.ts';

// SciPy 1.17: (chi2.ppf(.025, 2 * k) / 2, chi2.ppf(.975, 2 * k + 2) / 2)
test.each([
  [0, 0, 3.6888794541139354],
  [1, 0.025317807984289876, 5.571643390938898],
  [3, 0.6186721228956014, 8.767273069742323],
  [12, 6.200575108722218, 20.96158504817696],
  [100, 81.36399125092314, 121.62679379242638],
  [800, 745.5169930506006, 857.4117831795716],
])('poissonInterval() of %d alerts', (count, low, high) => {
  const [from, to] = poissonInterval(count, 0.95);
  expect(from).toBeCloseTo(low, 9);
  expect(to).toBeCloseTo(high, 9);
});

// SciPy 1.17: binomtest(hits, tries).proportion_ci(.95, method='wilson')
test.each([
  [0, 10, 0, 0.27753279986288926],
  [3, 10, 0.10779126740630102, 0.6032218525388546],
  [95, 100, 0.8882495307680809, 0.978456320845632],
  [100, 100, 0.9630065017930143, 1],
])('wilsonInterval() of %d in %d', (hits, tries, low, high) => {
  const [from, to] = wilsonInterval(hits, tries, 0.95);
  expect(from).toBeCloseTo(low, 6);
  expect(to).toBeCloseTo(high, 6);
});

test('a share of nothing may be anything', () => {
  expect(wilsonInterval(0, 0, 0.95)).toEqual([0, 1]);
});

// scipy.stats.false_discovery_control(p) <= rate; the first p are those of the lecture example in R's p.adjust.
test.each([
  [[0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216], 0.05, 2],
  [[0.01, 0.02, 0.03, 0.04], 0.04, 4],
  [[0.5, 0.9], 0.1, 0],
])('benjaminiHochberg() of %j at %d', (pValues, rate, rejected) => {
  expect(benjaminiHochberg(pValues, rate)).toEqual(pValues.map((_, rank) => rank < rejected));
});

test('benjaminiHochberg() keeps the order given, and never rejects what was not computed', () => {
  expect(benjaminiHochberg([0.9, 0.001, Number.NaN, 0.011], 0.05)).toEqual([false, true, false, true]);
  expect(benjaminiHochberg([], 0.05)).toEqual([]);
});
