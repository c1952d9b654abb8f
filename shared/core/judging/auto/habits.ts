import type { LevelSettings } from './settings.ts';

/** What a series is in the habit of, besides its level and spread. */
export interface Habits {
  /** Standard deviation of the level itself over a few weeks, in spreads. */
  readonly wander: number;
  /** Log of how much wider the means of blocks of runs vary than the spread explains. */
  readonly unrest: number;
  /** Share of outliers, and of outliers right behind an outlier. */
  readonly outliers: number;
  readonly pairs: number;
}

/** Runs of a block whose mean shows how the level wanders, and the fewest values that say anything about it. */
const BLOCK = 6;
const LEAST_FOR_WANDER = 24;
/** Blocks it takes until half of what they show is believed. */
const UNREST_WEIGHT = 5;
/** What the habits are told from: the values in the order of their runs, and how far one counts, in spreads. */
export interface HabitsFrom {
  readonly ordered: Float64Array;
  readonly reach: number;
  readonly settings: LevelSettings;
}

/** Looks a series' habits up in the values of its level. */
export function habitsOf(level: Drifting, { ordered, reach, settings }: HabitsFrom): Habits {
  return { ...wanderOf(ordered, level, { settings, reach }), ...outliersOf(ordered, level, settings) };
}

/** The level whose habits are asked for; its spread before any caution. */
export interface Drifting {
  readonly n: number;
  readonly centre: number;
  readonly spread: number;
  readonly correlation: number;
}

/**
 * How far the level wanders: what is usual, and what the means of blocks of six runs show beyond the spread of
 * a mean of six correlated values.
 */
function wanderOf(
  ordered: Float64Array,
  { n, centre, spread, correlation }: Drifting,
  { settings, reach }: { readonly settings: LevelSettings; readonly reach: number },
): Pick<Habits, 'wander' | 'unrest'> {
  const inflation = (1 + correlation) / (1 - correlation);
  const usual = (settings.wander * inflation) ** 2;
  if (n < LEAST_FOR_WANDER || spread === 0) return { wander: Math.sqrt(usual), unrest: 0 };
  const blocks = Math.floor(n / BLOCK);
  let squares = 0;
  for (let end = n; end >= BLOCK; end -= BLOCK) {
    let sum = 0;
    for (let i = end - BLOCK; i < end; i++) sum += clamp((ordered[i]! - centre) / spread, reach);
    squares += (sum / BLOCK) ** 2;
  }
  const shown = squares / (blocks - 1);
  const excess = Math.max(0, shown - inflation / BLOCK);
  return {
    wander: Math.sqrt(usual + (blocks * excess) / (blocks + settings.wanderWeight)),
    unrest: (Math.log(Math.max(1, (shown * BLOCK) / inflation)) * blocks) / (blocks + UNREST_WEIGHT),
  };
}

/** How often values lie far out, and how often the next one does too. */
function outliersOf(
  ordered: Float64Array,
  { n, centre, spread }: Drifting,
  { outlierAt, usualOutliers, outlierWeight, usualPairs, pairWeight }: LevelSettings,
) {
  let found = 0;
  let pairs = 0;
  let before = false;
  for (let i = 0; i < n; i++) {
    const far = Math.abs(ordered[i]! - centre) > outlierAt * spread;
    if (far) found += 1;
    if (far && before) pairs += 1;
    before = far;
  }
  const outliers = (found + usualOutliers * outlierWeight) / (n + outlierWeight);
  return { outliers, pairs: Math.max(outliers, (pairs + usualPairs * pairWeight) / (found + pairWeight)) };
}

/** No further from 0 than `reach`. */
export function clamp(value: number, reach: number): number {
  if (value > reach) return reach;
  return value < -reach ? -reach : value;
}
