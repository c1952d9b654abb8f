import { toJsonNumber } from '../json.ts';
import type { CompareSettings, Comparison, Finding } from './finding.ts';

/** What is compared, in the words of who asked. */
export interface CompareSubject {
  /** The test, or the name of a column of outputs. */
  readonly subject: string;
  /** What tells the sides apart, such as a label. */
  readonly by: string;
  readonly a: string;
  readonly b: string;
}

/** `compare --json`: the same data, settings and seed give the same bytes. */
export function comparisonJson(
  subject: CompareSubject,
  { verdict, findings, notes }: Comparison,
  settings: CompareSettings,
): object {
  const { minEffect, alpha, power, fewest, seed, resamples } = settings;
  return {
    schema: 1,
    ...subject,
    verdict,
    findings: findings.map(findingJson),
    notes,
    settings: { min_effect: minEffect, alpha, power, fewest, seed, resamples },
  };
}

function findingJson(finding: Finding): object {
  const { metric, estimates, a, b, difference, interval, minEffect, test, needed, figures } = finding;
  return {
    metric,
    verdict: finding.verdict,
    reason: finding.reason,
    estimates,
    a: { n: a.n, estimate: orNull(a.estimate) },
    b: { n: b.n, estimate: orNull(b.estimate) },
    difference: orNull(difference),
    relative: orNull(relativeOf(finding)),
    interval: interval === null ? null : interval.map(toJsonNumber),
    min_effect: toJsonNumber(minEffect),
    test,
    p: orNull(finding.p),
    p_adjusted: orNull(finding.adjusted),
    needed,
    figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, toJsonNumber(value)])),
    ...(finding.moves === undefined ? {} : { moves: finding.moves }),
  };
}

function orNull(value: number | null): number | string | null {
  return value === null ? null : toJsonNumber(value);
}

/** The difference as a share of A; null where A is nothing. */
export function relativeOf({ a, difference }: Finding): number | null {
  return difference === null || a.estimate === null || a.estimate === 0
    ? null
    : difference / Math.abs(a.estimate);
}
