import type { Sureness } from '../statistics/sample-size.ts';
import type { Sample } from './sample.ts';

/** What counts as a difference: a share of the level of A, or so many units. */
export type MinEffect = { readonly relative: number } | { readonly absolute: number };

/** How a comparison is decided. */
export interface CompareSettings {
  readonly minEffect: MinEffect;
  /** Of a false alarm, over all metrics of one comparison. */
  readonly alpha: number;
  /** Of seeing a difference of `minEffect`. */
  readonly power: number;
  /** How many metrics are compared at once: each of them has to be that much surer. */
  readonly metrics: number;
  /** Fewer values on a side decide nothing. */
  readonly fewest: number;
  readonly seed: number;
  readonly resamples: number;
}

export const COMPARE_SETTINGS: CompareSettings = {
  minEffect: { relative: 0.05 },
  alpha: 0.05,
  power: 0.8,
  metrics: 1,
  fewest: 8,
  seed: 1,
  resamples: 10_000,
};

/** How sure one of several metrics has to be, so that all of them together are as sure as was asked (Bonferroni). */
export function surenessOf({ alpha, power, metrics }: CompareSettings): Sureness {
  return { alpha: alpha / metrics, power };
}

/** One side of a comparison: how many values, and what they come to; null where there are none. */
export interface Side {
  readonly n: number;
  readonly estimate: number | null;
}

/** Between two classes: how often one way and the other. */
export interface Move {
  readonly from: string;
  readonly to: string;
  readonly forth: number;
  readonly back: number;
}

/** What the data say about one metric, before metrics are weighed together. */
export interface Evidence {
  readonly metric: string;
  /** What the estimates are: `mean`, `median`, `p95`, `share that agrees`, … */
  readonly estimates: string;
  readonly a: Side;
  readonly b: Side;
  /** B − A in units of the estimate; null where a side has nothing. */
  readonly difference: number | null;
  /** Where the difference may lie, at confidence 1 − alpha. */
  readonly interval: readonly [number, number] | null;
  /** Positive differences are worse (1), better (−1), or any is a change (0). */
  readonly worse: 1 | -1 | 0;
  /** The least difference that matters, in units of the estimate. */
  readonly minEffect: number;
  /** The test that p comes from. */
  readonly test: string;
  readonly p: number | null;
  /** Values a side that would show `minEffect`; null where that cannot be said. */
  readonly needed: number | null;
  /** Further figures by name, for people and machines. */
  readonly figures: Readonly<Record<string, number>>;
  /** Of classes: which have become which, most moved first. */
  readonly moves?: readonly Move[];
  /** What of the data is kept. */
  readonly sample: Sample;
}

export type FindingVerdict = 'pass' | 'fail' | 'inconclusive';
export type FindingReason = 'worse' | 'changed' | 'better' | 'same' | 'too_few' | 'unsure';

/** One metric with what was decided of it. */
export interface Finding extends Evidence {
  /** p after Holm's correction for all metrics of the comparison. */
  readonly adjusted: number | null;
  readonly verdict: FindingVerdict;
  readonly reason: FindingReason;
}

/** The answer: fails where one metric fails, else is inconclusive where one is, or where there is none. */
export interface Comparison {
  readonly verdict: FindingVerdict;
  readonly findings: readonly Finding[];
  /** What a reader should know of the data, a sentence each. */
  readonly notes: readonly string[];
}
