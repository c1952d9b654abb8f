import { NORMAL_MAD } from '../../statistics/mad.ts';
import { median } from '../../statistics/median.ts';
import { medianDistance } from '../../statistics/quantile.ts';
import type { HealthCurve, HealthFinding } from './curve.ts';

/** Points whose median stands for a place of a curve. */
const SMOOTHED = 5;
/** Fewest points of which anything is said. */
const LEAST = 12;
/** A curve has diverged when it has left its best by so much noise … */
const LOST_NOISE = 8;
/** … and has lost this share of all it had gained. */
const LOST_SHARE = 0.5;
/** Points of both ends that are compared to see whether anything was learnt, and fewest points for that. */
const END = 10;
const LEAST_TO_LEARN = 60;

/** The first value that is NaN or infinite; null if there is none. */
export function firstNonfinite(curve: HealthCurve): HealthFinding | null {
  const at = Array.from(curve.values).findIndex((value) => !Number.isFinite(value));
  if (at < 0) return null;
  const step = curve.steps[at]!;
  return finding(curve, at, {
    kind: 'nonfinite',
    text: `${curve.tag} is ${curve.values[at]} from step ${step} on`,
  });
}

/**
 * Where a curve left its best and did not come back: its smoothed value is now far outside the noise of
 * neighbouring points, and half of all that was gained since the beginning is lost.
 */
export function divergence(curve: HealthCurve, good: 'higher' | 'lower'): HealthFinding | null {
  const { places, smooth } = smoothed(curve, good);
  if (smooth.length < LEAST) return null;
  const noise = noiseOf(curve, places);
  const bestAt = smooth.reduce((best, value, at) => (value < smooth[best]! ? at : best), 0);
  const best = smooth[bestAt]!;
  const lost = smooth.at(-1)! - best;
  const gained = smooth[0]! - best;
  if (bestAt === smooth.length - 1 || lost <= LOST_NOISE * noise || lost <= LOST_SHARE * gained) return null;
  // It begins where the curve last stood near its best.
  const limit = best + (LOST_NOISE / 2) * noise;
  let start = smooth.length - 1;
  while (start > bestAt && smooth[start - 1]! > limit) start -= 1;
  const at = places[start]!;
  return finding(curve, at, {
    kind: 'divergence',
    text: `${curve.tag} left its best value at step ${curve.steps[at]} and did not come back`,
  });
}

/** A curve whose end lies within the noise of its beginning: nothing was learnt. */
export function neverLearnt(curve: HealthCurve, good: 'higher' | 'lower'): HealthFinding | null {
  const { places } = smoothed(curve, good);
  if (places.length < LEAST_TO_LEARN) return null;
  const values = places.map((place) => curve.values[place]!);
  const noise = noiseOf(curve, places);
  const begin = median(values.slice(0, END))!;
  const end = median(values.slice(-END))!;
  const best = good === 'lower' ? begin - end : end - begin;
  // The standard error of a median of ten, 1.25 / √10 spreads, on both sides.
  const error = noise * 1.25 * Math.sqrt(2 / END);
  if (best > 2 * error) return null;
  return finding(curve, places[0]!, {
    kind: 'plateau',
    text: `${curve.tag} is no better after ${values.length} points than at the start`,
  });
}

/** Finite places of a curve, and the median of each with its neighbours; turned so that lower is better. */
function smoothed({ values }: HealthCurve, good: 'higher' | 'lower') {
  const places = Array.from(values, (_, at) => at).filter((at) => Number.isFinite(values[at]!));
  const sign = good === 'lower' ? 1 : -1;
  const half = SMOOTHED >> 1;
  const turned = places.map((place) => sign * values[place]!);
  const smooth = turned.map((_, at) => median(turned.slice(Math.max(0, at - half), at + half + 1))!);
  return { places, smooth };
}

/** Spread of the noise, from the second half's steps between neighbours: by then a curve is nearly level. */
function noiseOf({ values }: HealthCurve, places: readonly number[]): number {
  const late = places.slice(places.length >> 1);
  const steps = late.slice(1).map((place, at) => values[place]! - values[late[at]!]!);
  const sorted = Float64Array.from(steps).sort();
  const centre = median(steps) ?? 0;
  return (NORMAL_MAD * medianDistance(sorted, centre)) / Math.SQRT2;
}

/** A finding at a place of a curve. */
export function finding(
  { tag, steps, wallTimes }: HealthCurve,
  at: number,
  { kind, text }: Pick<HealthFinding, 'kind' | 'text'>,
): HealthFinding {
  return { kind, tag, step: steps[at]!, wallTime: wallTimes[at]!, text };
}
