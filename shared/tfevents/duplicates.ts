import { mean } from '../core/statistics/mean.ts';
import type { Columns } from './columns.ts';

/**
 * What becomes of points of one step that the restart policy left: the last or the first of them stays, or all do,
 * or the last one stays with the mean of their finite values.
 */
export type DuplicatePolicy = 'last' | 'first' | 'all' | 'mean';

/**
 * Applies the policy to a series, whose wall times are kept. A series whose every step is 0 was written without
 * steps: none of its points stands for another.
 */
export function mergeDuplicates(columns: Columns, policy: DuplicatePolicy): void {
  const { length } = columns;
  if (policy === 'all' || !hasDuplicates(columns)) return;
  const order = Uint32Array.from({ length }, (_, at) => at).sort(
    (a, b) => columns.compareSteps(a, b) || a - b,
  );
  const keeps = new Uint8Array(length);
  for (let from = 0, to = 0; from < length; from = to) {
    while (to < length && columns.compareSteps(order[from]!, order[to]!) === 0) to++;
    const kept = order[policy === 'first' ? from : to - 1]!;
    keeps[kept] = 1;
    if (policy === 'mean' && to - from > 1) columns.setValue(kept, meanOf(columns, order.subarray(from, to)));
  }
  columns.merge((point) => keeps[point] === 1);
}

/** Steps that rise all the way need no sorting, and those of a series without steps are no duplicates. */
function hasDuplicates(columns: Columns): boolean {
  let rises = true;
  let isStepless = true;
  for (let at = 0; at < columns.length; at++) {
    if (at > 0 && columns.compareSteps(at - 1, at) >= 0) rises = false;
    if (columns.pointAt(at).step !== 0) isStepless = false;
    if (!rises && !isStepless) return true;
  }
  return false;
}

function meanOf(columns: Columns, points: Uint32Array): number {
  const values = Array.from(points, (point) => columns.pointAt(point).value);
  return mean(values.filter(Number.isFinite)) ?? values.at(-1)!;
}
