import type { Episode, FrozenBounds } from './episode.ts';
import { isSameDemand } from './same-demand.ts';
import type { EpisodeSettings } from './settings.ts';
import type { Says, Sight } from './sight.ts';

/** A spread below this share of the bound is rounding: a value this near a bound counts as on it (contracts §4). */
const ROUNDING = 1e-9;

/** What a run says once it is held against the bounds that its episode froze. */
export type Said = Says | 'between';

/**
 * The bounds of a run as an episode keeps them. The clear bound lies `clearShare` of the way from the middle of the
 * baseline to the bound; with a written threshold `clearMargin` of the way from it to the last good value.
 */
export function freeze(
  { bounds, lastGood }: Pick<Sight, 'bounds' | 'lastGood'>,
  { clearShare, clearMargin }: EpisodeSettings,
): FrozenBounds | null {
  if (bounds === null) return null;
  const { lower, upper, centre, baselineN } = bounds;
  const good = lastGood?.value ?? null;
  const clear = (bound: number | null, side: 1 | -1): number | null => {
    if (bound === null) return null;
    if (centre !== null) return centre + clearShare * (bound - centre);
    // Only towards the good side: a last good value beyond the bound would make the clear bound the wider one.
    const inside = good !== null && (good - bound) * side > 0;
    return inside ? bound + clearMargin * (good - bound) : bound;
  };
  return { lower, upper, clearLower: clear(lower, 1), clearUpper: clear(upper, -1), baselineN, centre };
}

/**
 * What a run says to an open episode. Bounds from history are those the episode froze: its own bad runs must not
 * move them. A written threshold does not move, and the judge of the recommended rule holds on to the old level
 * itself: there the run's own word counts, but for the zone before a value is clear again.
 */
export function saidTo(episode: Episode, sight: Sight): Said {
  const { frozen, state } = episode;
  const { says, run, confirmAfter } = sight;
  const { value } = run;
  const isJudged = says === 'bad' || says === 'good' || says === 'present';
  if (frozen === null || value === null || !isJudged || !isSameDemand(episode, sight)) return says;
  const { lower, upper, clearLower, clearUpper, baselineN } = frozen;
  if (confirmAfter === null) {
    // Its judge looks back on so many runs and no further: what it has forgotten is not over by that.
    const isForgotten = says === 'good' && state !== 'suspect' && !isWithin(value, lower, upper);
    return isForgotten ? 'neutral' : says;
  }
  const isBad = baselineN > 0 ? !isWithin(value, lower, upper) : says === 'bad';
  if (isBad) return 'bad';
  return isWithin(value, clearLower, clearUpper) ? 'good' : 'between';
}

/** Written so that a comparison with NaN is never inside. */
function isWithin(value: number, lower: number | null, upper: number | null): boolean {
  const near = (bound: number) => Math.abs(value - bound) <= ROUNDING * Math.abs(bound);
  const isAbove = lower === null || value >= lower || near(lower);
  const isBelow = upper === null || value <= upper || near(upper);
  return isAbove && isBelow;
}

/** Width of the band that its runs lay in before; null where it is not known. */
export function ordinaryWidth({ frozen }: Episode): number | null {
  if (frozen === null || frozen.centre === null || frozen.baselineN === 0) return null;
  const { centre, lower, upper } = frozen;
  const reach = Math.max(lower === null ? 0 : centre - lower, upper === null ? 0 : upper - centre);
  return reach > 0 ? 2 * reach : null;
}
