import { isStepOf } from './constant.ts';
import type { Level } from './level.ts';
import type { BadSide } from './search.ts';
import { distance } from './track.ts';

/** Where one value must lie by itself; a side that is null is open. */
export interface ValueBand {
  readonly lower: number | null;
  readonly upper: number | null;
}

/** The worst earlier values widen the band by this share of what they lie beyond … */
const WORST_SHARE = 0.7;
/** … this many spreads, and count at most as … */
const WORST_FROM = 2.5;
/** … so many. */
const WORST_UNTIL = 8;
const CARRIED = 3;
/** A band from n values is 1 + this / n times as wide. */
const CAUTION = 3;

/**
 * The band of one value around a level: so many spreads, more for a level of few values and for one whose own
 * values went far out, and moved by what is left of the distance of the value before.
 */
export function bandAround(level: Level, last: number, { bad, width }: BandSettings): ValueBand {
  const { centre, spread, n, correlation, lowest, highest } = level;
  const carried = correlation * Math.max(-CARRIED, Math.min(CARRIED, distance(level, last)));
  const reach = (farthest: number) => {
    const beyond = Math.min(WORST_UNTIL, farthest) - WORST_FROM;
    return (1 + CAUTION / n) * width + WORST_SHARE * Math.max(0, beyond);
  };
  const lower = centre + spread * (carried - reach(-distance(level, lowest)));
  const upper = centre + spread * (carried + reach(distance(level, highest)));
  return sided(lower, upper, bad);
}

/** The band around a level that has been left: back inside counts as ordinary again. */
export function bandOfReturn({ centre, spread }: Level, { bad, width }: BandSettings): ValueBand {
  return sided(centre - width * spread, centre + width * spread, bad);
}

/** Which sides are bad, and how many spreads are ordinary. */
export interface BandSettings {
  readonly bad: BadSide;
  readonly width: number;
}

function sided(lower: number, upper: number, bad: BadSide): ValueBand {
  return { lower: bad === 1 ? null : lower, upper: bad === -1 ? null : upper };
}

/** The side a value lies outside of; where nothing ever varied only if it is a step. Null for inside. */
export function violated(value: number, level: Level, { lower, upper }: ValueBand): 'below' | 'above' | null {
  if (level.spread === 0 && !isStepOf(level.centre, value)) return null;
  if (lower !== null && value < lower) return 'below';
  return upper !== null && value > upper ? 'above' : null;
}
