import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { summarize } from '../core/aggregate.ts';
import { Columns } from './columns.ts';
import { pointOf, summarizeColumns } from './summary.ts';

function columnsOf(values: readonly number[]): Columns {
  const columns = new Columns({ wallTimes: true });
  for (const [step, value] of values.entries())
    columns.push({ step, stepRest: 0, wallTime: step / 2, value });
  return columns;
}

/** By the functions of the core, which have their known answers from Python and NumPy. */
function wanted(values: readonly number[]) {
  const steps = Float64Array.from(values, (_, at) => at);
  const { lastWallTime: _, ...rest } = summarize(
    Float64Array.from(values),
    steps,
    steps.map((at) => at / 2),
  );
  return rest;
}

/** So many that the columns are counted and not copied. */
const MANY = 5000;
const many = (values: fc.Arbitrary<number>) =>
  fc.array(values, { minLength: MANY, maxLength: MANY + 3, size: 'max' });

describe('many values are summarized as the core does', () => {
  const small = { min: -1e6, max: 1e6, noNaN: true };
  test.each<[string, fc.Arbitrary<number>]>([
    [
      'float32',
      fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e6), max: Math.fround(1e6) }),
    ],
    ['float64', fc.double(small)],
    ['few different ones', fc.integer({ min: -2, max: 2 })],
    ['doubles that share their upper word', fc.nat(2 ** 20).map((low) => 1 + low * Number.EPSILON)],
    ['any float32', fc.float()],
    ['any float64', fc.double()],
    ['zeros of both signs', fc.constantFrom(0, -0)],
  ])('%s', (_kind, value) => {
    fc.assert(
      fc.property(many(value), (values) => {
        const given = summarizeColumns(columnsOf(values));
        const { mean, ...rest } = wanted(values);
        // Zero has one sign here and the other there, which is no difference of numbers.
        expect({ ...given, mean: 0, median: (given.median ?? 0) + 0 }).toEqual({
          ...rest,
          mean: 0,
          median: (rest.median ?? 0) + 0,
        });
        if (mean === null) expect(given.mean).toBeNull();
        else expect(Math.abs(given.mean! - mean)).toBeLessThanOrEqual(1e-12 * Math.abs(mean));
      }),
      // A counterexample of thousands of values is not worth making smaller.
      { numRuns: 12, endOnFailure: true },
    );
  });

  test.each<[string, (at: number) => number]>([
    ['all the same', () => 3],
    ['two, half of each', (at) => at % 2],
    ['those that a sample meets are the greatest', (at) => (at % 8 === 0 ? 1e9 + at : at)],
    ['those that a sample meets are the same', (at) => (at % 8 === 0 ? 5000 : at)],
    [
      'all but those that a sample meets lie in the middle',
      (at) => (at % 8 === 0 ? at * 1e6 - 4e9 : at / 8192),
    ],
    ['falling', (at) => -at],
  ])('%s', (_kind, value) => {
    for (const length of [8192, 8191]) {
      const values = Array.from({ length }, (_, at) => Math.fround(value(at)));
      expect(summarizeColumns(columnsOf(values))).toEqual(wanted(values));
    }
  });

  test('over several chunks, too', () => {
    const values = Array.from({ length: 70_001 }, (_, at) => Math.fround(Math.sin(at) * at));
    expect(summarizeColumns(columnsOf(values))).toEqual(wanted(values));
  });
});

test('no values, and few, are summarized', () => {
  expect(summarizeColumns(columnsOf([]))).toMatchObject({ count: 0, first: null, mean: null, median: null });
  expect(summarizeColumns(columnsOf([3, Number.NaN, 1]))).toEqual(wanted([3, Number.NaN, 1]));
});

test('an extreme is found where it was first', () => {
  const columns = columnsOf([2, 5, 1, 5, 1]);
  expect(pointOf(columns, 5)).toEqual({ step: 1, wallTime: 0.5, value: 5 });
  expect(pointOf(columns, 1)).toEqual({ step: 2, wallTime: 1, value: 1 });
  expect([pointOf(columns, null), pointOf(columns, 7)]).toEqual([null, null]);
});
