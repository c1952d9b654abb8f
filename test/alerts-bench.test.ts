import { expect, test } from 'vitest';
import { mean } from '../shared/core/statistics/mean.ts';
import { sampleDeviation } from '../shared/core/statistics/sample-deviation.ts';
import { alertsReport, TINY } from './bench/alerts/main.ts';
import { type Contender, dropScore, falseFirings, type Told } from './bench/alerts/score.ts';
import { LASTS, NOISE, simulatedYear } from './bench/alerts/year.ts';

test('the benchmark of alerts runs, and has a row for every rule', () => {
  const report = alertsReport(TINY, () => {});
  expect(report).toContain(`seed ${TINY.seed}`);
  for (const title of [
    'ml-testing-accelerators',
    '`stddevs_from_mean: 3` ',
    '`confirm_n: 2`',
    '**`auto`**',
  ]) {
    expect(report).toContain(title);
  }
});

test('a year is the same for the same seed, has its noise, its spoiled runs and its drop', () => {
  const options = { series: 50, runs: 365, size: 4, seed: 3 };
  const year = simulatedYear(options);
  expect(simulatedYear(options)).toEqual(year);
  expect(simulatedYear({ ...options, seed: 4 })).not.toEqual(year);
  const quiet = simulatedYear({ ...options, size: null }).flatMap(({ values }) => values);
  const whole = quiet.filter((value) => value > 1 - 3 * NOISE);
  expect(mean(whole)).toBeCloseTo(1, 2);
  expect(sampleDeviation(whole)).toBeCloseTo(NOISE, 2);
  // 2 % are spoiled; noise alone leaves three standard deviations below in 0.13 % of runs
  expect(1 - whole.length / quiet.length).toBeGreaterThan(0.015);
  expect(1 - whole.length / quiet.length).toBeLessThan(0.03);
  for (const { values, drop } of year) {
    const { from, until } = drop!;
    expect(until - from).toBe(LASTS);
    expect(mean(values.slice(from, until))).toBeCloseTo(1 - 4 * NOISE - 0.0015, 1);
  }
});

const drop = { from: 100, until: 160, size: 3 };
const series = [{ values: new Array(365).fill(1), drop }];
const telling = (told: readonly Told[], isStateless?: true): Contender => ({
  title: 'a',
  tell: () => told,
  ...(isStateless && { isStateless }),
});
const worse = (index: number, kind: Told['kind'] = 'begins'): Told => ({ index, kind, direction: 'worse' });

test('a drop that is told, offered, and told to be over', () => {
  const score = dropScore(telling([worse(103), worse(120, 'other'), worse(165, 'ends')]), series);
  expect(score).toEqual({ found: 1, delay: 3, recovered: 1, mails: 2, others: 1, silent: 0 });
});

test('one that is not told, that ends before it is over, or never', () => {
  expect(dropScore(telling([{ ...worse(103), direction: 'better' }]), series).found).toBe(0);
  expect(dropScore(telling([worse(103), worse(130, 'ends')]), series)).toMatchObject({
    recovered: 0,
    silent: 1,
  });
  expect(dropScore(telling([worse(103), worse(190, 'ends')]), series)).toMatchObject({
    recovered: 0,
    silent: 0,
    mails: 1,
  });
});

test('an episode that was open before takes the drop in; mails without memory do not', () => {
  expect(dropScore(telling([worse(50), worse(170, 'ends')]), series)).toMatchObject({
    found: 1,
    delay: 0,
    silent: 0,
  });
  expect(dropScore(telling([worse(50)], true), series).found).toBe(0);
  expect(dropScore(telling([worse(100), worse(101)], true), series)).toMatchObject({
    found: 1,
    mails: 2,
    silent: 1,
  });
  expect(dropScore(telling([worse(100), worse(159)], true), series).silent).toBe(0);
});

test('false firings are counted for a year of 365 runs, and only those for the worse', () => {
  const quiet = [{ values: new Array(73).fill(1), drop: null }];
  expect(
    falseFirings(telling([worse(5), worse(9, 'ends'), { ...worse(7), direction: 'better' }]), quiet),
  ).toBe(5);
});
