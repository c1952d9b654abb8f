import { Cron } from 'croner';
import { median } from '../statistics/median.ts';
import { quantile } from '../statistics/quantile.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A cron expression of five fields, read in an IANA time zone. */
export interface Schedule {
  readonly cron: string;
  readonly timeZone: string;
}

/** When a test is expected to start again. Times are milliseconds since the epoch. */
export interface Cadence {
  /** The first expected start after that of a run; null: none any more. */
  readonly nextAfter: (start: number) => number | null;
  /** The usual time between two starts; null of a schedule. */
  readonly gap: number | null;
}

/** What is wrong with a schedule, in words; null: nothing. */
export function scheduleProblem({ cron, timeZone }: Schedule): string | null {
  try {
    return cronOf({ cron, timeZone }).nextRun(new Date(0)) === null ? 'never comes' : null;
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return first.replace(/^Cron\w+: /, '');
  }
}

/** Without a function to call it starts no timer. */
function cronOf({ cron, timeZone }: Schedule): Cron {
  return new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true });
}

/** A run that starts so little before its time has come for it: two clocks are never the same. */
const EARLY = 5 * MINUTE;

/** By a schedule that somebody wrote; it must have no problem. */
export function scheduledCadence(schedule: Schedule): Cadence {
  const cron = cronOf(schedule);
  const next = (after: number) => cron.nextRun(new Date(after))?.getTime() ?? null;
  return {
    nextAfter: (start) => {
      const first = next(start);
      if (first === null) return null;
      const second = next(first);
      const isThatRun = second !== null && first - start < Math.min(EARLY, (second - first) / 2);
      return isThatRun ? second : first;
    },
    gap: null,
  };
}

/** Fewer starts than these show no habit. */
const LEAST_STARTS = 6;
const MOST_STARTS = 30;
/** A gap counts as a whole number of usual ones this near to it, as a share of the usual one … */
const NEAR = 0.15;
/** … and up to so many of them: a week. */
const MOST_SKIPPED = 7;
/** This share of the gaps may be out of step: reruns by hand, an outage. */
const STRAYS = 0.1;
/** The gap that a test may take without being late: a weekend is in it, a single outage is not. */
const PATIENT = 0.9;

/**
 * By the habit of a test: its newest starts are nearly all a whole number of usual (median) gaps apart. Null where
 * there are too few, or no habit can be seen: then nobody can say that a run is late. `starts`: in any order.
 */
export function learntCadence(starts: readonly number[]): Cadence | null {
  const newest = [...starts].sort((a, b) => a - b).slice(-MOST_STARTS);
  if (newest.length < LEAST_STARTS) return null;
  const steps = gaps(newest);
  const usual = median(steps)!;
  if (usual <= 0) return null;
  const strays = steps.filter((step) => !isWhole(step / usual)).length;
  if (strays > STRAYS * steps.length) return null;
  const patient = quantile(Float64Array.from(steps).sort(), PATIENT);
  return { gap: usual, nextAfter: (start) => start + Math.max(usual, patient) };
}

function isWhole(times: number): boolean {
  const whole = Math.round(times);
  return whole >= 1 && whole <= MOST_SKIPPED && Math.abs(times - whole) <= NEAR;
}

function gaps(starts: readonly number[]): number[] {
  return starts.slice(1).map((start, index) => start - starts[index]!);
}

/** How long after the expected start a run may stay away: an hour, or half as much again as long runs take. */
export function graceOf(durations: readonly number[]): number {
  return Math.max(HOUR, 1.5 * (longOf(durations) ?? 0));
}

/** Fewer runs than these do not say how long runs take. */
const LEAST_DURATIONS = 6;

/** How long an open run may take that nobody set a limit for: three times as long as long ones; null: unknown. */
export function usualLimit(durations: readonly number[]): number | null {
  const long = durations.length < LEAST_DURATIONS ? null : longOf(durations);
  return long === null ? null : Math.max(HOUR, 3 * long);
}

function longOf(durations: readonly number[]): number | null {
  return durations.length === 0 ? null : quantile(Float64Array.from(durations).sort(), 0.95);
}

/**
 * After how long a habit counts as given up: fourteen usual gaps, at most a month, at least a week, and never before
 * three gaps. A schedule that somebody wrote is not given up.
 */
export function givenUpAfter({ gap }: Cadence): number | null {
  if (gap === null) return null;
  return Math.max(7 * DAY, 3 * gap, Math.min(14 * gap, 30 * DAY));
}
