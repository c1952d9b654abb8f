import { expect, test } from 'vitest';
import type { ConditionConfig } from '../schema/test-config.ts';
import { demandText } from './demand.ts';

test.each<[ConditionConfig['success_threshold'], Partial<ConditionConfig>, string]>([
  [{ auto: {} }, {}, 'the recommended rule'],
  [{ within_bounds: { lower: 0, upper: 2 } }, {}, 'within 0 and 2'],
  [{ percent_from_mean: 5 }, {}, 'less than the mean of the last 9 successful runs plus 5 %'],
  [
    { percent_from_median: 5 },
    { comparison: 'greater' },
    'greater than the median of the last 9 successful runs minus 5 %',
  ],
  [
    { mads_from_median: 4 },
    { comparison: 'within' },
    'within 4 scaled median deviations of the median of the last 9 successful runs',
  ],
  [
    { stddevs_from_mean: { deviations: 5, population: true } },
    {},
    'less than the mean of the last 9 successful runs plus 5 population standard deviations',
  ],
  [
    { prediction_interval: { confidence: 0.99 } },
    {},
    'less than the prediction interval of 0.99 of the last 9 successful runs',
  ],
  [
    { prediction_interval: { false_alarms_a_year: 2 } },
    { minimum_change: { absolute: 3, percent: 1 } },
    'less than the prediction interval of 2 false alarms a year of the last 9 successful runs, and differ by at least 3 and 1 %',
  ],
  [
    { percent_from_mean: 5 },
    { history_window: '90d' },
    'less than the mean of the successful runs in the 90d before plus 5 %',
  ],
  [
    { percent_from_mean: 5 },
    { history_versions: { of: 'framework_version', last: 3 } },
    'less than the mean of the successful runs of the last 3 framework_version plus 5 %',
  ],
])('%j is demanded as', (success_threshold, more, words) => {
  expect(demandText({ comparison: 'less', success_threshold, ...more }, 9)).toBe(words);
});
