import { studentTail } from '../../statistics/student.ts';

/** One change of the level of a series. */
export interface ChangePoint {
  /** Index of the first changed value. */
  readonly index: number;
  /** Means of the pieces before and after, up to their neighbours among the change points. */
  readonly before: number;
  readonly after: number;
  /** The larger of the two relative changes, as Otava has it; infinite from or to zero. */
  readonly magnitude: number;
  /** Two-sided p of the pooled t-test between the pieces; 1 − p is its confidence. */
  readonly p: number;
}

/** Which variance goes into the test, and by how much correlation widens it. */
export interface SplitTest {
  /** n for parity with Otava, which hands a population deviation to a test that expects a sample's. */
  readonly divisor: 'n' | 'n-1';
  /** (1 + ρ) / (1 − ρ) of the series' own lag-1 correlation; 1 where runs are taken as independent. */
  readonly inflation: number;
}

/** A piece of a series: where it begins, and before which value it ends. */
export type Piece = readonly [start: number, end: number];

/** Tests the split of two neighbouring pieces by their means (Student 1908, pooled variance). */
export function testSplit(
  values: readonly number[],
  [[start, index], [, end]]: readonly [Piece, Piece],
  { divisor, inflation }: SplitTest,
): ChangePoint {
  const left = moments(values, [start, index], divisor);
  const right = moments(values, [index, end], divisor);
  const [n, m] = [index - start, end - index];
  const freedom = n + m - 2;
  const pooled = ((n - 1) * left.variance + (m - 1) * right.variance) / freedom;
  const error = Math.sqrt(pooled * inflation * (1 / n + 1 / m));
  const gap = Math.abs(right.mean - left.mean);
  return {
    index,
    before: left.mean,
    after: right.mean,
    magnitude: magnitude(left.mean, right.mean),
    p: pValue(gap, error, freedom),
  };
}

function pValue(gap: number, error: number, freedom: number): number {
  if (freedom <= 0 || gap === 0) return 1;
  return error === 0 ? 0 : Math.min(1, 2 * studentTail(gap / error, freedom));
}

function magnitude(before: number, after: number): number {
  if (before === after) return 0;
  return Math.max(Math.abs(after / before - 1), Math.abs(before / after - 1));
}

function moments(values: readonly number[], [start, end]: Piece, divisor: SplitTest['divisor']) {
  const n = end - start;
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = start; i < end; i++) squares += (values[i]! - mean) ** 2;
  const by = divisor === 'n' ? n : n - 1;
  return { mean, variance: by > 0 ? squares / by : 0 };
}
