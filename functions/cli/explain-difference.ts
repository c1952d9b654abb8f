import type { BaselineRecord } from '../../shared/core/baseline/record.ts';
import type { Judgement } from '../../shared/core/judge.ts';
import type { MetricRow } from '../../shared/core/rows.ts';
import { formatNumber } from '../../shared/render/number.ts';

/** What of a stored judgement comes out otherwise now, a few words each. */
export function differences(
  row: MetricRow,
  { judgement, baseline }: { readonly judgement: Judgement; readonly baseline: BaselineRecord | null },
): string[] {
  const found: string[] = [];
  const compare = (what: string, stored: string | number | null, now: string | number | null) => {
    if (stored !== now) found.push(`${what} ${shown(stored)}, now ${shown(now)}`);
  };
  compare('verdict', row.verdict, judgement.verdict);
  compare('lower bound', row.lower, judgement.lower);
  compare('upper bound', row.upper, judgement.upper);
  compare('runs', row.baselineN, judgement.baselineN);
  // A row from before baselines were stored has nothing to compare.
  if (row.baseline !== null) {
    compare('earlier runs', runsOf(row.baseline), runsOf(baseline));
    compare('values of the earlier runs', row.baseline.digest, baseline?.digest ?? null);
  }
  return found;
}

function runsOf(baseline: BaselineRecord | null): string {
  if (baseline === null || baseline.n === 0) return 'none';
  return `${baseline.n} from ${baseline.first} to ${baseline.last}`;
}

function shown(value: string | number | null): string {
  if (value === null) return 'none';
  return typeof value === 'number' ? formatNumber(value) : value;
}
