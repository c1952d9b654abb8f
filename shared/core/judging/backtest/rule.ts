import { wantedRuns } from '../../baseline/window.ts';
import { judge } from '../../judge.ts';
import { metricOf } from '../../metric.ts';
import type { ConditionConfig } from '../../schema/test-config.ts';
import { type AutoResult, judgeSeries } from '../auto/auto.ts';
import type { Good } from '../direction.ts';
import { type JudgedPoint, type RaisedAlert, raisedAlerts } from './raised-alerts.ts';

export type { RaisedAlert } from './raised-alerts.ts';

/** One run as a backtest sees it: null was not reported, NaN and infinities were. */
export type Point = number | null;

/** What a rule would have said of every run on its day. */
export interface RuleAnswer {
  /** One a point. */
  readonly verdicts: readonly ('pass' | 'fail' | 'inconclusive')[];
  readonly alerts: readonly RaisedAlert[];
  /** Where each value had to lie; null where the rule has no such band. */
  readonly bands: readonly { readonly lower: number | null; readonly upper: number | null }[];
}

/** A rule that can be tried on history. */
export interface Rule {
  /** As it was asked for. */
  readonly name: string;
  readonly run: (points: readonly Point[], good: Good) => RuleAnswer;
  /** Runs before a change that it needs to see, to be tried on an excerpt. */
  readonly memory: number;
}

/** A band without limits. */
export const OPEN = { lower: null, upper: null };

/** The recommended rule. */
export const AUTO_RULE: Rule = {
  name: 'auto',
  memory: 200,
  run: (points, good) => {
    const results = judgeSeries(points, { good });
    return {
      verdicts: results.map(({ verdict }) => verdict),
      alerts: withNonfinite(raisedAlerts(judgedByAuto(points, results), autoCondition(good)), results),
      bands: results.map(({ lower, upper }) => ({ lower, upper })),
    };
  },
};

/**
 * Every value that is no number is an alert of the judge, also where an open episode has that to tell and fires no second
 * time: whoever counts what a rule tells counts them all.
 */
function withNonfinite(
  fired: readonly RaisedAlert[],
  results: readonly AutoResult[],
): readonly RaisedAlert[] {
  const told = new Set(fired.map(({ index }) => index));
  const more = results.flatMap(({ alert }, index): RaisedAlert[] =>
    alert?.kind === 'nonfinite' && !told.has(index)
      ? [{ index, since: index, direction: 'worse', kind: 'nonfinite' }]
      : [],
  );
  return [...fired, ...more].sort((a, b) => a.index - b.index);
}

function autoCondition(good: Good): ConditionConfig {
  return { success_threshold: { auto: {} }, comparison: comparisonFor(good) };
}

/**
 * What the recommended rule says of every run that reported its metric, as a live pass judges it; the series is looked
 * back on whole, where a live run sees its newest runs. `results`: what `judgeSeries` made of the points.
 */
export function* judgedByAuto(
  points: readonly Point[],
  results: readonly AutoResult[],
): Generator<JudgedPoint> {
  for (const [index, result] of results.entries()) {
    const { verdict, reason, lower, upper, alert, state, since, looksNormal } = result;
    const value = points[index]!;
    if (value === null) continue;
    const runsAgo = since === null ? null : index - since;
    const change = { state, alert, runsAgo, ...(looksNormal ? { looksNormal } : {}) };
    const judgement = { verdict, reason, lower, upper, baselineN: 0, change };
    yield { index, value, judgement, since: alert?.since ?? index };
  }
}

/**
 * A condition with bounds from history, as every successful run would have been judged by it. `confirm`: failing runs
 * in a row that fire.
 */
export function conditionRule(
  name: string,
  condition: Omit<ConditionConfig, 'comparison'>,
  { confirm }: { readonly confirm: number },
): Rule {
  return {
    name,
    memory: Math.max(wantedRuns(condition), 60),
    run: (points, good) =>
      runCondition(points, { ...condition, comparison: comparisonFor(good), confirm_n: confirm }),
  };
}

function comparisonFor(good: Good): NonNullable<ConditionConfig['comparison']> {
  if (good === null) return 'within';
  return good === 'higher' ? 'greater_or_equal' : 'less_or_equal';
}

function runCondition(points: readonly Point[], condition: ConditionConfig): RuleAnswer {
  const judged = [...judgedByCondition(points, condition)];
  const verdicts: RuleAnswer['verdicts'][number][] = points.map(() => 'inconclusive');
  const bands: RuleAnswer['bands'][number][] = points.map(() => OPEN);
  for (const { index, judgement } of judged) {
    verdicts[index] = judgement.verdict;
    bands[index] = { lower: judgement.lower, upper: judgement.upper };
  }
  return { verdicts, bands, alerts: raisedAlerts(judged, condition) };
}

/** What a condition with bounds from history says of every run that reported its metric. */
export function* judgedByCondition(
  points: readonly Point[],
  condition: ConditionConfig,
): Generator<JudgedPoint> {
  const earlier: number[] = [];
  const keep = wantedRuns(condition);
  for (const [index, value] of points.entries()) {
    if (value === null) continue;
    const metric = metricOf('metric', value);
    yield {
      index,
      value,
      since: index,
      judgement: judge({ metric, condition, outcome: 'success', earlier }),
    };
    if (!isFinitePoint(value)) continue;
    earlier.unshift(value);
    if (earlier.length > keep) earlier.pop();
  }
}

/** Whether a run reported a number. */
export function isFinitePoint(point: Point): point is number {
  return point !== null && Number.isFinite(point);
}
