import type { Assessed } from './assess.ts';
import type { EffectiveConfig } from './effective-config.ts';
import type { Judgement } from './judge.ts';
import { isNeutral, type Outcome } from './outcome.ts';
import { splitReason } from './reason.ts';

/** The failing runs of a signal since it last passed, before the run in question. */
export interface FailingStreak {
  /** How many there are; runs in which it was not judged do not count. */
  readonly failing: number;
  /** One of them was told. */
  readonly told: boolean;
}

export type AlertDecision = 'first-failure' | 'confirmed' | 'already-alerted' | 'waits-for-second';

/** Reasons that no second run need confirm. */
const INSTANT: ReadonlySet<string> = new Set(['missing', 'nonfinite', 'clock', 'not_reached', 'outcome']);

/**
 * Whether a failing run is told: a failing streak is told once, at its first failing run, or at its second
 * with `afterSecond`, which delays neither outcome nor missing nor non-finite values (contracts §4).
 */
export function decideAlert(
  reason: string | null,
  { failing, told }: FailingStreak,
  afterSecond: boolean,
): AlertDecision {
  // What was told counts, not what should have been: a late run may have made the runs before this one fail.
  if (told) return 'already-alerted';
  if (failing > 0) return 'confirmed';
  return !afterSecond || isInstant(reason) ? 'first-failure' : 'waits-for-second';
}

function isInstant(reason: string | null): boolean {
  return reason !== null && INSTANT.has(splitReason(reason).word);
}

export function isTold(decision: AlertDecision): boolean {
  return decision === 'first-failure' || decision === 'confirmed';
}

/**
 * Whether a judgement may be told. What the recommended rule tells is a change that counts as real, whatever
 * the verdict of the run that made it sure: a lone bad run fails and pages nobody.
 */
function isWorthTelling({ verdict, change }: Judgement): boolean {
  if (change === undefined || change.alert?.kind === 'nonfinite') return verdict === 'fail';
  return change.alert?.direction === 'worse';
}

/** Whether the recommended rule has seen enough runs: nothing else need confirm what it tells. */
export function isConfirmed({ change }: Judgement): boolean {
  return change?.alert != null && change.alert.kind !== 'nonfinite';
}

/** Metrics whose judgement is worth telling and that the config wants alerts for. */
export function alertingMetrics(metrics: readonly Assessed[], config: EffectiveConfig): Assessed[] {
  const { subset, metrics: wanted } = config.alerts;
  if (!wanted) return [];
  return metrics.filter(({ metric, judgement }) => {
    if (judgement === null || !isWorthTelling(judgement)) return false;
    const { name, bareName } = metric;
    return subset.length === 0 || subset.includes(name) || (bareName !== null && subset.includes(bareName));
  });
}

/** Whether the end of a run is told: the first bad end after a good one. Neutral ends are not looked at. */
export function decideJobAlert(outcome: Outcome, previous: Outcome | null, config: EffectiveConfig): boolean {
  if (!config.alerts.jobs || outcome === 'success' || isNeutral(outcome)) return false;
  return previous === null || previous === 'success';
}
