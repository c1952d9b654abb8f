// Story S4 of the studies by its own numbers (ml-jobs §8, computed there with SciPy), as far as no database is needed;
// test/cloud/compare-sql.cloud.test.ts has the same from Postgres.
import { expect, test } from 'vitest';
import { decideComparison } from './decide.ts';
import { COMPARE_SETTINGS, type Evidence } from './finding.ts';
import { compareCorrectness, compareLabelShares, comparePairedLabels } from './labels.ts';

const decided = (evidence: Evidence) => decideComparison([evidence], COMPARE_SETTINGS).findings[0]!;

/** 150 requests, 50 of each class by a; b calls some versicolor virginica, and none the other way. */
const moved = (count: number, of = 50) => [
  { a: 'setosa', b: 'setosa', count: of },
  { a: 'versicolor', b: 'versicolor', count: of - count },
  { a: 'versicolor', b: 'virginica', count },
  { a: 'virginica', b: 'virginica', count: of },
];

test('20 of 150 that moved and none back: agreement 0.8667, exact p 1.907e-6, fail', () => {
  const found = decided(comparePairedLabels('output', moved(20), COMPARE_SETTINGS));
  expect(found).toMatchObject({ verdict: 'fail', reason: 'changed', test: 'sign test' });
  expect(found.figures.agreement).toBeCloseTo(0.8667, 4);
  expect(found.p).toBeCloseTo(1.907e-6, 9);
  expect(found.moves).toEqual([{ from: 'versicolor', to: 'virginica', forth: 20, back: 0 }]);
});

test('the same shares unpaired: chi-square 8.3333 with p 0.0155, PSI 0.11297 above its critical 0.0799, fail', () => {
  const counts = (setosa: number, versicolor: number, virginica: number) =>
    new Map(Object.entries({ setosa, versicolor, virginica }));
  const sides = { a: counts(50, 50, 50), b: counts(50, 30, 70) };
  const found = decided(compareLabelShares('output', sides, COMPARE_SETTINGS));
  expect(found.verdict).toBe('fail');
  expect(found.figures.statistic).toBeCloseTo(8.3333, 4);
  expect(found.figures.df).toBe(2);
  expect(found.p).toBeCloseTo(0.0155, 4);
  expect(found.figures.psi).toBeCloseTo(0.11297, 5);
  expect(found.figures.psi_critical).toBeCloseTo(0.0799, 4);
});

test('with the truth and 20 against 2 that only one was right on: McNemar 1.211e-4, fail', () => {
  const counts = { n: 150, onlyA: 20, onlyB: 2, both: 120 };
  const found = decided(compareCorrectness('output', counts, COMPARE_SETTINGS));
  expect(found).toMatchObject({ verdict: 'fail', reason: 'worse', test: 'McNemar exact' });
  expect(found.p).toBeCloseTo(1.211e-4, 7);
});

test('7 rows are too few, however far apart', () => {
  const few = [{ a: 'versicolor', b: 'virginica', count: 7 }];
  expect(decided(comparePairedLabels('output', few, COMPARE_SETTINGS))).toMatchObject({
    verdict: 'inconclusive',
    reason: 'too_few',
  });
});
