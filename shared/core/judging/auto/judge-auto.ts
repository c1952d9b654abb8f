import type { Good } from '../direction.ts';
import { type AutoPoint, type AutoResult, judgeSeries } from './auto.ts';

/**
 * Earlier values the recommended rule looks back on: more than the longest level and what an incident can
 * hide, so that what lies before them no longer shows.
 */
export const AUTO_HISTORY = 400;

/**
 * What the rule says of the newest run. `earlier`: finite values of earlier successful runs, newest first, at
 * least `AUTO_HISTORY` of them where there are as many.
 */
export function judgeNewest(value: AutoPoint, earlier: readonly number[], good: Good): AutoResult {
  const points = [...earlier.slice(0, AUTO_HISTORY).reverse(), value];
  return judgeSeries(points, { good }).at(-1)!;
}
