import { describe, expect, test } from 'vitest';
import talos from '../../../../test/fixtures/judging/talos-runs1.json' with { type: 'json' };
import tigerbeetle from '../../../../test/fixtures/judging/tigerbeetle.json' with { type: 'json' };
import { noisy } from '../../../../test/support/seeded.ts';
import { eDivisive, OTAVA } from './e-divisive.ts';
import { EnergyTable } from './energy.ts';
import { perfherderChanges, welchT, windowOf } from './perfherder.ts';
import { changePoints } from './segments.ts';
import { testSplit } from './split-test.ts';

const at = (points: readonly { readonly index: number }[]) => points.map(({ index }) => index);

describe('parity with Otava', () => {
  // The assertions of tests/tigerbeetle_test.py, and the last of its default window, run with its code.
  test.each(tigerbeetle.wanted)(
    'window $window, p $p, magnitude $magnitude',
    ({ window, p, magnitude, at: wanted }) => {
      const options = { ...OTAVA, window, mostP: p, leastMagnitude: magnitude };
      expect(at(eDivisive(tigerbeetle.values, options))).toEqual(wanted);
    },
  );

  test('its variance makes short pieces look surer than they are; ours does not', () => {
    // SciPy 1.17: ttest_ind_from_stats of [0, 1] v [10, 12], stds with ddof 0 and 1.
    const pieces = [
      [0, 2],
      [2, 4],
    ] as const;
    const split = (divisor: 'n' | 'n-1') => testSplit([0, 1, 10, 12], pieces, { divisor, inflation: 1 }).p;
    expect(split('n')).toBeCloseTo(OTAVA_P, 12);
    expect(split('n-1')).toBeCloseTo(SAMPLE_P, 12);
  });
});

// from scipy.stats import ttest_ind_from_stats, ttest_ind
// ttest_ind_from_stats(.5, .5, 2, 11, 1, 2).pvalue, ttest_ind([0, 1], [10, 12]).pvalue
const OTAVA_P = 0.0056211799982053955;
const SAMPLE_P = 0.011148620369176658;

test('the divergence of two pieces is twice their mean distance less the mean distances within', () => {
  // By hand: between 2/5·(9+11+8+10+7+9), within left 2·2/(5·2)·(1+2+1), within right 2·3/(5·1)·2
  const table = new EnergyTable([1, 2, 3, 10, 12], 0, 5);
  expect(table.divergence(0, 3, 5)).toBeCloseTo((2 / 5) * 54 - 1.6 - 2.4, 12);
  expect(table.divergence(2, 3, 4)).toBe(7);
});

describe('parity with Perfherder', () => {
  test('windows and t as its tests have them', () => {
    const even = () => 1;
    expect(windowOf([1, 2, 3, 4], even)).toEqual({ n: 4, mean: 2.5, variance: 5 / 3 });
    expect(windowOf([1, 2, 3, 4])).toEqual({ n: 4, mean: 2, variance: 2 });
    expect([windowOf([]).mean, windowOf([3]).variance]).toEqual([0, 0]);
    expect(welchT([0, 0], [1, 2], even)).toBe(3);
    expect([welchT([0, 0], [0, 0]), welchT([0, 0], [1, 1])]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  test('a step at its index, with its short windows', () => {
    const values = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
    expect(perfherderChanges(values, { leastBack: 5, mostBack: 5, forward: 5, t: 2 })).toEqual([8]);
  });

  test('the regression of a real Talos series', () => {
    const found = perfherderChanges(talos.points.map(([, value]) => value!));
    expect(found.map((index) => talos.points[index]![0])).toEqual(talos.asserted);
  });
});

describe('changePoints()', () => {
  test('finds where a level begins and ends, with its means, size and certainty', () => {
    const values = noisy(200, { seed: 4, change: (index) => (index >= 80 && index < 130 ? 3 : 0) });
    const points = changePoints(values);
    expect(at(points)).toEqual([80, 130]);
    expect(points[0]).toMatchObject({
      before: expect.closeTo(100, 0),
      after: expect.closeTo(103, 0),
      magnitude: expect.closeTo(0.03, 2),
    });
    expect(points[0]!.p).toBeLessThan(1e-20);
  });

  test.each<[string, number[]]>([
    ['nothing', []],
    ['too few for two levels', [1, 1, 9, 9, 9]],
    ['a constant', new Array<number>(50).fill(3)],
    ['noise', noisy(300, { seed: 6 })],
    ['a lone outlier', noisy(100, { seed: 7, change: (index) => (index === 50 ? 30 : 0) })],
    ['a wander that keeps most of its last value', wander(300)],
  ])('sees no change in %s', (_, values) => {
    expect(at(changePoints(values))).toEqual([]);
  });

  test.each([
    ['a constant that steps', [...new Array<number>(20).fill(3), ...new Array<number>(20).fill(4)], [20]],
    ['negative values', noisy(90, { level: -50, change: (index) => (index >= 40 ? 4 : 0) }), [40]],
    ['the end of the series', noisy(90, { change: (index) => (index >= 85 ? 6 : 0) }), [85]],
  ])('sees %s', (_, values, wanted) => {
    expect(at(changePoints(values))).toEqual(wanted);
  });

  test('gives the same for the same values, whatever their unit', () => {
    const scaled = tigerbeetle.values.map((value) => value / 1024);
    expect(at(changePoints(scaled))).toEqual(at(changePoints(tigerbeetle.values)));
  });
});

/** AR(1) with correlation 0.6. */
function wander(n: number): number[] {
  let last = 0;
  return noisy(n, { seed: 9, level: 0 }).map((step) => {
    last = 0.6 * last + 0.8 * step;
    return last;
  });
}
