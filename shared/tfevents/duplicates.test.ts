import { describe, expect, test } from 'vitest';
import { Columns } from './columns.ts';
import { type DuplicatePolicy, mergeDuplicates } from './duplicates.ts';

function merged(
  policy: DuplicatePolicy,
  points: readonly (readonly [step: number | bigint, value: number])[],
) {
  const columns = new Columns({ wallTimes: true });
  points.forEach(([exact, value], at) => {
    const step = Number(exact);
    columns.push({ step, stepRest: Number(BigInt(exact) - BigInt(step)), wallTime: at, value });
  });
  mergeDuplicates(columns, policy);
  const { steps, wallTimes, values } = columns.copy();
  return { points: [...steps].map((step, at) => [step, wallTimes[at], values[at]]), merged: columns.merged };
}

const TWICE = [
  [0, 1],
  [5, 2],
  [5, 4],
  [7, 8],
  [5, 12],
] as const;

describe('points of one step', () => {
  test.each<[DuplicatePolicy, number[][], number]>([
    [
      'all',
      [
        [0, 0, 1],
        [5, 1, 2],
        [5, 2, 4],
        [7, 3, 8],
        [5, 4, 12],
      ],
      0,
    ],
    [
      'first',
      [
        [0, 0, 1],
        [5, 1, 2],
        [7, 3, 8],
      ],
      2,
    ],
    [
      'last',
      [
        [0, 0, 1],
        [7, 3, 8],
        [5, 4, 12],
      ],
      2,
    ],
    [
      'mean',
      [
        [0, 0, 1],
        [7, 3, 8],
        [5, 4, 6],
      ],
      2,
    ],
  ])('%s', (policy, points, count) => {
    expect(merged(policy, TWICE)).toEqual({ points, merged: count });
  });

  test('have the mean of those that are finite, or else stay what the last one is', () => {
    expect(
      merged('mean', [
        [1, Number.NaN],
        [1, 3],
        [1, 4],
        [2, Number.NaN],
        [2, Number.NEGATIVE_INFINITY],
      ]).points,
    ).toEqual([
      [1, 2, 3.5],
      [2, 4, Number.NEGATIVE_INFINITY],
    ]);
    expect(
      merged('mean', [
        [1, 0.5],
        [1, 0.2],
      ]).points,
    ).toEqual([[1, 1, 0.35]]);
  });

  test('are told apart beyond 2^53', () => {
    expect(
      merged('last', [
        [2n ** 53n, 1],
        [2n ** 53n + 1n, 2],
        [2n ** 53n + 1n, 3],
      ]).points,
    ).toHaveLength(2);
  });

  test('without steps are all kept', () => {
    expect(
      merged('last', [
        [0, 1],
        [0, 2],
        [0, 3],
      ]),
    ).toMatchObject({ merged: 0, points: { length: 3 } });
  });

  test('are not looked for where steps rise', () => {
    expect(
      merged('mean', [
        [-3, 1],
        [0, 2],
        [9, 3],
      ]),
    ).toMatchObject({ merged: 0 });
  });
});
