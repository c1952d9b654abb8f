import type { Series } from './series.ts';
import { mean } from './statistics/mean.ts';
import { median, medianInPlace } from './statistics/median.ts';
import { compareText } from './text-order.ts';

export interface Point {
  readonly step: number;
  /** Seconds since the epoch. */
  readonly wallTime: number;
  /** May be NaN or infinite. */
  readonly value: number;
}

/** What a series comes to. `first` and `final` are those of the columns' order, whatever their values. */
export interface SeriesSummary {
  /** All points, non-finite ones included. */
  readonly count: number;
  readonly nan: number;
  readonly posinf: number;
  readonly neginf: number;
  /** Null only for a series without points. */
  readonly first: Point | null;
  readonly final: Point | null;
  /** Of the finite values, null if there are none; `mean` is right to 1e-12 relative. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly median: number | null;
  /** The latest finite wall time of any point; null if there is none. */
  readonly lastWallTime: number | null;
}

/** Summarizes the columns of a series, which have one length. */
export function summarize(values: Float64Array, steps: Float64Array, wallTimes: Float64Array): SeriesSummary {
  const point = (at: number): Point | null =>
    at in values ? { step: steps[at]!, wallTime: wallTimes[at]!, value: values[at]! } : null;
  return {
    count: values.length,
    first: point(0),
    final: point(values.length - 1),
    ...countNonFinite(values),
    ...summarizeFinite(finiteOf(values)),
    lastWallTime: extremes(finiteOf(wallTimes)).max,
  };
}

/** What values alone come to; puts them into another order, so that no copy is needed. */
export function summarizeInPlace(
  values: Float64Array,
): Omit<SeriesSummary, 'first' | 'final' | 'lastWallTime'> {
  const counts = { count: values.length, ...countNonFinite(values) };
  const finite = finiteOf(values);
  const level = { ...extremes(finite), mean: mean(finite) };
  return { ...counts, ...level, median: medianInPlace(finite, finite.length) };
}

function countNonFinite(values: Float64Array): Pick<SeriesSummary, 'nan' | 'posinf' | 'neginf'> {
  let nan = 0;
  let posinf = 0;
  let neginf = 0;
  for (const value of values) {
    if (Number.isNaN(value)) nan++;
    else if (value === Number.POSITIVE_INFINITY) posinf++;
    else if (value === Number.NEGATIVE_INFINITY) neginf++;
  }
  return { nan, posinf, neginf };
}

/** The column itself when nothing is left out, which is nearly always. */
function finiteOf(values: Float64Array): Float64Array {
  return values.every(Number.isFinite) ? values : values.filter(Number.isFinite);
}

function summarizeFinite(finite: Float64Array): Pick<SeriesSummary, 'min' | 'max' | 'mean' | 'median'> {
  return { ...extremes(finite), mean: mean(finite), median: median(finite) };
}

function extremes(finite: Float64Array): { min: number | null; max: number | null } {
  if (finite.length === 0) return { min: null, max: null };
  let min = finite[0]!;
  let max = min;
  for (const value of finite) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/**
 * The points of one tag of several runs as one series in the order of wall time, so that `final` is the
 * latest. Equal times are ordered by run name, points without a time (NaN) come last. `removed` is the sum;
 * the run of the result is `*`. One series alone is given back as it is, in its own order.
 */
export function poolSeries(series: readonly Series[]): Series {
  const [only] = series;
  if (series.length === 1 && only !== undefined) return only;
  const parts = series.toSorted((a, b) => compareText(a.run, b.run));
  const wallTimes = join(parts.map((part) => part.wallTimes));
  const order = Uint32Array.from(wallTimes, (_, at) => at).sort(
    (a, b) => compareTimes(wallTimes[a]!, wallTimes[b]!) || a - b,
  );
  const arrange = (column: Float64Array) => Float64Array.from(order, (at) => column[at]!);
  return {
    run: '*',
    tag: only?.tag ?? '',
    steps: arrange(join(parts.map((part) => part.steps))),
    wallTimes: arrange(wallTimes),
    values: arrange(join(parts.map((part) => part.values))),
    removed: parts.reduce((sum, part) => sum + part.removed, 0),
  };
}

function compareTimes(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function join(columns: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(columns.reduce((sum, column) => sum + column.length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  return all;
}
