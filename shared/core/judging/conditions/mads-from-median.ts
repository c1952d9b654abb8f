import { NORMAL_MAD } from '../../statistics/mad.ts';
import { mean } from '../../statistics/mean.ts';
import { median } from '../../statistics/median.ts';
import { medianDistance } from '../../statistics/quantile.ts';
import { type Band, bandOf } from './band.ts';

/** √(π/2): makes the mean distance of normal values equal their standard deviation. */
const NORMAL_MEAN_DISTANCE = Math.sqrt(Math.PI / 2);

/**
 * median ± k·1.4826·MAD (Hampel 1974). Where more than half of the values are equal and the MAD is 0, the mean
 * distance from the median stands in, times √(π/2) (Iglewicz and Hoaglin 1993, §3.2). Needs two values.
 */
export function madsFromMedian(values: readonly number[], times: number): Band {
  const centre = median(values)!;
  const mad = medianDistance(Float64Array.from(values).sort(), centre);
  if (mad > 0) return bandOf(centre, NORMAL_MAD * mad, times);
  const distance = mean(values.map((value) => Math.abs(value - centre)))!;
  return bandOf(centre, NORMAL_MEAN_DISTANCE * distance, times);
}
