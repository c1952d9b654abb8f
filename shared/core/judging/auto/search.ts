import { evidenceOfShift } from './evidence.ts';
import type { Level } from './level.ts';
import type { AutoSettings } from './settings.ts';
import { distance, type Track } from './track.ts';

/** A change of the newest runs against the level before them. */
export interface Change {
  /** Index of the first changed value. */
  readonly start: number;
  readonly side: 1 | -1;
  readonly level: Level;
  /** In nats; infinite for a step of a constant metric. */
  readonly evidence: number;
  /** Mean distance of its values from the level, in spreads, none counted further than four. */
  readonly size: number;
}

/** Sides that a change is looked for on, and which of them are bad: 1 up, −1 down, 0 both. */
export type BadSide = 1 | -1 | 0;

/** Distances beyond this count as that far where only the direction is asked. */
const SEEN = 4;
/** A mean this many standard errors off is worth the likelihoods. */
const WORTH_A_LOOK = 2.9;
/** And this many, with values clipped more loosely, are worth the distances. */
const DULL = 2.2;

/** The window of the newest runs with the most evidence above what is wanted of it; null if none has enough. */
export function searchChange(track: Track, bad: BadSide, settings: AutoSettings): Change | null {
  const z = track.scratch;
  const newest = track.levelBefore(track.count - 1);
  if (newest === null) return null;
  let best: Change | null = null;
  let most = 0;
  let total = 0;
  // A series that has been off and back before, and hides it because that was taken out, has to show more.
  const again = settings.again * track.incidentsWithin(settings.mostRuns);
  for (let w = 2; w <= settings.longestWindow; w++) {
    const start = track.count - w;
    if (start < track.barrier || start < track.origin + settings.leastRuns) break;
    const level = track.levelBefore(start);
    if (level === null) break;
    total += (w === 2 ? nearby(track.values[start + 1]!, newest) : 0) + nearby(track.values[start]!, newest);
    if (isDull(total / w, w, level)) continue;
    const sum = distances(track, { start, level, z });
    if (Math.abs(sum) < WORTH_A_LOOK * Math.sqrt(w)) continue;
    const side = sum > 0 ? 1 : -1;
    const evidence = evidenceOfShift(z.subarray(0, w + 1), level, { side, width: settings.noise.width });
    const margin = evidence - wanted(level, w, settings) - threshold(bad, side, settings) - again;
    if (margin < most) continue;
    most = margin;
    best = { start, side, level, evidence, size: Math.abs(sum) / w };
  }
  return best;
}

/** The value, no further from the newest level than what can count. */
function nearby(value: number, { centre, spread }: Level): number {
  const reach = spread > 0 ? (SEEN + 1) * spread : Number.POSITIVE_INFINITY;
  return Math.max(centre - reach, Math.min(centre + reach, value));
}

/** A first look at a window by its mean alone, so that most are passed over without looking at their values. */
function isDull(windowMean: number, length: number, { centre, spread }: Level): boolean {
  return Math.abs(windowMean - centre) * Math.sqrt(length) < DULL * spread;
}

/** Fills `z` with the distance of the value before the window and of its values; answers with their sum, clipped. */
function distances(
  { values, count }: Track,
  { start, level, z }: { readonly start: number; readonly level: Level; readonly z: Float64Array },
): number {
  z[0] = distance(level, values[start - 1]!);
  let sum = 0;
  for (let i = start; i < count; i++) {
    const value = distance(level, values[i]!);
    z[i - start + 1] = value;
    sum += value > SEEN ? SEEN : value < -SEEN ? -SEEN : value;
  }
  return sum;
}

function threshold(bad: BadSide, side: 1 | -1, { worse, better }: AutoSettings): number {
  return bad === 0 || side === bad ? worse : better;
}

/** Evidence wanted beyond the threshold, of a window of this length and a level learnt from so much. */
function wanted({ n, dirt, unrest }: Level, length: number, settings: AutoSettings): number {
  const { byLength, young, youngUntil, youngPower, dirty, restless } = settings;
  const [two, three, some, many] = byLength;
  const forLength = length === 2 ? two : length === 3 ? three : length <= 7 ? some : many;
  return (
    forLength + young * Math.max(0, (youngUntil / n) ** youngPower - 1) + dirty * dirt + restless * unrest
  );
}
