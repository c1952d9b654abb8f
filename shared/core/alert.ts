import type { Assessed } from './assess.ts';
import type { EffectiveConfig } from './effective-config.ts';
import { isNeutral, type Outcome } from './outcome.ts';
import type { ConditionConfig } from './schema/test-config.ts';

/** A judged run of a signal: what it said, and why. */
export interface Judged {
  readonly verdict: 'pass' | 'fail';
  readonly reason: string | null;
}

export type AlertDecision = 'first-failure' | 'second-failure' | 'already-alerted' | 'waits-for-second';

/** Reasons that no second run need confirm. */
const INSTANT: ReadonlySet<string> = new Set(['missing', 'nonfinite', 'clock', 'not_reached', 'outcome']);

/** The machine word of a reason, without its detail. */
export function reasonWord(reason: string | null): string {
  return (reason ?? '').split(':', 1)[0]!;
}

/**
 * Whether a failing run is told: a failing streak is told once, at its first failing run, or at its second
 * with `afterSecond`, which delays neither outcome nor missing nor non-finite values (contracts §4).
 * `previous`: the judged runs before this one, newest first, at least two where there are as many.
 */
export function decideAlert(
  reason: string | null,
  previous: readonly Judged[],
  afterSecond: boolean,
): AlertDecision {
  const passed = previous.findIndex(({ verdict }) => verdict === 'pass');
  const failing = passed === -1 ? previous : previous.slice(0, passed);
  const [last] = failing;
  if (last === undefined) {
    return !afterSecond || INSTANT.has(reasonWord(reason)) ? 'first-failure' : 'waits-for-second';
  }
  const toldAtFirst = !afterSecond || INSTANT.has(reasonWord(last.reason));
  return failing.length > 1 || toldAtFirst ? 'already-alerted' : 'second-failure';
}

export function isTold(decision: AlertDecision): boolean {
  return decision === 'first-failure' || decision === 'second-failure';
}

/** Failed metrics that the config wants alerts for. */
export function alertingMetrics(metrics: readonly Assessed[], config: EffectiveConfig): Assessed[] {
  const { subset, metrics: wanted } = config.alerts;
  if (!wanted) return [];
  return metrics.filter(({ metric, judgement }) => {
    if (judgement?.verdict !== 'fail') return false;
    const { name, bareName } = metric;
    return subset.length === 0 || subset.includes(name) || (bareName !== null && subset.includes(bareName));
  });
}

/** Whether the end of a run is told: the first bad end after a good one. Neutral ends are not looked at. */
export function decideJobAlert(outcome: Outcome, previous: Outcome | null, config: EffectiveConfig): boolean {
  if (!config.alerts.jobs || outcome === 'success' || isNeutral(outcome)) return false;
  return previous === null || previous === 'success';
}

const COMPARISON_WORDS: Readonly<Record<string, string>> = {
  greater: 'greater than',
  less: 'less than',
  greater_or_equal: 'at least',
  less_or_equal: 'at most',
  equal: 'equal to',
  within: 'within',
};

/** What a condition demands, in words. */
export function demandText(condition: ConditionConfig | null, window: number): string {
  if (condition === null) return 'be reported by every successful run';
  const { fixed_value: fixed, stddevs_from_mean: deviations } = condition.success_threshold;
  const words = COMPARISON_WORDS[condition.comparison ?? ''] ?? 'within';
  if (fixed !== undefined) return `${words} ${fixed}`;
  if (deviations === undefined) return 'the recommended rule';
  const spread = `${deviations} sample standard deviations`;
  const of = `the mean of the last ${window} successful runs`;
  if (condition.comparison === 'within') return `within ${spread} of ${of}`;
  const below = condition.comparison?.startsWith('greater');
  return `${words} ${of} ${below ? 'minus' : 'plus'} ${spread}`;
}
