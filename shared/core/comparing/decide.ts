import { holm } from '../statistics/holm.ts';
import type { CompareSettings, Comparison, Evidence, Finding, FindingVerdict } from './finding.ts';

/**
 * Decides over all metrics at once. A difference counts only when it is both significant (Holm's p up to alpha) and as
 * large as the least that matters. No difference is only a pass where one of that size would have shown.
 */
export function decideComparison(
  evidence: readonly Evidence[],
  settings: CompareSettings,
  notes: readonly string[] = [],
): Comparison {
  const asked = evidence.filter(({ p }) => p !== null && !Number.isNaN(p));
  const adjusted = holm(asked.map(({ p }) => p!));
  const findings = evidence.map((one): Finding => {
    const at = asked.indexOf(one);
    return decide(one, at < 0 ? null : adjusted[at]!, settings);
  });
  return { verdict: verdictOf(findings.map(({ verdict }) => verdict)), findings, notes };
}

function verdictOf(verdicts: readonly FindingVerdict[]): FindingVerdict {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.length === 0 || verdicts.includes('inconclusive') ? 'inconclusive' : 'pass';
}

function decide(evidence: Evidence, adjusted: number | null, settings: CompareSettings): Finding {
  const { a, b, difference, interval, worse, minEffect, needed } = evidence;
  const answer = (verdict: FindingVerdict, reason: Finding['reason']): Finding => ({
    ...evidence,
    adjusted,
    verdict,
    reason,
  });
  const n = Math.min(a.n, b.n);
  if (n < settings.fewest || difference === null) return answer('inconclusive', 'too_few');
  const isSignificant = adjusted !== null && adjusted <= settings.alpha;
  if (isSignificant && Math.abs(difference) >= minEffect) {
    if (worse === 0) return answer('fail', 'changed');
    return Math.sign(difference) === worse ? answer('fail', 'worse') : answer('pass', 'better');
  }
  const isSmall = interval !== null && mostHarm(interval, worse) < minEffect;
  const wouldShow = needed !== null && n >= needed && !isSignificant;
  return isSmall || wouldShow ? answer('pass', 'same') : answer('inconclusive', 'unsure');
}

/** The worst that an interval allows. */
function mostHarm([low, high]: readonly [number, number], worse: Evidence['worse']): number {
  if (worse === 1) return high;
  return worse === -1 ? -low : Math.max(high, -low);
}
