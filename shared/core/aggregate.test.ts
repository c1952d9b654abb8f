import { describe, expect, test } from 'vitest';
import { poolSeries, summarize } from './aggregate.ts';
import type { Series } from './series.ts';

const column = (...values: number[]) => Float64Array.from(values);
const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: neginf } = Number;

describe('summarize', () => {
  test('counts everything and computes over finite values', () => {
    const summary = summarize(
      column(nan, 3, inf, 1, neginf, 2),
      column(0, 1, 2, 3, 4, 5),
      column(9, 8, nan, 7, inf, 6),
    );
    expect(summary).toEqual({
      count: 6,
      nan: 1,
      posinf: 1,
      neginf: 1,
      first: { step: 0, wallTime: 9, value: nan },
      final: { step: 5, wallTime: 6, value: 2 },
      min: 1,
      max: 3,
      mean: 2,
      median: 2,
      lastWallTime: 9,
    });
  });

  test('has no figures where nothing is finite, and no points where there are none', () => {
    const none = { min: null, max: null, mean: null, median: null };
    expect(summarize(column(nan), column(1), column(nan))).toMatchObject({
      ...none,
      count: 1,
      lastWallTime: null,
    });
    expect(summarize(column(), column(), column())).toMatchObject({
      ...none,
      count: 0,
      first: null,
      final: null,
    });
  });
});

describe('poolSeries', () => {
  const series = (run: string, points: [wallTime: number, value: number][]): Series => ({
    run,
    tag: 'loss',
    steps: Float64Array.from(points, (_, step) => step),
    wallTimes: Float64Array.from(points, ([time]) => time),
    values: Float64Array.from(points, ([, value]) => value),
    removed: 1,
  });

  test('orders by wall time, then by run name in byte order, and puts unknown times last', () => {
    const pooled = poolSeries([
      series('\u{1f680}', [[2, 30]]),
      series('b', [
        [1, 10],
        [nan, 99],
        [3, 31],
      ]),
      series('\uffff', [
        [2, 20],
        [neginf, 0],
        [inf, 50],
      ]),
      series('Z', [[3, 29]]),
    ]);
    expect([...pooled.values]).toEqual([0, 10, 20, 30, 29, 31, 50, 99]);
    expect([...pooled.steps]).toEqual([1, 0, 0, 0, 0, 2, 2, 1]);
    expect([...pooled.wallTimes]).toEqual([neginf, 1, 2, 2, 3, 3, inf, nan]);
    expect(pooled).toMatchObject({ run: '*', tag: 'loss', removed: 4 });
  });

  test('does not depend on the order given', () => {
    const a = series('a', [[1, 1]]);
    const b = series('b', [[1, 2]]);
    expect(poolSeries([b, a])).toEqual(poolSeries([a, b]));
    expect(poolSeries([b, a]).values.at(-1)).toBe(2);
  });

  test('leaves one series in its own order', () => {
    const back = series('a', [
      [5, 1],
      [4, 2],
    ]);
    expect(poolSeries([back])).toBe(back);
  });
});
