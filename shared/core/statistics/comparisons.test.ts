import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bootstrap } from './bootstrap.ts';
import { chiSquareQuantileOfTail, chiSquareTail } from './chi-square.ts';
import { chiSquareOf, stuartMaxwell } from './contingency.ts';
import { holm } from './holm.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { mannWhitney } from './mann-whitney.ts';
import { mean } from './mean.ts';
import { normalQuantileOfTail, normalTail } from './normal.ts';
import { quantile } from './quantile.ts';
import { sizeForMeans, sizeForShares } from './sample-size.ts';
import { signTest } from './sign-test.ts';
import { stabilityIndex } from './stability-index.ts';
import { welch } from './welch.ts';
import { wilcoxon } from './wilcoxon.ts';

type Row = readonly number[];
interface Oracle {
  readonly normal: Row[];
  readonly normal_quantile: Row[];
  readonly chi2: Row[];
  readonly chi2_quantile: Row[];
  readonly sign: Row[];
  readonly unpaired: readonly (Record<'u' | 'u_p' | 't' | 'df' | 't_p' | 'd' | 'd_p' | 'n' | 'm', number> & {
    readonly a: number[];
    readonly b: number[];
    readonly ci: [number, number];
    readonly kind: string;
  })[];
  readonly wilcoxon: readonly { readonly d: number[]; readonly p: number; readonly kind: string }[];
  readonly chi2_contingency: readonly {
    a: number[];
    b: number[];
    statistic: number;
    df: number;
    p: number;
  }[];
  readonly stuart_maxwell: readonly { table: number[][]; statistic: number; df: number; p: number }[];
  readonly holm: readonly [number[], number[]][];
}

// What SciPy and statsmodels say; generate.py beside it made it.
const file = new URL('../../../test/fixtures/scipy/comparisons.json', import.meta.url);
const oracle = JSON.parse(readFileSync(file, 'utf8')) as Oracle;

/** Relative to 1e-9; NaN equals NaN. */
function near(got: number, wanted: number | null): void {
  if (wanted === null || Number.isNaN(wanted)) expect(got).toBeNaN();
  else if (wanted === 0) expect(Math.abs(got)).toBeLessThan(1e-9);
  else expect(Math.abs(got / wanted - 1)).toBeLessThan(1e-9);
}

test('tails and quantiles are those of SciPy', () => {
  for (const [z, tail] of oracle.normal) near(normalTail(z!), tail!);
  for (const [tail, z] of oracle.normal_quantile) near(normalQuantileOfTail(tail!), z!);
  for (const [x, df, tail] of oracle.chi2) near(chiSquareTail(x!, df!), tail!);
  for (const [tail, df, x] of oracle.chi2_quantile) near(chiSquareQuantileOfTail(tail!, df!), x!);
  for (const [a, b, p] of oracle.sign) near(signTest(a!, b!), p!);
});

describe.each(oracle.unpaired)('$n values against $m, $kind', ({ a, b, ...wanted }) => {
  test('Mann-Whitney', () => {
    const { u, p } = mannWhitney(a, b);
    near(u, wanted.u);
    near(p, wanted.u_p);
  });
  test('Kolmogorov-Smirnov', () => {
    const { d, p } = kolmogorovSmirnov(a, b);
    near(d, wanted.d);
    near(p, wanted.d_p);
  });
  test('Welch', () => {
    const { t, df, p, interval } = welch(a, b, 0.95);
    // Without any spread SciPy divides by zero; the doc comment says what is answered here.
    if (new Set(a).size === 1 && new Set(b).size === 1) {
      expect(p).toBe(mean(a) === mean(b) ? 1 : 0);
      return;
    }
    near(t, wanted.t);
    near(df, wanted.df);
    near(p, wanted.t_p);
    near(interval[0], wanted.ci[0]);
    near(interval[1], wanted.ci[1]);
  });
});

test.each(oracle.wilcoxon.map(({ d, p, kind }) => [d.length, kind, d, p] as const))(
  'Wilcoxon of %d pairs, %s',
  (_n, _kind, d, p) => near(wilcoxon(d).p, p),
);

test('tables of counts', () => {
  for (const { a, b, ...wanted } of oracle.chi2_contingency) {
    const { statistic, df, p } = chiSquareOf(a, b);
    near(statistic, wanted.statistic);
    expect(df).toBe(wanted.df);
    near(p, wanted.p);
  }
  for (const { table, ...wanted } of oracle.stuart_maxwell) {
    const { statistic, df, p } = stuartMaxwell(table);
    near(statistic, wanted.statistic);
    expect(df).toBe(wanted.df);
    near(p, wanted.p);
  }
  for (const [given, wanted] of oracle.holm) {
    const adjusted = holm(given);
    for (const [index, p] of wanted.entries()) near(adjusted[index]!, p);
  }
});

// The numbers of reference study ml-jobs §8 S3, S4 and §6, computed there with SciPy.
test('the stories by their own numbers', () => {
  const a = [41, 39, 44, 40, 42, 43, 38, 41, 40, 42];
  const b = [45, 47, 44, 46, 49, 45, 43, 46, 48, 47];
  expect(welch(a, b, 0.95).t).toBeCloseTo(6.1237, 4);
  expect(welch(a, b, 0.95).df).toBeCloseTo(18, 9);
  expect(mannWhitney(a, b)).toMatchObject({ u: 98, a12: 0.98 });
  expect(signTest(20, 0)).toBeCloseTo(1.907e-6, 9);
  expect(signTest(20, 2)).toBeCloseTo(1.211e-4, 7);
  const shares = chiSquareOf([50, 50, 50], [50, 30, 70]);
  expect(shares.statistic).toBeCloseTo(8.3333, 4);
  expect(shares.p).toBeCloseTo(0.0155, 4);
  const { psi, critical } = stabilityIndex([50, 50, 50], [50, 30, 70], 0.05);
  expect(psi).toBeCloseTo(0.11297, 5);
  expect(critical).toBeCloseTo(0.0799, 4);
  const sure = { alpha: 0.05, power: 0.8 };
  expect([0.2, 0.5, 0.8, 1].map((effect) => sizeForMeans(effect, sure))).toEqual([393, 63, 25, 16]);
  expect(sizeForShares(0.9, 0.85, sure)).toBe(686);
  expect(sizeForShares(0.9, 0.88, sure)).toBe(3841);
  expect(sizeForShares(0.96, 0.95, sure)).toBe(6745);
});

test('a bootstrap is the same for the same seed, another for another, and holds the truth', () => {
  const values = Float64Array.from(oracle.unpaired.find(({ n, kind }) => n === 100 && kind === 'plain')!.a);
  const middle = (sides: readonly Float64Array[]) => quantile(sides[0]!.toSorted(), 0.5);
  const options = { resamples: 2000, confidence: 0.95 };
  const first = bootstrap([values], middle, { ...options, seed: 1 });
  expect(bootstrap([values], middle, { ...options, seed: 1 })).toEqual(first);
  expect(bootstrap([values], middle, { ...options, seed: 2 })).not.toEqual(first);
  expect(first.interval[0]).toBeLessThan(first.value);
  expect(first.interval[1]).toBeGreaterThan(first.value);
});
