import type { Comparison, ConditionConfig } from '../schema/test-config.ts';
import type { ThresholdConfig } from '../schema/threshold.ts';
import type { Band } from './conditions/band.ts';
import { madsFromMedian } from './conditions/mads-from-median.ts';
import { percentFrom } from './conditions/percent.ts';
import { predictionInterval } from './conditions/prediction-interval.ts';
import { stddevsFromMean } from './conditions/stddevs-from-mean.ts';
import { resolved, widened } from './conditions/widen.ts';

/** Why no band could be made of values that are there: a level of `zero`, or a `scale` they do not fit. */
export type NoBand = 'zero_level' | 'scale';

/** A band on the scale of the metric; on the log scale its sides are not equally far from its centre. */
export interface Sides {
  readonly lower: number;
  readonly upper: number;
  /** The earlier values show no spread, and nobody said how much there might be. */
  readonly flat: boolean;
  readonly centre: number;
}

/** Earlier values a threshold needs at least. */
export function leastHistory(threshold: ThresholdConfig): number {
  return threshold.percent_from_mean === undefined && threshold.percent_from_median === undefined ? 2 : 1;
}

/** Both sides of the band that a condition draws from earlier values, of which there are enough. */
export function sidesOf(condition: ConditionConfig, values: readonly number[]): Sides | NoBand {
  const log = condition.scale === 'log';
  if (log && values.some((value) => value <= 0)) return 'scale';
  const made = bandFrom(condition, log ? values.map(Math.log) : values);
  if (made === null) return 'zero_level';
  const band = log ? made : resolved(made, condition.resolution);
  if (!log) return within(widened(band, condition.minimum_change), band.reach === 0);
  // On its own scale again before it is widened: minimum_change and resolution are in the metric's unit.
  const centre = Math.exp(band.centre);
  const [below, above] = [
    centre - Math.exp(band.centre - band.reach),
    Math.exp(band.centre + band.reach) - centre,
  ];
  const side = (reach: number) =>
    widened(resolved({ centre, reach }, condition.resolution), condition.minimum_change);
  return {
    lower: centre - side(below).reach,
    upper: centre + side(above).reach,
    flat: side(above).reach === 0,
    centre,
  };
}

function within({ centre, reach }: Band, flat: boolean): Sides {
  return { lower: centre - reach, upper: centre + reach, flat: flat && reach === 0, centre };
}

function bandFrom(condition: ConditionConfig, values: readonly number[]): Band | null {
  const threshold = condition.success_threshold;
  const { stddevs_from_mean: deviations, percent_from_mean: ofMean } = threshold;
  if (deviations !== undefined) {
    return stddevsFromMean(values, typeof deviations === 'number' ? { deviations } : deviations);
  }
  if (ofMean !== undefined) return percentFrom(values, ofMean, 'mean');
  if (threshold.percent_from_median !== undefined) {
    return percentFrom(values, threshold.percent_from_median, 'median');
  }
  if (threshold.mads_from_median !== undefined) return madsFromMedian(values, threshold.mads_from_median);
  const sides = bothSides(condition.comparison) ? 2 : 1;
  return predictionInterval(values, threshold.prediction_interval!, { sides });
}

/** Whether a comparison bounds a value from below and from above. */
export function bothSides(comparison: Comparison | undefined): boolean {
  return comparison === undefined || comparison === 'within' || comparison === 'equal';
}
