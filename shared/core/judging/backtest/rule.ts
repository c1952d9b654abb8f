import { judge } from '../../judge.ts';
import { metricOf } from '../../metric.ts';
import type { ConditionConfig } from '../../schema/test-config.ts';
import { type AutoAlert, judgeSeries } from '../auto/auto.ts';
import type { Good } from '../direction.ts';

/** One run as a backtest sees it: null was not reported, NaN and infinities were. */
export type Point = number | null;

/** A change that a rule would have told, at the run at which it would have. */
export interface RaisedAlert extends Pick<AutoAlert, 'direction' | 'kind'> {
  readonly index: number;
  /** First changed run, as far as the rule knows. */
  readonly since: number;
}

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
      alerts: results.flatMap(({ alert }, index) => (alert === null ? [] : [{ ...alert, index }])),
      bands: results.map(({ lower, upper }) => ({ lower, upper })),
    };
  },
};

/**
 * A condition with bounds from history, as every successful run would have been judged by it. A failing streak
 * is told once, at its first failing run or, with `confirm`, its second (contracts §4).
 */
export function conditionRule(
  name: string,
  condition: Omit<ConditionConfig, 'comparison'>,
  { confirm }: { readonly confirm: boolean },
): Rule {
  return {
    name,
    memory: Math.max(condition.history_window ?? 0, 60),
    run: (points, good) => runCondition(points, { ...condition, comparison: comparisonFor(good) }, confirm),
  };
}

function comparisonFor(good: Good): NonNullable<ConditionConfig['comparison']> {
  if (good === null) return 'within';
  return good === 'higher' ? 'greater_or_equal' : 'less_or_equal';
}

function runCondition(points: readonly Point[], condition: ConditionConfig, confirm: boolean): RuleAnswer {
  const earlier: number[] = [];
  const verdicts: RuleAnswer['verdicts'][number][] = [];
  const alerts: RaisedAlert[] = [];
  const bands: RuleAnswer['bands'][number][] = [];
  const keep = condition.history_window ?? 30;
  let streak: { since: number; told: boolean } | null = null;
  points.forEach((point, index) => {
    if (point === null) {
      verdicts.push('inconclusive');
      bands.push(OPEN);
      return;
    }
    const metric = metricOf('metric', point);
    const { verdict, reason, lower, upper } = judge({ metric, condition, outcome: 'success', earlier });
    verdicts.push(verdict);
    bands.push({ lower, upper });
    if (verdict === 'pass') streak = null;
    if (verdict === 'fail') {
      const nonfinite = reason === 'nonfinite';
      const told: boolean = streak?.told ?? false;
      const tells: boolean = !told && (!confirm || streak !== null || nonfinite);
      streak = { since: streak?.since ?? index, told: told || tells };
      if (tells)
        alerts.push({
          index,
          since: streak.since,
          direction: 'worse',
          kind: nonfinite ? 'nonfinite' : 'point',
        });
    }
    if (!isFinitePoint(point)) return;
    earlier.unshift(point);
    if (earlier.length > Math.max(keep, condition.wait_for_n_points_of_history ?? 0)) earlier.pop();
  });
  return { verdicts, alerts, bands };
}

/** Whether a run reported a number. */
export function isFinitePoint(point: Point): point is number {
  return point !== null && Number.isFinite(point);
}
