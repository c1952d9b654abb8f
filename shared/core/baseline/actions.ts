import { compareActions, type PersonAction } from '../person-action.ts';
import type { RunOrder } from '../run.ts';

/** What people decided about the baseline of one metric, as far as it counts for one run. */
export interface BaselineDecisions {
  /** Where the newest accepted level begins; null: nobody accepted one. */
  readonly accepted: RunOrder | null;
  /** Runs that are out of every baseline, by uuid, in text order. */
  readonly excluded: readonly string[];
}

/**
 * What counts for a run that ended at `finishedAt`: what was done before it ended, and of accepting also only what
 * accepted an earlier run. So the verdict of a run never hangs on when it was judged. Of several decisions about
 * the same thing the last one counts. `actions`: those that name the test, in any order.
 */
export function actionsFor(
  metricName: string,
  finishedAt: number,
  actions: readonly PersonAction[],
): BaselineDecisions {
  let accepted: RunOrder | null = null;
  const excluded = new Set<string>();
  for (const { at, kind, target } of [...actions].sort(compareActions)) {
    const { run, signal } = target;
    if (run === null || at >= finishedAt) continue;
    if (kind === 'exclude') excluded.add(run.uuid);
    if (kind === 'include') excluded.delete(run.uuid);
    const isMine = signal === null || signal === `metric:${metricName}`;
    if (kind === 'accept' && isMine && run.finishedAt < finishedAt) accepted = run;
  }
  return { accepted, excluded: [...excluded].sort() };
}
