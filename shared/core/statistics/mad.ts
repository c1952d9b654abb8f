import { median } from './median.ts';
import { medianDistance } from './quantile.ts';

/** Makes the median distance of normal values equal their standard deviation: 1 / Φ⁻¹(3/4). */
export const NORMAL_MAD = 1.482602218505602;

/**
 * Median absolute deviation from the median, not scaled (Hampel 1974); null for none. Half of the values may be
 * anything without moving it far.
 */
export function medianAbsoluteDeviation(values: readonly number[]): number | null {
  const centre = median(values);
  return centre === null ? null : medianDistance(Float64Array.from(values).sort(), centre);
}
