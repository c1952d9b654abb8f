import { describe, expect, test } from 'vitest';
import { wantedRuns } from './baseline/window.ts';
import { boundsOf } from './bounds.ts';
import type { ConditionConfig } from './schema/test-config.ts';

/** Wall times of ml-jobs.md §8 S1 item 4, which gives 628.382 and 5.6765; oldest first there. */
const S1 = [600, 605, 595, 610, 590, 602, 598, 604, 596, 600].reverse();
/** Python: `statistics.mean(w), statistics.stdev(w)` = 0.922, 0.019235384061671322 (NumPy: `std(w, ddof=1)`). */
const W = [0.9, 0.92, 0.91, 0.95, 0.93];

function deviations(k: number, more: Partial<ConditionConfig> = {}): ConditionConfig {
  return { comparison: 'less', success_threshold: { stddevs_from_mean: k }, ...more };
}

describe('stddevs_from_mean', () => {
  test("S1: 628.382 above ten wall times, from the sample's deviation 5.6765", () => {
    const bounds = boundsOf(deviations(5, { wait_for_n_points_of_history: 10 }), S1);
    expect(bounds).toMatchObject({ kind: 'bounds', lower: null, baselineN: 10, tolerance: null });
    expect(bounds).toHaveProperty('upper', expect.closeTo(628.382, 3));
    expect(bounds).toHaveProperty('upper', expect.closeTo(600 + 5 * 5.6765, 2));
  });

  test.each([
    // Python: mean(w) - 2 * stdev(w), mean(w) + 2 * stdev(w)
    ['greater', 0.8835292318766574, null],
    ['greater_or_equal', 0.8835292318766574, null],
    ['less', null, 0.9604707681233426],
    ['less_or_equal', null, 0.9604707681233426],
    ['within', 0.8835292318766574, 0.9604707681233426],
  ] as const)('%s bounds its side', (comparison, lower, upper) => {
    const bounds = boundsOf(deviations(2, { comparison }), W);
    const near = (value: number | null) => (value === null ? null : expect.closeTo(value, 14));
    expect(bounds).toMatchObject({ lower: near(lower), upper: near(upper), baselineN: 5 });
  });

  test.each([
    ['nothing', [], {}, 0],
    ['one, since a deviation needs two', [1], {}, 1],
    ['nine where ten are awaited', S1.slice(1), { wait_for_n_points_of_history: 10 }, 9],
    ['one where the awaited are negative', [1], { wait_for_n_points_of_history: -1 }, 1],
  ])('too little history: %s', (_, earlier, more, baselineN) => {
    expect(boundsOf(deviations(5, more), earlier)).toEqual({ kind: 'none', reason: 'history', baselineN });
  });

  test('two are enough where nothing is awaited', () => {
    // Two values lie a deviation of |a - b| / √2 apart: 2 + √2.
    const bounds = boundsOf(deviations(1), [1, 3]);
    expect(bounds).toMatchObject({ upper: expect.closeTo(3.414213562373095, 14), baselineN: 2 });
  });

  test('the window keeps the newest; without one it is thirty', () => {
    const old = [...Array(30).fill(5), ...Array(30).fill(1000)];
    expect(boundsOf(deviations(5), old)).toMatchObject({ upper: 5, baselineN: 30 });
    expect(boundsOf(deviations(5, { history_window: 3 }), [1, 1, 1, 99])).toMatchObject({
      upper: 1,
      baselineN: 3,
    });
  });

  test('a window shorter than what is awaited narrows the baseline, not the waiting', () => {
    const condition = deviations(5, { history_window: 2, wait_for_n_points_of_history: 4 });
    expect(boundsOf(condition, [1, 1, 7])).toMatchObject({ kind: 'none', reason: 'history' });
    expect(boundsOf(condition, [1, 1, 7, 7])).toMatchObject({ kind: 'bounds', upper: 1, baselineN: 2 });
    expect(wantedRuns(condition)).toBe(4);
  });

  test.each([
    ['equal values', [5, 5, 5]],
    ['rounding only', [0.1 + 0.2, 0.3, 0.3]],
  ])('no spread: %s', (_, earlier) => {
    const bounds = boundsOf(deviations(5, { comparison: 'within' }), earlier);
    if (bounds.kind === 'none') throw new Error('has bounds');
    expect(bounds.lower).toBe(bounds.upper);
    expect(bounds.tolerance).toBeCloseTo(1e-9 * Math.abs(bounds.lower!), 15);
  });

  test('a spread just above a billionth of the mean counts', () => {
    // |a - b| / √2 = 2.83e-9
    expect(boundsOf(deviations(1), [1, 1 + 4e-9])).toMatchObject({ tolerance: null });
    expect(boundsOf(deviations(1), [1, 1 + 1e-9])).toMatchObject({ tolerance: expect.closeTo(1e-9, 15) });
  });

  test('around zero, where no share of the mean is a spread', () => {
    expect(boundsOf(deviations(1), [0, 0, 0])).toMatchObject({ upper: 0, tolerance: 0 });
    expect(boundsOf(deviations(1), [-1, 1])).toMatchObject({ tolerance: null });
  });
});

describe('fixed_value', () => {
  test.each([
    ['greater', 7, null],
    ['greater_or_equal', 7, null],
    ['less', null, 7],
    ['less_or_equal', null, 7],
    ['equal', 7, 7],
  ] as const)('%s bounds its side, from no history', (comparison, lower, upper) => {
    const bounds = boundsOf({ comparison, success_threshold: { fixed_value: 7 } }, []);
    expect(bounds).toEqual({ kind: 'bounds', lower, upper, baselineN: 0, tolerance: null });
  });

  test('waits for history too when it is told to', () => {
    const condition = {
      comparison: 'less',
      success_threshold: { fixed_value: 7 },
      wait_for_n_points_of_history: 2,
    } as const;
    expect(boundsOf(condition, [1])).toEqual({ kind: 'none', reason: 'history', baselineN: 1 });
    expect(boundsOf(condition, [1, 1])).toMatchObject({ kind: 'bounds', upper: 7 });
    expect(wantedRuns(condition)).toBe(2);
  });
});
