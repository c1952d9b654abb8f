import { mean } from '../../statistics/mean.ts';
import { median } from '../../statistics/median.ts';
import { sampleDeviation } from '../../statistics/sample-deviation.ts';
import { upperQuantile } from '../../statistics/student.ts';
import type { Good } from '../direction.ts';
import { type Curve, onCommonSteps } from './common-steps.ts';

/** Earlier curves that a band needs at least. */
export const LEAST_CURVES = 8;

/** What whole-curve comparison is asked with. */
export interface CurveOptions {
  readonly good: Good;
  /** Share of ordinary curves that stay inside over their whole length, such as 0.99. */
  readonly coverage: number;
}

/** How a curve stands against earlier ones. */
export interface CurveVerdict {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /** `left` the band somewhere, lies off for a `stretch` or all `along`, or `history`: too few earlier curves. */
  readonly reason: 'left' | 'stretch' | 'along' | 'history' | null;
  /** The step where it is furthest out, how far in pointwise spreads, and how far is ordinary. */
  readonly worst: { readonly step: number; readonly distance: number; readonly limit: number } | null;
  /** Largest mean distance over an eighth of the steps, positive for worse, and how far is ordinary. */
  readonly stretch: { readonly distance: number; readonly limit: number } | null;
  /** Mean distance over all steps, and how far is ordinary. */
  readonly along: { readonly distance: number; readonly limit: number } | null;
  readonly curves: number;
}

/**
 * Holds a whole curve against the band of earlier ones on their common steps. Three statistics: the
 * largest distance from the pointwise mean, the largest mean of a stretch of steps, and the mean of all; each
 * earlier curve is measured by leaving it out of the band. The limits are prediction intervals of those, at a
 * third of `1 − coverage` each, so that all of an ordinary curve stays inside with the coverage stated,
 * approximately: the largest distance is taken as log-normal, the means as normal. Catches a curve that ends where the others end, later. Pure.
 */
export function compareCurves(
  curve: Curve,
  earlier: readonly Curve[],
  { good, coverage }: CurveOptions,
): CurveVerdict {
  const common = onCommonSteps(curve, earlier);
  const curves = common.earlier.length;
  if (curves < LEAST_CURVES || common.steps.length === 0) {
    return { verdict: 'inconclusive', reason: 'history', worst: null, stretch: null, along: null, curves };
  }
  const alone = common.earlier.map((one, index) =>
    measure(one, bandOf(common.earlier.filter((_, at) => at !== index)), good),
  );
  const now = measure(common.curve, bandOf(common.earlier), good);
  const tail = (1 - coverage) / STATISTICS;
  const limitOfWorst = Math.exp(
    limit(
      alone.map(({ worst }) => Math.log(Math.max(worst, SMALLEST))),
      tail,
    ),
  );
  const limitAlong = limit(
    alone.map(({ along }) => along),
    tail,
  );
  const worst = { step: common.steps[now.at]!, distance: now.worst, limit: limitOfWorst };
  const along = { distance: now.along, limit: limitAlong };
  const stretch = {
    distance: now.stretch,
    limit: limit(
      alone.map((one) => one.stretch),
      tail,
    ),
  };
  const reason = reasonOf({ worst, stretch, along });
  return { verdict: reason === null ? 'pass' : 'fail', reason, worst, stretch, along, curves };
}

interface Found {
  readonly distance: number;
  readonly limit: number;
}

/** The widest of what is out, since it says most. */
function reasonOf({
  worst,
  stretch,
  along,
}: Record<'worst' | 'stretch' | 'along', Found>): CurveVerdict['reason'] {
  if (along.distance > along.limit) return 'along';
  if (stretch.distance > stretch.limit) return 'stretch';
  return worst.distance > worst.limit ? 'left' : null;
}

/** Statistics that share what may be outside by chance. */
const STATISTICS = 3;
/** A stretch is so small a part of all steps. */
const STRETCH = 8;

const SMALLEST = 1e-6;

interface Band {
  readonly centre: readonly number[];
  readonly spread: readonly number[];
}

/** Pointwise mean and deviation; no deviation falls below a tenth of the usual one, where all curves meet. */
function bandOf(curves: readonly (readonly number[])[]): Band {
  const steps = curves[0]!.map((_, at) => curves.map((curve) => curve[at]!));
  const centre = steps.map((values) => mean(values)!);
  const raw = steps.map((values) => sampleDeviation(values)!);
  const floor = (median(raw) ?? 0) / 10;
  return { centre, spread: raw.map((one) => Math.max(one, floor)) };
}

/** Distances for the worse; where neither side is good the size counts, and the larger side of the mean. */
function measure(curve: readonly number[], { centre, spread }: Band, good: Good) {
  const sign = good === 'higher' ? -1 : 1;
  const distances = curve.map((value, at) => {
    const gap = value - centre[at]!;
    return gap === 0 ? 0 : (sign * gap) / spread[at]!;
  });
  const sized = good === null ? distances.map(Math.abs) : distances;
  const at = sized.reduce((worst, one, index) => (one > sized[worst]! ? index : worst), 0);
  const along = mean(distances)!;
  return {
    at,
    worst: sized[at]!,
    stretch: stretchOf(distances, good),
    along: good === null ? Math.abs(along) : along,
  };
}

/** The largest mean over neighbouring steps, an eighth of all. */
function stretchOf(distances: readonly number[], good: Good): number {
  const length = Math.max(1, Math.round(distances.length / STRETCH));
  let sum = 0;
  let most = Number.NEGATIVE_INFINITY;
  distances.forEach((distance, at) => {
    sum += distance - (at >= length ? distances[at - length]! : 0);
    if (at >= length - 1) most = Math.max(most, (good === null ? Math.abs(sum) : sum) / length);
  });
  return most;
}

/** Upper end of the prediction interval of the next of these. */
function limit(values: readonly number[], tail: number): number {
  const n = values.length;
  return mean(values)! + upperQuantile(tail, n - 1) * sampleDeviation(values)! * Math.sqrt(1 + 1 / n);
}
