import type { Assessed } from '../assess.ts';
import { windowOf } from '../baseline/window.ts';
import { digestOf } from '../digest.ts';
import type { ChangeState, Judgement } from '../judge.ts';
import { demandText } from '../judging/demand.ts';
import { goodOf } from '../judging/direction.ts';
import { splitReason } from '../reason.ts';
import type { ConditionConfig } from '../schema/test-config.ts';
import type { JudgeSays, Says, Sight, SightBounds } from './sight.ts';

/** Reasons that no second run need confirm (contracts §4). */
const INSTANT: ReadonlySet<string> = new Set(['missing', 'nonfinite', 'clock', 'not_reached']);

/** Good runs in a row that close an episode, unless its condition says otherwise. */
const RECOVER_AFTER = 2;

/** What a judged metric says, before it is known whether anybody needs to hear it. */
export interface MetricSays {
  readonly says: Says;
  readonly judge: JudgeSays | null;
}

/**
 * What a judgement says of a metric's regression. A value that is missing or no number is never good, whatever the
 * condition makes of it.
 */
export function regressionSays({ metric, condition, judgement }: Assessed): MetricSays {
  if (judgement === null) return { says: condition === null ? 'undemanded' : 'absent', judge: null };
  const { verdict, change } = judgement;
  const byJudge = change === undefined ? null : judgeSays(change, verdict);
  if (verdict === 'fail') {
    const waits = change !== undefined && metric.kind === 'finite';
    return { says: waits ? 'fail' : 'bad', judge: byJudge };
  }
  if (metric.kind === 'missing') return { says: 'absent', judge: null };
  if (metric.value === null || judgement.reason === 'config') return { says: 'neutral', judge: byJudge };
  if (verdict === 'inconclusive') return { says: 'present', judge: byJudge };
  // While something has changed, a value inside the old band is no sign that it is over.
  return { says: change?.state === 'changed' ? 'neutral' : 'good', judge: byJudge };
}

function judgeSays(change: ChangeState, verdict: Judgement['verdict']): JudgeSays | null {
  const { alert, state, looksNormal } = change;
  if (alert?.direction === 'worse' && (alert.kind !== 'nonfinite' || verdict === 'fail')) return 'alert';
  if (looksNormal) return 'looks_normal';
  return state === 'recovered' ? 'recovered' : null;
}

/** What it says of an improvement; null where the condition has no judge that looks for one. */
export function improvementSays({ condition, judgement }: Assessed): MetricSays | null {
  if (condition?.success_threshold.auto === undefined) return null;
  const change = judgement?.change;
  if (change === undefined) return { says: 'neutral', judge: null };
  const { state, alert } = change;
  if (alert?.direction === 'better') return { says: 'bad', judge: 'alert' };
  if (state === 'changed') return { says: 'bad', judge: null };
  if (state === 'accepted' || state === 'recovered') return { says: 'neutral', judge: state };
  return { says: state === 'normal' ? 'good' : 'neutral', judge: null };
}

/** All of a sight but the run and what it says. */
export type MetricDetails = Pick<
  Sight,
  | 'instant'
  | 'confirmAfter'
  | 'recoverAfter'
  | 'reason'
  | 'severity'
  | 'bounds'
  | 'better'
  | 'demand'
  | 'runsAgo'
  | 'configDigest'
  | 'formerDigest'
>;

/** What an episode needs to know of a metric's condition and judgement. `afterSecond`: wait for a second bad run. */
export function metricDetails(
  { metric, condition, judgement }: Assessed,
  { says, judge }: MetricSays,
  afterSecond: boolean,
): MetricDetails {
  const word = splitReason(judgement?.reason ?? '').word;
  const reason = judge === 'alert' && word === '' ? 'changed' : word;
  const isBad = says === 'bad' || says === 'fail' || judge === 'alert';
  const severity = condition?.severity ?? (reason === 'nonfinite' ? 'critical' : 'warning');
  // A value that is no number began in its own run, whatever change goes on around it.
  const looksBack = judge === 'alert' && judgement?.change?.alert?.kind !== 'nonfinite';
  const runsAgo = looksBack ? (judgement?.change?.runsAgo ?? 0) : 0;
  const isAuto = condition?.success_threshold.auto !== undefined;
  // How loud a change is told does not make it surer: with a judge only that says what counts as one.
  const instant = isBad && (INSTANT.has(reason) || (severity === 'critical' && !isAuto));
  return {
    instant,
    confirmAfter: isAuto ? null : (condition?.confirm_n ?? (afterSecond ? 2 : 1)),
    recoverAfter: condition?.recover_m ?? (instant ? 1 : RECOVER_AFTER),
    reason: isBad ? reason : '',
    severity,
    bounds: judgement === null ? null : boundsOf(judgement),
    better: condition === null ? null : goodOf(metric.bareName ?? metric.name, condition.comparison),
    demand: demandText(condition, condition === null ? 0 : windowOf(condition)),
    runsAgo,
    ...demandDigests(condition),
  };
}

function boundsOf({ lower, upper, centre, baselineN }: Judgement): SightBounds | null {
  if (lower === null && upper === null) return null;
  return { lower, upper, centre: centre ?? null, baselineN: centre === undefined ? 0 : baselineN };
}

/**
 * Digest of what is demanded of a metric; a new one ends the episodes that the new demand would not have opened. How
 * loud it is told, and after how many runs, is no demand. (It was part of the digest once: `formerDigest`.)
 */
function demandDigests(condition: ConditionConfig | null): Pick<Sight, 'configDigest' | 'formerDigest'> {
  if (condition === null) return { configDigest: digestOf('demand', 'required') };
  const { severity: _, confirm_n: __, recover_m: ___, ...demand } = condition;
  const configDigest = digestOf('demand', JSON.stringify(demand));
  const formerDigest = digestOf('demand', JSON.stringify(condition));
  return formerDigest === configDigest ? { configDigest } : { configDigest, formerDigest };
}
