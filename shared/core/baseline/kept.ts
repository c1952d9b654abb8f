import { type Sides, sidesOf } from '../judging/history-bounds.ts';
import type { ConditionConfig } from '../schema/test-config.ts';
import { isFreezing, windowOf } from './window.ts';

/** So many runs in a row out of bounds are a change that lasts, and so many in a row inside are its end. */
const IN_A_ROW = 2;
/** Whether an earlier run was out of bounds is asked of at most so many runs before it. */
const LOOKED_AT = 60;
/** … and only where at least so many are known: bounds from two values leave out what is ordinary. */
const LEAST_LOOKED_AT = 8;

/** The bounds that this is asked of are made anew when so many more runs count. */
const RENEWED_AFTER = 5;

/**
 * Which of the earlier values, newest first, the bounds are made of: positions, newest first. Where lasting changes
 * stay out (`isFreezing`) the values are walked through from the oldest on: once two in a row are out of the bounds
 * that those before them make, on the side that fails, they and all that follow are left out, until two in a row are
 * back inside. A single run that is out stays: it may be noise, and leaving out only what is far makes the spread
 * shrink. All of it follows from the values, so that verdicts that were stored have no say.
 */
export function keptOf(condition: ConditionConfig, earlier: readonly number[]): number[] {
  const window = windowOf(condition);
  if (!isFreezing(condition)) return Array.from({ length: Math.min(window, earlier.length) }, (_, at) => at);
  const isOut = walker(condition, Math.min(window, LOOKED_AT));
  const kept: number[] = [];
  const values: number[] = [];
  let suspects: number[] = [];
  let frozen = false;
  const keep = (...positions: readonly number[]) => {
    kept.push(...positions);
    for (const at of positions) values.push(earlier[at]!);
  };
  for (let at = earlier.length - 1; at >= 0; at--) {
    if (isOut(earlier[at]!, values) === frozen) {
      // What is as expected settles what was doubtful: a lone run that was out counts, one that was back does not.
      if (!frozen) keep(...suspects, at);
      suspects = [];
      continue;
    }
    suspects.push(at);
    if (suspects.length < IN_A_ROW) continue;
    if (frozen) keep(...suspects);
    frozen = !frozen;
    suspects = [];
  }
  // The newest by itself may be the first of two: nobody knows yet, and it counts as what came before.
  if (!frozen) keep(...suspects);
  return kept.slice(-window).reverse();
}

/** Asks of values in turn whether they are out of the bounds that the newest `most` of those that count make. */
function walker(condition: ConditionConfig, most: number) {
  let sides: Sides | null = null;
  let madeOf = Number.NEGATIVE_INFINITY;
  return (value: number, counting: readonly number[]): boolean => {
    if (counting.length < LEAST_LOOKED_AT) return false;
    if (counting.length >= madeOf + RENEWED_AFTER) {
      const made = sidesOf(condition, counting.slice(-most));
      sides = typeof made === 'string' || made.flat ? null : made;
      madeOf = counting.length;
    }
    return sides !== null && isOutside(condition, value, sides);
  };
}

function isOutside({ comparison }: ConditionConfig, value: number, { lower, upper }: Sides): boolean {
  const isBelow = !comparison?.startsWith('less') && value < lower;
  const isAbove = !comparison?.startsWith('greater') && value > upper;
  return isBelow || isAbove;
}
