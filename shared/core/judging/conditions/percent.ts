import { mean } from '../../statistics/mean.ts';
import { median } from '../../statistics/median.ts';
import type { Band } from './band.ts';

/** Which level a percentage is of. */
export type LevelKind = 'mean' | 'median';

/**
 * Level ± p percent of its size. Of the size, so that a negative level keeps its lower bound below its upper
 * one. Null at a level of zero, of which there is no percentage. Needs one value.
 */
export function percentFrom(values: readonly number[], percent: number, kind: LevelKind): Band | null {
  const centre = (kind === 'mean' ? mean(values) : median(values))!;
  return centre === 0 ? null : { centre, reach: (percent / 100) * Math.abs(centre) };
}
