import { type Point, type SeriesSummary, summarizeInPlace } from '../core/aggregate.ts';
import { medianInPlace } from '../core/statistics/median.ts';
import type { Columns } from './columns.ts';
import { medianOfParts } from './rank.ts';

/** What a series comes to, as `SeriesSummary` says it. */
export type ColumnSummary = Omit<SeriesSummary, 'lastWallTime'>;

/** Below this a median is found quicker in a copy than by counting. */
const FEW = 4096;
/** As in core/statistics/mean.ts: when the bound of the compensated sum is enough. */
const WANTED = 1e-13;

/** The values of a series that has few, in the way of `summarizePlain`; used again for the next series. */
let few: Float64Array | undefined;

/**
 * Summarizes the columns without a copy of them. What is not finite, or cancels so much that a compensated sum
 * does not do, takes one copy of the values.
 */
export function summarizeColumns(columns: Columns): ColumnSummary {
  const { length } = columns;
  const first = length === 0 ? null : columns.pointAt(0);
  const final = length === 0 ? null : columns.pointAt(length - 1);
  const plain = length === 0 ? null : summarizePlain(columns);
  if (plain === null) {
    return { ...summarizeInPlace(columns.copyValues()), first, final };
  }
  const { min, max, mean, median } = plain;
  return { count: length, nan: 0, posinf: 0, neginf: 0, min, max, mean, median, first, final };
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

function summarizePlain(columns: Columns): Plain | null {
  const { length } = columns;
  const sums: Sums = {
    sum: 0,
    lost: 0,
    absolute: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
  };
  if (length >= FEW) {
    const parts = columns.valueParts();
    for (const part of parts) addUp(part, part.length, sums);
    return plainOf(sums, length, () => medianOfParts(parts));
  }
  few ??= new Float64Array(FEW);
  const values = few;
  columns.copyValuesTo(values);
  addUp(values, length, sums);
  return plainOf(sums, length, () => medianInPlace(values, length)!);
}

type Plain = Readonly<Record<'min' | 'max' | 'mean' | 'median', number>>;

function plainOf(
  { sum, lost, absolute, min, max }: Sums,
  length: number,
  median: () => number,
): Plain | null {
  const total = sum + lost;
  // One value that is not finite makes this so, too.
  if (!Number.isFinite(absolute) || (length * Number.EPSILON) ** 2 * absolute > WANTED * Math.abs(total))
    return null;
  return { min, max, mean: total / length, median: median() };
}

interface Sums {
  sum: number;
  lost: number;
  absolute: number;
  min: number;
  max: number;
}

/** Neumaier's sum, see core/statistics/sum.ts, and the rest that takes one look at each value. */
function addUp(values: Float32Array | Float64Array, length: number, sums: Sums): void {
  let { sum, lost, absolute, min, max } = sums;
  for (let at = 0; at < length; at++) {
    const value = values[at]!;
    const next = sum + value;
    const part = next - sum;
    lost += sum - (next - part) + (value - part);
    sum = next;
    absolute += Math.abs(value);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  sums.sum = sum;
  sums.lost = lost;
  sums.absolute = absolute;
  sums.min = min;
  sums.max = max;
}
