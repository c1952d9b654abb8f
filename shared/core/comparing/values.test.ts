import { expect, test } from 'vitest';
import { COMPARE_SETTINGS, type CompareSettings } from './finding.ts';
import { comparePairedLabels, compareShares } from './labels.ts';
import { compareValues } from './values.ts';

/** 40 values of mean 100 whose sample deviation is 10. */
const side = Float64Array.from(
  { length: 40 },
  (_, n) => 100 + (n % 2 === 0 ? 1 : -1) * 10 * Math.sqrt(39 / 40),
);
const pair = { metric: 'm', good: 'lower', a: side, b: side, statistic: 'mean' } as const;
const settings = (metrics: number): CompareSettings => ({ ...COMPARE_SETTINGS, metrics });

// By hand, with z of alpha / 2 / metrics from R's qnorm: 1.959964 for one metric, 2.807034 for ten; z of the power 0.841621.
test('of several metrics each needs more values, as alpha is divided among them', () => {
  const needed = (metrics: number) => compareValues({ ...pair, arePairs: false }, settings(metrics)).needed;
  // Cohen's 2 (z + z')² / 0.5² is 62.8 and 106.5, rounded up, times π / 3.
  expect([needed(1), needed(10)]).toEqual([66, 113]);
});

test('so do shares and labels', () => {
  const sides = { a: { n: 40, holds: 36 }, b: { n: 40, holds: 36 }, estimates: 'share' };
  const shares = (metrics: number) => compareShares('m', sides, settings(metrics)).needed;
  // Fleiss for 0.9 against 0.85 is 686, as the study of comparing has it; for ten metrics it is 1163.3.
  expect([shares(1), shares(10)]).toEqual([686, 1164]);
  const moves = [
    { a: 'x', b: 'x', count: 90 },
    { a: 'x', b: 'y', count: 10 },
  ];
  const labels = (metrics: number) => comparePairedLabels('m', moves, settings(metrics)).needed;
  // Connor for a tenth that differs and a net twentieth: 311.6 and 529.4.
  expect([labels(1), labels(10)]).toEqual([312, 530]);
});
