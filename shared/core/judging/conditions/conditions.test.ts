import { describe, expect, test } from 'vitest';
import { boundsOf } from '../../bounds.ts';
import type { ConditionConfig } from '../../schema/test-config.ts';

/** The ten values that the bencher project documents its boundary limits on. */
const TEN = [95, 98, 100, 101, 102, 97, 99, 103, 100, 105];

type Row = readonly [
  sentence: string,
  condition: Partial<ConditionConfig> & Pick<ConditionConfig, 'success_threshold'>,
  earlier: readonly number[],
  lower: number | null,
  upper: number | null,
];

// The wanted numbers are NumPy 2.4 and SciPy 1.17 on the same values, h = np.array(TEN):
const KNOWN: readonly Row[] = [
  // h.mean() ± 3 * h.std(); 91.62146/108.37854 in bencher's own example of its predecessor
  [
    'population',
    { success_threshold: { stddevs_from_mean: { deviations: 3, population: true } } },
    TEN,
    91.62145597373863,
    108.37854402626137,
  ],
  // h.mean() ± 3 * h.std(ddof=1)
  [
    'sample',
    { success_threshold: { stddevs_from_mean: { deviations: 3 } } },
    TEN,
    91.16823913367215,
    108.83176086632785,
  ],
  // h.mean() ± stats.t.ppf(.99, 9) * h.std(ddof=1) * np.sqrt(1.1); 91.28850/108.71150 in bencher
  [
    't, two-sided at 98 %',
    { success_threshold: { prediction_interval: { confidence: 0.98 } } },
    TEN,
    91.28850104378252,
    108.71149895621748,
  ],
  [
    't, one-sided at 99 %',
    { comparison: 'less', success_threshold: { prediction_interval: { confidence: 0.99 } } },
    TEN,
    null,
    108.71149895621748,
  ],
  // np.exp(l.mean() ± stats.t.ppf(.99, 9) * l.std(ddof=1) * np.sqrt(1.1)), l = np.log(h)
  [
    't on the log scale',
    { scale: 'log', success_threshold: { prediction_interval: { confidence: 0.98 } } },
    TEN,
    91.61538434170596,
    109.06678913907,
  ],
  // np.median(h) ± 4 * 1.482602218505602 * stats.median_abs_deviation(h)
  ['MADs', { success_threshold: { mads_from_median: 4 } }, TEN, 88.13918225195518, 111.86081774804482],
  ['percent of the mean', { success_threshold: { percent_from_mean: 5 } }, TEN, 95, 105],
  ['percent of the median', { success_threshold: { percent_from_median: 10 } }, [1, 2, 100], 1.8, 2.2],
  [
    'percent of a negative mean keeps its sides',
    { success_threshold: { percent_from_mean: 5 } },
    [-100, -100],
    -105,
    -95,
  ],
  [
    '3.65 false alarms a year of nights, which is 1 %',
    { comparison: 'greater', success_threshold: { prediction_interval: { false_alarms_a_year: 3.65 } } },
    TEN,
    91.28850104378252,
    null,
  ],
  ['fixed bounds', { success_threshold: { within_bounds: { lower: -1, upper: 2 } } }, [], -1, 2],
  [
    'a minimum change in percent',
    { minimum_change: { percent: 10 }, success_threshold: { stddevs_from_mean: 3 } },
    TEN,
    90,
    110,
  ],
  [
    'a minimum change that is less than unusual',
    { minimum_change: { absolute: 1 }, success_threshold: { stddevs_from_mean: 3 } },
    TEN,
    91.16823913367215,
    108.83176086632785,
  ],
  [
    'a stated resolution where nothing varies',
    { resolution: 0.5, success_threshold: { stddevs_from_mean: 3 } },
    [4, 4, 4],
    3.5,
    4.5,
  ],
  [
    'no resolution where something varies',
    { resolution: 50, success_threshold: { stddevs_from_mean: 3 } },
    TEN,
    91.16823913367215,
    108.83176086632785,
  ],
  // mean distance 0.25 from the median 7: 7 ± 2 * 0.25 * sqrt(pi / 2)
  [
    'MADs of values that are mostly equal',
    { success_threshold: { mads_from_median: 2 } },
    [7, 7, 7, 8],
    6.373342931342343,
    7.626657068657657,
  ],
];

describe('bounds from history', () => {
  test.each(KNOWN)('%s', (_, condition, earlier, lower, upper) => {
    const near = (value: number | null) => (value === null ? null : expect.closeTo(value, 9));
    const bounds = boundsOf({ comparison: 'within', ...condition }, earlier);
    expect(bounds).toMatchObject({ kind: 'bounds', lower: near(lower), upper: near(upper) });
  });

  test.each([
    ['a percentage of zero', { success_threshold: { percent_from_mean: 5 } }, [-1, 1], 'zero_level'],
    ['a percentage of nothing', { success_threshold: { percent_from_median: 5 } }, [], 'history'],
    [
      'logs of a value at zero',
      { scale: 'log', success_threshold: { stddevs_from_mean: 3 } },
      [1, 0],
      'scale',
    ],
    [
      'one value for an interval',
      { success_threshold: { prediction_interval: { confidence: 0.9 } } },
      [1],
      'history',
    ],
  ] as const)('none for %s', (_, condition, earlier, reason) => {
    const bounds = boundsOf({ comparison: 'within', ...condition }, earlier);
    expect(bounds).toMatchObject({ kind: 'none', reason, baselineN: earlier.length });
  });

  test('a percentage of one earlier value is enough', () => {
    const condition: ConditionConfig = { comparison: 'less', success_threshold: { percent_from_mean: 50 } };
    expect(boundsOf(condition, [2])).toMatchObject({ lower: null, upper: 3, baselineN: 1 });
  });
});
