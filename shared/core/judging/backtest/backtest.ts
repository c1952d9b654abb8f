import { changePoints, noiseOf } from '../change-points/segments.ts';
import type { ChangePoint } from '../change-points/split-test.ts';
import type { Good } from '../direction.ts';
import { type AlertRate, alertRate, type Power, powerOf, type Span } from './figures.ts';
import { isFinitePoint, type Point, type Rule, type RuleAnswer } from './rule.ts';
import { type Suggestion, suggest } from './suggest.ts';

/** A series to try rules on: one point a run, in the order of the runs. */
export interface TrialSeries {
  readonly id: string;
  readonly good: Good;
  readonly points: readonly Point[];
  /** Milliseconds of each run's end; null where it is not known. */
  readonly times: readonly (number | null)[];
}

/** What one rule would have done on a series. */
export interface RuleTrial {
  readonly rule: string;
  readonly answer: RuleAnswer;
  readonly rate: AlertRate;
  /** Empty where it was not asked for. */
  readonly power: readonly Power[];
}

/** What all rules would have done on a series, and where its level changed, seen from its end. */
export interface Trial {
  readonly series: TrialSeries;
  readonly rules: readonly RuleTrial[];
  readonly changePoints: readonly ChangePoint[];
  /** Null where the power was not asked for. */
  readonly suggestion: Suggestion | null;
}

/** Tries rules on a series. `power`: also put changes into it and count those that each rule tells. */
export function backtest(
  series: TrialSeries,
  rules: readonly Rule[],
  { power }: { readonly power: boolean },
): Trial {
  const { good } = series;
  const spread = power ? noiseOf(series.points.filter(isFinitePoint)).spread : 0;
  const trials = rules.map((rule): RuleTrial => {
    const answer = rule.run(series.points, good);
    return {
      rule: rule.name,
      answer,
      rate: alertRate(answer, spanOf(series.times)),
      power: power ? powerOf(rule, series.points, { good, spread }) : [],
    };
  });
  const tried = trials.map(({ rule: name, rate, power: told }) => ({ name, rate, power: told }));
  return {
    series,
    rules: trials,
    changePoints: changesOf(series.points),
    suggestion: power ? suggest(tried) : null,
  };
}

/** Change points counted among all runs, those without a value too. */
function changesOf(points: readonly Point[]): ChangePoint[] {
  const known = points.flatMap((point, index) => (isFinitePoint(point) ? [index] : []));
  const values = known.map((index) => points[index]!);
  return changePoints(values).map((point) => ({ ...point, index: known[point.index]! }));
}

function spanOf(times: readonly (number | null)[]): Span {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time === null) return null;
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  return first < last ? [first, last] : null;
}
