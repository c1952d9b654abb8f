import { type Point, type SeriesSummary, summarize } from '../core/aggregate.ts';
import type { Columns } from './columns.ts';
import { medianOfParts, type Parts } from './rank.ts';

/** What a series comes to, as `SeriesSummary` says it. */
export type ColumnSummary = Omit<SeriesSummary, 'lastWallTime'>;

/** Below this a copy is cheaper than counting. */
const FEW = 4096;
/** As in core/statistics/mean.ts: when the bound of the compensated sum is enough. */
const WANTED = 1e-13;
const NO_TIMES = new Float64Array(0);

/**
 * Summarizes the columns without a copy of them. What is not finite, or cancels so much that a compensated sum
 * does not do, goes the way of `summarize`, with a copy of the values.
 */
export function summarizeColumns(columns: Columns): ColumnSummary {
  const { length } = columns;
  const ends = {
    first: length === 0 ? null : columns.pointAt(0),
    final: length === 0 ? null : columns.pointAt(length - 1),
  };
  const parts = columns.valueParts();
  const mean = length < FEW ? null : plainMean(parts, length);
  if (mean === null) return { ...summarize(columns.copyValues(), NO_TIMES, NO_TIMES), ...ends };
  const finite = { ...extremes(parts), mean, median: medianOfParts(parts) };
  return { count: length, nan: 0, posinf: 0, neginf: 0, ...finite, ...ends };
}

/** The first point with that value, such as the least one; null when there is none. */
export function pointOf(columns: Columns, value: number | null): Point | null {
  let before = 0;
  for (const part of value === null ? [] : columns.valueParts()) {
    const at = part.indexOf(value!);
    if (at >= 0) return columns.pointAt(before + at);
    before += part.length;
  }
  return null;
}

/** The mean by Neumaier's sum, see core/statistics/sum.ts; null when that does not give 1e-12, or not all is finite. */
function plainMean(parts: Parts, n: number): number | null {
  let sum = 0;
  let lost = 0;
  let absolute = 0;
  for (const values of parts) {
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      const next = sum + value;
      const part = next - sum;
      lost += sum - (next - part) + (value - part);
      sum = next;
      absolute += Math.abs(value);
    }
  }
  sum += lost;
  // False too when one of them is NaN or infinite.
  return (n * Number.EPSILON) ** 2 * absolute <= WANTED * Math.abs(sum) && absolute < Number.MAX_VALUE
    ? sum / n
    : null;
}

function extremes(parts: Parts): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const values of parts) {
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return { min, max };
}
