import { describe, expect, test } from 'vitest';
import { check, problemText } from '../problem.ts';
import { Condition } from './test-config.ts';

const problems = (condition: object) => {
  const checked = check(Condition, condition);
  return checked.ok ? [] : checked.problems.map(problemText);
};

describe('a threshold that cannot mean anything is refused with its path', () => {
  test.each<[object, RegExp]>([
    [{ percent_from_mean: 0 }, /^success_threshold\.percent_from_mean: /],
    [{ percent_from_mean: -5 }, /^success_threshold\.percent_from_mean: .*-5/],
    [{ mads_from_median: Number.NaN }, /^success_threshold\.mads_from_median: /],
    [{ stddevs_from_mean: -1 }, /^success_threshold\.stddevs_from_mean: /],
    [{ stddevs_from_mean: { deviation: 3 } }, /^success_threshold\.stddevs_from_mean/],
    [{ prediction_interval: { confidence: 1 } }, /^success_threshold\.prediction_interval\.confidence: /],
    [{ prediction_interval: { confidence: 0.5 } }, /^success_threshold\.prediction_interval\.confidence: /],
    [{ prediction_interval: {} }, /^success_threshold\.prediction_interval: needs exactly one of/],
    [
      { prediction_interval: { confidence: 0.9, false_alarms_a_year: 1 } },
      /^success_threshold\.prediction_interval: needs exactly one of/,
    ],
    [
      { prediction_interval: { false_alarms_a_year: 200 } },
      /^success_threshold\.prediction_interval\.false_alarms_a_year: must be below half of runs_a_year/,
    ],
    [
      { prediction_interval: { confidence: 0.9, runs_a_year: 12 } },
      /^success_threshold\.prediction_interval\.runs_a_year: goes only with/,
    ],
    [{ within_bounds: { lower: 2, upper: 1 } }, /^success_threshold\.within_bounds: lower must not/],
    [{ perfect: {} }, /^success_threshold\.perfect: unknown key/],
    [{ fixed_value: 1, auto: {} }, /^success_threshold: needs exactly one of/],
  ])('%j', (success_threshold, wanted) => {
    const comparison = 'within_bounds' in success_threshold ? 'within' : 'less';
    const found = problems({ comparison, success_threshold });
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatch(wanted);
  });

  test.each<[object, string]>([
    [
      { comparison: 'less', success_threshold: { within_bounds: { lower: 0, upper: 1 } } },
      'comparison: within_bounds goes only with "within", not with "less"',
    ],
    [
      { comparison: 'less', success_threshold: { fixed_value: 1 }, scale: 'log' },
      'scale: goes only with bounds from history',
    ],
    [
      { success_threshold: { auto: {} }, history_window: 9 },
      'history_window: does not go with auto, which finds its own; a span of time does',
    ],
    [
      { comparison: 'equal', success_threshold: { percent_from_mean: 1 } },
      'comparison: "equal" goes only with fixed_value',
    ],
    [
      { comparison: 'less', success_threshold: { percent_from_mean: 1 }, minimum_change: {} },
      'minimum_change: needs absolute, percent or both',
    ],
    [
      { comparison: 'equal', success_threshold: { auto: {} } },
      'comparison: "equal" goes only with fixed_value',
    ],
  ])('%j', (condition, wanted) => {
    expect(problems(condition)).toEqual([wanted]);
  });
});

test.each<object>([
  { success_threshold: { auto: {} } },
  { comparison: 'within', success_threshold: { auto: {} } },
  { success_threshold: { within_bounds: { lower: 0, upper: 1 } } },
  { comparison: 'less', success_threshold: { stddevs_from_mean: 2.5 } },
  {
    comparison: 'less',
    scale: 'log',
    success_threshold: { prediction_interval: { false_alarms_a_year: 1 } },
  },
  { comparison: 'less', success_threshold: { fixed_value: 1 }, history_window: 9 },
])('%j means something', (condition) => {
  expect(problems(condition)).toEqual([]);
});
