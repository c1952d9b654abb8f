import type { Columns, Moment, Point } from './columns.ts';

/**
 * What becomes of points when a job wrote a step again, in the order of files and records:
 *
 * - `preempt`: a point takes the earlier points of its own tag at and after its step with it, as TensorBoard's
 *   server shows it. A series whose every step is 0 was written without steps and keeps all.
 * - `session`: a SessionLog START at step s takes the points of every tag of the run at and after s with it,
 *   the first START included.
 * - `keep`: everything stays.
 */
export type RestartPolicy = 'preempt' | 'session' | 'keep';

/** Applies a policy to the series of one run. */
export interface Restarts {
  /** ORed with a step gives `above` of its series, once it is the last: −1, or the step itself with 0. */
  readonly floor: number;
  /** Before points are put into the columns of a series without `add`. */
  enter(series: RestartedSeries): void;
  add(series: RestartedSeries, point: Point): void;
  /** A SessionLog START. */
  start(at: Moment): void;
  /** After the last point of the run. */
  finish(series: RestartedSeries): void;
}

/** A series with what its policy remembers of it. */
export interface RestartedSeries {
  readonly columns: Columns;
  /** Steps above this, an int32, may be put into the columns as they are, without `add`. */
  above: number;
  /** Whether every step so far was 0. */
  stepless: boolean;
  /** Pairs: from this point on, so many STARTs had been read. */
  readonly epochs: number[];
}

/** No step is above it that a shape could have. */
export const NEVER = 0x7fffffff;

export function restartsBy(policy: RestartPolicy): Restarts {
  if (policy === 'session') return new Sessions();
  const nothing = () => {};
  if (policy === 'keep') return { floor: -1, enter: nothing, add: keep, start: nothing, finish: nothing };
  return { floor: 0, enter: nothing, add: preempt, start: nothing, finish: nothing };
}

function keep(series: RestartedSeries, point: Point): void {
  series.columns.push(point);
  series.above = -1;
}

/** What stays always rises in step, so only the end has to be looked at. */
function preempt(series: RestartedSeries, point: Point): void {
  const { columns } = series;
  if (columns.length === 0) series.stepless = point.step === 0;
  if (series.stepless && point.step !== 0) {
    series.stepless = false;
    if (columns.length > 1) columns.keepLast();
  }
  if (!series.stepless) {
    let kept = columns.length;
    while (kept > 0 && columns.isFrom(kept - 1, point)) kept--;
    if (kept < columns.length) columns.cut(kept);
  }
  columns.push(point);
  // A stepless series is not stepless any more after a step above 0, so each has to come by here.
  series.above = series.stepless ? NEVER : Math.max(-1, Math.min(point.step, NEVER));
}

/**
 * A point goes when any START after it is at or before its step. The lowest such START is enough to know, so
 * however many there are, each point is looked at once, at the end.
 */
class Sessions implements Restarts {
  readonly floor = -1;
  private readonly starts: Moment[] = [];
  private lowest: Moment[] | null = null;

  enter({ columns, epochs }: RestartedSeries): void {
    if (epochs.at(-1) !== this.starts.length) epochs.push(columns.length, this.starts.length);
  }

  add(series: RestartedSeries, point: Point): void {
    this.enter(series);
    series.columns.push(point);
    series.above = -1;
  }

  start({ step, stepRest, wallTime }: Moment): void {
    this.starts.push({ step, stepRest, wallTime });
  }

  finish({ columns, epochs }: RestartedSeries): void {
    this.lowest ??= lowestFromHere(this.starts);
    const { lowest } = this;
    let next = 0;
    let start: Moment | undefined;
    columns.filter((point) => {
      if (epochs[next] === point) {
        start = lowest[epochs[next + 1]!];
        next += 2;
      }
      return start === undefined || !columns.isFrom(point, start);
    });
  }
}

/** By place: the START of the lowest step there or behind it. */
function lowestFromHere(starts: readonly Moment[]): Moment[] {
  const lowest = [...starts];
  for (let at = lowest.length - 2; at >= 0; at--) {
    if (!isBefore(lowest[at]!, lowest[at + 1]!)) lowest[at] = lowest[at + 1]!;
  }
  return lowest;
}

function isBefore(a: Moment, b: Moment): boolean {
  return a.step === b.step ? a.stepRest < b.stepRest : a.step < b.step;
}
