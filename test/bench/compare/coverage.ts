import { COMPARE_SETTINGS, type CompareSettings } from '../../../shared/core/comparing/finding.ts';
import { compareValues, type Statistic } from '../../../shared/core/comparing/values.ts';
import { normalQuantileOfTail } from '../../../shared/core/statistics/normal.ts';
import { welch } from '../../../shared/core/statistics/welch.ts';
import { type Random, random } from '../judge/random.ts';
import { renderMarkdown } from '../markdown.ts';

/** Where values come from, and what is true of it. */
interface Family {
  readonly name: string;
  draw(from: Random): number;
  readonly mean: number;
  /** The value below which a share of all values lies. */
  quantile(share: number): number;
}

const LOG_SPREAD = 0.5;
const normalAt = (share: number) => -normalQuantileOfTail(share);

const FAMILIES: readonly Family[] = [
  { name: 'normal', draw: (from) => 10 + from.normal(), mean: 10, quantile: (share) => 10 + normalAt(share) },
  {
    name: 'log-normal, σ 0.5',
    draw: (from) => Math.exp(LOG_SPREAD * from.normal()),
    mean: Math.exp(LOG_SPREAD ** 2 / 2),
    quantile: (share) => Math.exp(LOG_SPREAD * normalAt(share)),
  },
  {
    name: 'exponential',
    draw: (from) => -Math.log(1 - from.uniform()),
    mean: 1,
    quantile: (share) => -Math.log(1 - share),
  },
];

/** B is so many times A, so that there is a difference to be found. */
const FACTOR = 1.1;

type Span = readonly [number, number];

interface Interval {
  readonly name: string;
  readonly statistic: Statistic;
  of(a: Float64Array, b: Float64Array, settings: CompareSettings): Span;
}

const asCompared =
  (statistic: Statistic, arePairs: boolean): Interval['of'] =>
  (a, b, settings) =>
    compareValues({ metric: 'm', good: null, a, b, statistic, arePairs }, settings).interval!;
const quantiles = (share: number) => asCompared({ quantile: share }, false);

const INTERVALS: readonly Interval[] = [
  // By itself, since the rank tests that `compare` makes beside it would take hours.
  { name: 'mean, Welch', statistic: 'mean', of: (a, b, { alpha }) => welch(a, b, 1 - alpha).interval },
  { name: 'mean of pairs, bootstrap', statistic: 'mean', of: asCompared('mean', true) },
  { name: 'median, bootstrap', statistic: { quantile: 0.5 }, of: quantiles(0.5) },
  { name: 'p95, bootstrap', statistic: { quantile: 0.95 }, of: quantiles(0.95) },
];

/** Values a side. Above 1,000 quantiles come from where they lie, above 2,000 means of pairs from the normal distribution. */
export const COVERAGE_SIZES = [10, 30, 100, 2500] as const;

/** What a coverage table is made of. */
export interface CoverageSizes {
  /** Comparisons a cell. */
  readonly trials: number;
  readonly resamples: number;
  readonly seed: number;
}

/**
 * How often the intervals at 95 % of `compare` hold the true difference, in percent; in brackets how often the whole
 * interval lies below it and above it, of which each should be 2.5.
 */
export function coverageTable(sizes: CoverageSizes, tell: (line: string) => void): string {
  const rows = INTERVALS.flatMap((interval) =>
    FAMILIES.map((family) => {
      tell(`${interval.name}, ${family.name}`);
      return [interval.name, family.name, ...COVERAGE_SIZES.map((n) => cell({ interval, family, n }, sizes))];
    }),
  );
  return renderMarkdown(
    [{ title: 'Interval' }, { title: 'Values' }, ...COVERAGE_SIZES.map((n) => ({ title: `n ${n}` }))],
    rows,
  );
}

interface Cell {
  readonly interval: Interval;
  readonly family: Family;
  readonly n: number;
}

function cell({ interval, family, n }: Cell, { trials, resamples, seed }: CoverageSizes): string {
  const { statistic } = interval;
  const level = statistic === 'mean' ? family.mean : family.quantile(statistic.quantile);
  const truth = level * (FACTOR - 1);
  let [below, above] = [0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const from = random(seed * 1_000_003 + trial);
    const a = Float64Array.from({ length: n }, () => family.draw(from));
    const b = Float64Array.from({ length: n }, () => FACTOR * family.draw(from));
    const [low, high] = interval.of(a, b, { ...COMPARE_SETTINGS, resamples, seed: trial + 1 });
    if (high < truth) below++;
    if (low > truth) above++;
  }
  const percent = (count: number) => ((100 * count) / trials).toFixed(1);
  return `${percent(trials - below - above)} (${percent(below)}, ${percent(above)})`;
}
