import { fromJsonNumber, type JsonNumber, toJsonNumber } from '../json.ts';
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
): Readonly<Record<string, unknown>> {
  const { minEffect, alpha, power, fewest, seed, resamples, metrics } = settings;
  return {
    schema: 1,
    ...subject,
    verdict,
    findings: findings.map(findingJson),
    notes,
    settings: { min_effect: minEffect, alpha, power, metrics, fewest, seed, resamples },
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
    worse: finding.worse,
    test,
    p: orNull(finding.p),
    p_adjusted: orNull(finding.adjusted),
    needed,
    figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, toJsonNumber(value)])),
    ...(finding.moves === undefined ? {} : { moves: finding.moves }),
    sample: finding.sample,
  };
}

function orNull(value: number | null): number | string | null {
  return value === null ? null : toJsonNumber(value);
}

/** A comparison as it was kept. */
export interface KeptComparison {
  readonly subject: CompareSubject;
  readonly comparison: Comparison;
  readonly settings: CompareSettings;
}

/** Back from its JSON; what an older version did not write is what it was then. */
export function comparisonOfJson(json: Readonly<Record<string, unknown>>): KeptComparison {
  const { subject, by, a, b, verdict, findings, notes, settings } = json as unknown as ComparisonJson;
  const { min_effect: minEffect, ...others } = settings;
  return {
    subject: { subject, by, a, b },
    comparison: { verdict, notes, findings: findings.map(findingOf) },
    settings: { ...others, minEffect },
  };
}

type ComparisonJson = CompareSubject &
  Pick<Comparison, 'verdict' | 'notes'> & {
    readonly findings: readonly FindingJson[];
    readonly settings: Omit<CompareSettings, 'minEffect'> & {
      readonly min_effect: CompareSettings['minEffect'];
    };
  };

type FindingJson = Omit<
  Finding,
  'a' | 'b' | 'difference' | 'interval' | 'minEffect' | 'p' | 'adjusted' | 'figures'
> & {
  readonly a: { readonly n: number; readonly estimate: JsonNumber | null };
  readonly b: { readonly n: number; readonly estimate: JsonNumber | null };
  readonly difference: JsonNumber | null;
  readonly relative: JsonNumber | null;
  readonly interval: readonly [JsonNumber, JsonNumber] | null;
  readonly min_effect: JsonNumber;
  readonly p: JsonNumber | null;
  readonly p_adjusted: JsonNumber | null;
  readonly figures: Readonly<Record<string, JsonNumber>>;
};

function findingOf(json: FindingJson): Finding {
  const {
    a,
    b,
    relative: _,
    difference,
    interval,
    min_effect: minEffect,
    p,
    p_adjusted: adjusted,
    figures,
    ...same
  } = json;
  const number = (value: JsonNumber | null) => (value === null ? null : fromJsonNumber(value));
  return {
    ...same,
    a: { n: a.n, estimate: number(a.estimate) },
    b: { n: b.n, estimate: number(b.estimate) },
    difference: number(difference),
    interval: interval === null ? null : [fromJsonNumber(interval[0]), fromJsonNumber(interval[1])],
    minEffect: fromJsonNumber(minEffect),
    p: number(p),
    adjusted: number(adjusted),
    figures: Object.fromEntries(
      Object.entries(figures).map(([name, value]) => [name, fromJsonNumber(value)]),
    ),
  };
}

/** The difference as a share of A; null where A is nothing. */
export function relativeOf({ a, difference }: Finding): number | null {
  return difference === null || a.estimate === null || a.estimate === 0
    ? null
    : difference / Math.abs(a.estimate);
}
