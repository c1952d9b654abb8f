import { numberOf } from '../metric.ts';
import type { Verdict } from '../outcome.ts';
import { median } from '../statistics/median.ts';
import { findMetric } from './metric-name.ts';
import type { Clause } from './policy.ts';
import type { GateCheck, GateRun } from './question.ts';
import { unitOf } from './unit.ts';

/** A clause with the metric that it means, and its number in that metric's unit. */
export interface ResolvedClause {
  readonly text: string;
  readonly metric: string;
  readonly operator: Clause['operator'];
  readonly number: number;
  readonly isTimesBaseline: boolean;
}

/** `unknown`: why a metric is not there, while others could be found. */
export type Resolved =
  | { readonly clauses: readonly ResolvedClause[]; readonly unknown: string | null }
  | { readonly problem: string };

/** Finds the metrics that clauses mean among those of the test, or says why a policy can never be asked. */
export function resolveClauses(
  clauses: readonly Clause[],
  known: { readonly metricNames: readonly string[]; readonly hasBaseline: boolean },
): Resolved {
  const resolved: ResolvedClause[] = [];
  let unknown: string | null = null;
  for (const clause of clauses) {
    const { text, operator, of } = clause;
    if (of === 'baseline' && !known.hasBaseline) {
      return { problem: `The policy's "${text}" is held against a baseline, and none is named` };
    }
    const found = findMetric(clause.metric, known.metricNames);
    if (found.kind === 'ambiguous') return { problem: found.problem };
    if (found.kind === 'unknown') {
      unknown ??= found.problem;
      continue;
    }
    const number = inUnitOf(found.metric, clause);
    if (number === null) return { problem: unitProblem(found.metric, clause) };
    resolved.push({ text, metric: found.metric, operator, number, isTimesBaseline: of === 'baseline' });
  }
  return { clauses: resolved, unknown };
}

/** Null: the metric does not count what the number counts, or nobody can tell. */
function inUnitOf(metric: string, { number, of }: Clause): number | null {
  if (typeof of === 'string') return number;
  const unit = unitOf(metric);
  return unit === null || unit.of !== of.of ? null : number * (of.size / unit.size);
}

function unitProblem(metric: string, { text, of }: Clause): string {
  const word = typeof of === 'string' ? of : of.word;
  const unit = unitOf(metric);
  const why = unit === null ? 'does not say its unit' : `is in ${unit.word}`;
  return `The policy's "${text}" is in ${word}, and the name of the metric "${metric}" ${why}: write the number without a unit, as the metric counts`;
}

interface Sides {
  readonly runs: readonly GateRun[];
  readonly baseline: readonly GateRun[];
}

/** One check a metric, in the order in which the policy first names them. */
export function checkClauses(clauses: readonly ResolvedClause[], sides: Sides): GateCheck[] {
  const metrics = [...new Set(clauses.map(({ metric }) => metric))];
  return metrics.map((metric) => {
    const own = clauses.filter((clause) => clause.metric === metric);
    const value = candidateValue(metric, sides.runs);
    return together(
      metric,
      own.map((clause) => checkClause(clause, { value, baseline: sides.baseline })),
    );
  });
}

interface Value {
  /** The median of the runs; NaN or infinite where one of them is; null where one has none. */
  readonly value: number | null;
  readonly n: number;
}

function candidateValue(metric: string, runs: readonly GateRun[]): Value {
  const found = runs.flatMap(({ metrics }) => {
    const row = metrics.find(({ metricName }) => metricName === metric);
    return (row === undefined ? null : numberOf(row.kind, row.value)) ?? [];
  });
  if (found.length < runs.length) return { value: null, n: found.length };
  const odd = found.find((one) => !Number.isFinite(one));
  return { value: odd ?? median(found), n: found.length };
}

/** What one clause says, before those of a metric are put together. */
type ClauseCheck = Omit<GateCheck, 'metric'>;

function checkClause(
  clause: ResolvedClause,
  { value: { value, n }, baseline }: { readonly value: Value; readonly baseline: readonly GateRun[] },
): ClauseCheck {
  const base = clause.isTimesBaseline ? baselineOf(clause.metric, baseline) : { value: 1, n: 0 };
  const bound = base.value === null || base.value < 0 ? null : clause.number * base.value;
  const isUpper = clause.operator.startsWith('<');
  const isLower = clause.operator.startsWith('>');
  const check = (verdict: Verdict, reason: string | null): ClauseCheck => ({
    rule: clause.text,
    verdict,
    reason,
    value,
    lower: isUpper ? null : bound,
    upper: isLower ? null : bound,
    n,
    baselineN: base.n,
  });
  if (value === null) return check('fail', 'missing');
  if (!Number.isFinite(value)) return check('fail', 'nonfinite');
  // Times a negative number a bound would lie on the wrong side.
  if (bound === null) return check('inconclusive', base.value === null ? 'baseline' : 'baseline: negative');
  if (holds(value, clause.operator, bound)) return check('pass', null);
  return check('fail', isUpper ? 'above' : isLower ? 'below' : 'not_equal');
}

function baselineOf(metric: string, runs: readonly GateRun[]): Value {
  const values = runs.flatMap(({ metrics }) => {
    const value = metrics.find(({ metricName }) => metricName === metric)?.value;
    return value === undefined || value === null ? [] : [value];
  });
  return { value: median(values), n: values.length };
}

function holds(value: number, operator: Clause['operator'], bound: number): boolean {
  switch (operator) {
    case '<=':
      return value <= bound;
    case '>=':
      return value >= bound;
    case '<':
      return value < bound;
    case '>':
      return value > bound;
    case '==':
      return value === bound;
  }
}

/** The clauses of one metric: the worst of them decide, and the narrowest bounds are told. */
function together(metric: string, checks: readonly ClauseCheck[]): GateCheck {
  const verdict = (['fail', 'inconclusive', 'pass'] as const).find((one) =>
    checks.some((check) => check.verdict === one),
  )!;
  const deciding = checks.filter((check) => check.verdict === verdict);
  const [first] = deciding as [ClauseCheck];
  const bounds = (side: 'lower' | 'upper') => checks.flatMap((check) => check[side] ?? []);
  const [lower, upper] = [bounds('lower'), bounds('upper')];
  return {
    ...first,
    metric,
    rule: deciding.map(({ rule }) => rule).join(','),
    lower: lower.length === 0 ? null : Math.max(...lower),
    upper: upper.length === 0 ? null : Math.min(...upper),
    baselineN: Math.max(...checks.map(({ baselineN }) => baselineN)),
  };
}
