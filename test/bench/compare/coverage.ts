import { COMPARE_SETTINGS } from '../../../shared/core/comparing/finding.ts';
import { compareValues, type Statistic } from '../../../shared/core/comparing/values.ts';
import { normalQuantileOfTail } from '../../../shared/core/statistics/normal.ts';
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

interface Interval {
  readonly name: string;
  readonly statistic: Statistic;
  readonly arePairs: boolean;
}

const INTERVALS: readonly Interval[] = [
  { name: 'mean, Welch', statistic: 'mean', arePairs: false },
  { name: 'mean of pairs, bootstrap', statistic: 'mean', arePairs: true },
  { name: 'median, bootstrap', statistic: { quantile: 0.5 }, arePairs: false },
  { name: 'p95, bootstrap', statistic: { quantile: 0.95 }, arePairs: false },
];

/** Values a side. From 2,000 on quantiles come from where they lie, and means of pairs above 2,000 from the normal. */
export const COVERAGE_SIZES = [10, 30, 100, 300, 2500] as const;

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
  const { statistic, arePairs } = interval;
  const level = statistic === 'mean' ? family.mean : family.quantile(statistic.quantile);
  const truth = level * (FACTOR - 1);
  let [below, above] = [0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const from = random(seed * 1_000_003 + trial);
    const a = Float64Array.from({ length: n }, () => family.draw(from));
    const b = Float64Array.from({ length: n }, () => FACTOR * family.draw(from));
    const settings = { ...COMPARE_SETTINGS, resamples, seed: trial + 1 };
    const found = compareValues({ metric: 'm', good: null, a, b, statistic, arePairs }, settings);
    const [low, high] = found.interval!;
    if (high < truth) below++;
    if (low > truth) above++;
  }
  const percent = (count: number) => ((100 * count) / trials).toFixed(1);
  return `${percent(trials - below - above)} (${percent(below)}, ${percent(above)})`;
}
