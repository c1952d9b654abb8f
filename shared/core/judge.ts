import { type Bounds, boundsOf } from './bounds.ts';
import type { AutoAlert, AutoResult } from './judging/auto/auto.ts';
import { AUTO_HISTORY, judgeNewest } from './judging/auto/judge-auto.ts';
import { goodOf } from './judging/direction.ts';
import { surpriseAt, surpriseOf } from './judging/surprise.ts';
import type { Metric } from './metric.ts';
import type { Outcome, Verdict } from './outcome.ts';
import type { Comparison, ConditionConfig } from './schema/test-config.ts';

/** What one condition says about one metric of one run. */
export interface Judgement {
  readonly verdict: Exclude<Verdict, 'pending'>;
  /** Machine word, for a missing metric with a detail behind a colon; null for a plain pass. */
  readonly reason: string | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly baselineN: number;
  /** Which of the earlier values the bounds came from, by position, newest first; left out for a fixed value and for `auto`. */
  readonly used?: readonly number[];
  /** The middle of the earlier runs that the bounds came from; only where there are such. */
  readonly centre?: number;
  /** What the recommended rule makes of the series up to this run; only its conditions have it. */
  readonly change?: ChangeState;
  /** Share of ordinary runs that would be as bad; set where earlier values were asked. */
  readonly p?: number;
}

/** A verdict is about one run; whether the series has changed is about several. */
export interface ChangeState {
  readonly state: AutoResult['state'];
  /** The change that counts as real from this run on: what an alert fires on. */
  readonly alert: AutoAlert | null;
  /** Of a change that is not over: how many runs before this one it began, of those that were looked back on. */
  readonly runsAgo: number | null;
  /** True in one run of a change for the worse: it holds still, and somebody may want to accept it. */
  readonly looksNormal?: true;
}

/** Everything a judgement depends on. `earlier`: see `boundsOf`. */
export interface Case {
  readonly metric: Metric;
  readonly condition: ConditionConfig;
  readonly outcome: Outcome;
  readonly earlier: readonly number[];
}

/** Holds one metric against one condition; pure, and every answer but a plain pass has a reason. */
export function judge({ metric, condition, outcome, earlier }: Case): Judgement {
  if (outcome !== 'success') return unjudged('outcome');
  if (condition.success_threshold.auto !== undefined) return judgeByRule({ metric, condition, earlier });
  const bounds = boundsOf(condition, earlier);
  const shown =
    bounds.kind === 'bounds'
      ? { lower: bounds.lower, upper: bounds.upper, baselineN: bounds.baselineN, ...sourceOf(bounds) }
      : { lower: null, upper: null, baselineN: bounds.baselineN };
  if (metric.kind === 'missing') {
    return { ...byPolicy(condition.on_missing, metric.reason ?? 'missing'), ...shown };
  }
  if (metric.value === null) return { ...byPolicy(condition.on_nonfinite, 'nonfinite'), ...shown };
  if (bounds.kind === 'none') return { verdict: 'inconclusive', reason: bounds.reason, ...shown };
  const reason = violation(metric.value, bounds, condition.comparison);
  const p = surpriseOf(condition, bounds.used?.map((at) => earlier[at]!) ?? [], metric.value);
  return { verdict: reason === null ? 'pass' : 'fail', reason, ...shown, ...(p === null ? {} : { p }) };
}

/** By the recommended rule. A value that is missing or no number is as bad as the condition says. */
function judgeByRule({ metric, condition, earlier }: Omit<Case, 'outcome'>): Judgement {
  const none = { lower: null, upper: null, baselineN: 0 };
  if (metric.kind === 'missing') {
    return { ...byPolicy(condition.on_missing, metric.reason ?? 'missing'), ...none };
  }
  const waits = condition.wait_for_n_points_of_history ?? 0;
  if (metric.value !== null && earlier.length < waits)
    return { ...unjudged('history'), baselineN: earlier.length };
  const good = goodOf(metric.bareName ?? metric.name, condition.comparison);
  const result = judgeNewest(metric.value ?? Number.NaN, earlier, good);
  const { verdict, reason, lower, upper, level, state, alert } = result;
  const known = Math.min(earlier.length, AUTO_HISTORY);
  const change = {
    state,
    alert,
    runsAgo: result.since === null ? null : known - result.since,
    ...(result.looksNormal ? { looksNormal: true as const } : {}),
  };
  if (metric.value === null) return { ...byPolicy(condition.on_nonfinite, 'nonfinite'), ...none, change };
  // Too few to learn a level from are told all the same: it is what the reader asks next.
  const baselineN = level?.n ?? earlier.length;
  if (level === null) return { verdict, reason, lower, upper, baselineN, change };
  const { centre } = level;
  return {
    verdict,
    reason,
    lower,
    upper,
    baselineN,
    centre,
    change,
    p: surpriseAt(level, metric.value, good),
  };
}

function sourceOf({ centre, used }: Bounds): Pick<Judgement, 'centre' | 'used'> {
  return centre === undefined || used === undefined ? {} : { centre, used };
}

/** A judgement that was not made, and why. */
export function unjudged(reason: string): Judgement {
  return { verdict: 'inconclusive', reason, lower: null, upper: null, baselineN: 0 };
}

type Policy = 'fail' | 'warn' | 'ignore' | undefined;

function byPolicy(policy: Policy, reason: string): Pick<Judgement, 'verdict' | 'reason'> {
  if (policy === 'warn') return { verdict: 'pass', reason };
  return { verdict: policy === 'ignore' ? 'inconclusive' : 'fail', reason };
}

/** Written so that a comparison with NaN can never pass. */
function violation(value: number, bounds: Bounds, comparison: Comparison | undefined): string | null {
  const { lower, upper, tolerance } = bounds;
  const inclusive = comparison !== 'greater' && comparison !== 'less';
  const near = (bound: number) => tolerance !== null && Math.abs(value - bound) <= tolerance;
  if (lower !== null && !(value > lower || (inclusive && value === lower) || near(lower))) {
    return comparison === 'equal' ? 'not_equal' : 'below';
  }
  if (upper !== null && !(value < upper || (inclusive && value === upper) || near(upper))) {
    return comparison === 'equal' ? 'not_equal' : 'above';
  }
  return null;
}

/** What a failing run says about the test itself, not about its metrics. */
export function runVerdict(outcome: Outcome, judgements: readonly Judgement[]): Judgement['verdict'] {
  if (outcome === 'cancelled' || outcome === 'preempted') return 'inconclusive';
  if (outcome !== 'success') return 'fail';
  if (judgements.some(({ verdict }) => verdict === 'fail')) return 'fail';
  if (judgements.length === 0) return 'pass';
  return judgements.some(({ verdict }) => verdict === 'pass') ? 'pass' : 'inconclusive';
}
