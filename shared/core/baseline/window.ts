import { AUTO_HISTORY } from '../judging/auto/judge-auto.ts';
import type { ConditionConfig } from '../schema/test-config.ts';

/** Earlier runs that a bound from history looks back on, unless the condition says otherwise. */
export const DEFAULT_HISTORY_WINDOW = 30;

/** A window of time or of versions holds at most so many runs. */
export const MOST_RUNS = 1000;

/** So many times its window is looked back on by a condition that leaves out the runs of a lasting change. */
const BEHIND_FROZEN = 4;

/** How many runs the window of a condition with bounds from history holds at most. */
export function windowOf({ history_window: window, history_versions: versions }: ConditionConfig): number {
  if (typeof window === 'number') return window;
  return window === undefined && versions === undefined ? DEFAULT_HISTORY_WINDOW : MOST_RUNS;
}

/** Whether the bounds come from no history. */
export function isFixed({ success_threshold: threshold }: ConditionConfig): boolean {
  return threshold.fixed_value !== undefined || threshold.within_bounds !== undefined;
}

/**
 * Whether runs of a change that lasts stay out of the baseline: by default with every threshold from history but
 * `stddevs_from_mean`, whose meaning is that of the original.
 */
export function isFreezing({ freeze, success_threshold: threshold }: ConditionConfig): boolean {
  return freeze ?? threshold.stddevs_from_mean === undefined;
}

/** How many earlier runs a judge wants to see; 0: none. */
export function wantedRuns(condition: ConditionConfig): number {
  const waits = Math.max(0, condition.wait_for_n_points_of_history ?? 0);
  if (condition.success_threshold.auto !== undefined) return Math.max(AUTO_HISTORY, waits);
  if (isFixed(condition)) return waits;
  const window = windowOf(condition);
  const seen = isFreezing(condition) ? Math.max(window, Math.min(MOST_RUNS, BEHIND_FROZEN * window)) : window;
  return Math.max(seen, waits);
}
