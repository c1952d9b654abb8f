import { type Interval, poissonInterval, wilsonInterval } from '../../statistics/intervals.ts';
import type { Good } from '../direction.ts';
import { isFinitePoint, type Point, type Rule, type RuleAnswer } from './rule.ts';

const CONFIDENCE = 0.95;
const DAYS_A_MONTH = 365.25 / 12;
const DAY = 24 * 3600 * 1000;

/** How often a rule alerts. */
export interface AlertRate {
  readonly alerts: number;
  readonly runs: number;
  /** Alerts a month with their 95 % interval; a month is 30 runs where the times tell nothing. */
  readonly aMonth: number;
  readonly interval: Interval;
}

/** Milliseconds of the first and last run, null where times are not known. */
export type Span = readonly [first: number, last: number] | null;

/** Alerts a month over the time that the runs span (Garwood's exact Poisson interval). */
export function alertRate(answer: RuleAnswer, span: Span): AlertRate {
  const alerts = answer.alerts.length;
  const runs = answer.verdicts.length;
  const days =
    span === null || span[1] - span[0] < DAY
      ? runs
      : ((span[1] - span[0]) / DAY) * (runs / Math.max(1, runs - 1));
  const months = Math.max(days, 1) / DAYS_A_MONTH;
  const [low, high] = poissonInterval(alerts, CONFIDENCE);
  return { alerts, runs, aMonth: alerts / months, interval: [low / months, high / months] };
}

/** A change that is put into a real series, in its own noise's standard deviations. */
export interface Injection {
  readonly name: string;
  readonly size: number;
  /** Runs over which it creeps in; 1 for a step. */
  readonly over: number;
  /** Runs within which it should be told. */
  readonly within: number;
}

export const INJECTIONS: readonly Injection[] = [
  { name: 'step of 1 sd', size: 1, over: 1, within: 7 },
  { name: 'step of 2 sd', size: 2, over: 1, within: 7 },
  { name: 'step of 3 sd', size: 3, over: 1, within: 7 },
  { name: 'step of 5 sd', size: 5, over: 1, within: 7 },
  { name: 'drift of 4 sd over 40 runs', size: 4, over: 40, within: 50 },
];

/** How much of an injected change a rule tells, and how soon. */
export interface Power extends Injection {
  readonly tried: number;
  readonly told: number;
  readonly interval: Interval;
  /** Median run at which it was told, counted from 1 at the first changed one; null if fewer than half were. */
  readonly delay: number | null;
}

/** Places in a series that each change is put at, spread evenly. */
const PLACES = 10;
const LEAST_BEFORE = 12;
/** Runs after an alert in which a change is not put. */
const SETTLED = 15;

/**
 * `spread`: standard deviation of the series' own noise. Puts changes for the worse into the series itself, at places spread evenly over it, and counts those that the
 * rule tells. Where neither direction is good they go up. Only as much of the series as the rule remembers is
 * judged again.
 */
export function powerOf(
  rule: Rule,
  points: readonly Point[],
  { good, spread }: { readonly good: Good; readonly spread: number },
): Power[] {
  const { alerts } = rule.run(points, good);
  // What the rule tells anyway says nothing of what it tells for the sake of an injected change.
  const quiet =
    ({ within }: Injection) =>
    (start: number) =>
      !alerts.some(({ index }) => index > start - SETTLED && index < start + within);
  return INJECTIONS.map((injection) => {
    const places = spread > 0 ? placesIn(points.length, injection.within).filter(quiet(injection)) : [];
    const shift = good === 'higher' ? -spread : spread;
    const delays = places.map((start) => delayOf(rule, points, { injection, start, shift, good }));
    const told = delays.filter((delay) => delay !== null);
    const sorted = [...delays].map((delay) => delay ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    const middle = sorted[sorted.length >> 1] ?? Number.POSITIVE_INFINITY;
    return {
      ...injection,
      tried: places.length,
      told: told.length,
      interval: wilsonInterval(told.length, places.length, CONFIDENCE),
      delay: Number.isFinite(middle) ? middle : null,
    };
  });
}

function placesIn(runs: number, after: number): number[] {
  const room = runs - after - LEAST_BEFORE;
  if (room < 0) return [];
  const count = Math.min(PLACES, room + 1);
  const places = Array.from(
    { length: count },
    (_, i) => LEAST_BEFORE + Math.round((room * (i + 0.5)) / count),
  );
  return [...new Set(places)];
}

/** Runs until a change put at `start` is told; null if it is not told in time. */
function delayOf(
  rule: Rule,
  points: readonly Point[],
  change: { injection: Injection; start: number; shift: number; good: Good },
): number | null {
  const { injection, start, shift, good } = change;
  const from = Math.max(0, start - rule.memory);
  const excerpt = points.slice(from, start + injection.within).map((point, i) => {
    const since = from + i - start;
    if (since < 0 || !isFinitePoint(point)) return point;
    return point + shift * injection.size * Math.min(1, (since + 1) / injection.over);
  });
  const told = rule
    .run(excerpt, good)
    .alerts.find(
      ({ index, direction, kind }) => from + index >= start && direction === 'worse' && kind !== 'nonfinite',
    );
  return told === undefined ? null : from + told.index - start + 1;
}
