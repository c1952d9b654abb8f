import { boundsOf } from '../../../shared/core/bounds.ts';
import type { ConditionConfig } from '../../../shared/core/schema/test-config.ts';
import { studentTail } from '../../../shared/core/statistics/student.ts';
import { renderMarkdown } from '../markdown.ts';
import { TUNED } from './noise.ts';
import { random } from './random.ts';

const SIZES = [2, 3, 5, 10, 20, 30, 100];
const LONGEST = 100;

type Threshold = ConditionConfig['success_threshold'];

interface Condition {
  readonly title: string;
  readonly threshold: Threshold;
  /** The exact two-sided rate on normal values, where there is one. */
  readonly exact?: (n: number) => number;
}

const sampled = (k: number) => (n: number) => 2 * studentTail(k * Math.sqrt(n / (n + 1)), n - 1);
const CONDITIONS: readonly Condition[] = [
  {
    title: '3 population sd',
    threshold: { stddevs_from_mean: { deviations: 3, population: true } },
    exact: (n) => 2 * studentTail(3 * Math.sqrt((n - 1) / (n + 1)), n - 1),
  },
  { title: '2 sample sd', threshold: { stddevs_from_mean: 2 }, exact: sampled(2) },
  { title: '3 sample sd', threshold: { stddevs_from_mean: 3 }, exact: sampled(3) },
  { title: '5 sample sd', threshold: { stddevs_from_mean: 5 }, exact: sampled(5) },
  {
    title: 'prediction interval .99',
    threshold: { prediction_interval: { confidence: 0.99 } },
    exact: () => 0.01,
  },
  {
    title: 'prediction interval .999',
    threshold: { prediction_interval: { confidence: 0.999 } },
    exact: () => 0.001,
  },
  { title: '5 median deviations', threshold: { mads_from_median: 5 } },
];

/** Share of next values outside the two-sided bounds from n values, in percent: measured, and exact in brackets. */
export function calibrationTable(repeats: number, seed: number): string {
  const rows = [
    ...CONDITIONS.map((condition) => [
      condition.title,
      'normal',
      ...SIZES.map((n) => cell(condition, n, { repeats, seed, family: 'gaussian' })),
    ]),
    ...['student3', 'AR(.3)', 'AR(.6)', 'spikes 2 %', 'quantized', 'bimodal', 'log-normal'].map((family) => [
      'prediction interval .99',
      family,
      ...SIZES.map((n) => cell(CONDITIONS[4]!, n, { repeats: Math.ceil(repeats / 4), seed, family })),
    ]),
  ];
  return renderMarkdown(
    [
      { title: 'Rule' },
      { title: 'Noise' },
      ...SIZES.map((n) => ({ title: `n = ${n}`, align: 'right' as const })),
    ],
    rows,
  );
}

interface Sampling {
  readonly repeats: number;
  readonly seed: number;
  readonly family: string;
}

function cell({ threshold, exact }: Condition, n: number, { repeats, seed, family }: Sampling): string {
  const chance = random(seed + n);
  const condition: ConditionConfig = {
    comparison: 'within',
    success_threshold: threshold,
    history_window: LONGEST,
    // The formula by itself is what is calibrated.
    freeze: false,
  };
  let outside = 0;
  for (let i = 0; i < repeats; i++) {
    const values = [...TUNED[family]!(chance, n + 1).values];
    const next = values.pop()!;
    const bounds = boundsOf(condition, values);
    if (
      bounds.kind === 'bounds' &&
      (next < bounds.lower! - (bounds.tolerance ?? 0) || next > bounds.upper! + (bounds.tolerance ?? 0))
    ) {
      outside += 1;
    }
  }
  const measured = ((100 * outside) / repeats).toFixed(2);
  return exact === undefined || family !== 'gaussian'
    ? measured
    : `${measured} (${(100 * exact(n)).toFixed(2)})`;
}
