import { expect, test } from 'vitest';
import { check, problemText } from '../problem.ts';
import { Condition, RegressionTestConfig } from './test-config.ts';

const MADS = { comparison: 'less', success_threshold: { mads_from_median: 3 } };

test.each<[object, string]>([
  [
    { success_threshold: { auto: {} }, freeze: true },
    'freeze: does not go with auto, which takes no worse level for normal anyway',
  ],
  [
    { ...MADS, history_window: '90' },
    'history_window: is neither a number of runs nor a span of time such as 90d',
  ],
  [
    { ...MADS, history_window: '0d' },
    'history_window: is neither a number of runs nor a span of time such as 90d',
  ],
  [
    { ...MADS, history_window: '-3d' },
    'history_window: is neither a number of runs nor a span of time such as 90d',
  ],
  [{ ...MADS, history_window: 1 }, 'history_window: '],
  [{ ...MADS, history_window: '999999999999d' }, 'history_window: is longer than 36500d, a hundred years'],
  [
    { ...MADS, split_by: ['chip'] },
    'split_by.0: must be accelerator, framework_version, test_type or label.NAME',
  ],
  [{ ...MADS, split_by: ['label.a', 'label.a'] }, 'split_by: names a label twice'],
  [{ ...MADS, history_versions: { of: 'framework_version' } }, 'history_versions.last: '],
  [
    { ...MADS, history_versions: { of: 'label.', last: 2 } },
    'history_versions.of: must be accelerator, framework_version, test_type or label.NAME',
  ],
  [
    { ...MADS, split_by: ['label.v'], history_versions: { of: 'label.v', last: 2 } },
    'history_versions: means nothing when the series is split by label.v',
  ],
  [
    { comparison: 'less', success_threshold: { fixed_value: 1 }, split_by: ['accelerator'] },
    'split_by: goes only with bounds from history',
  ],
])('a baseline that cannot mean anything is refused with its path: %j', (condition, wanted) => {
  const checked = check(Condition, condition);
  const found = checked.ok ? [] : checked.problems.map(problemText);
  expect(found).toEqual([expect.stringContaining(wanted)]);
});

test.each<object>([
  { ...MADS, history_window: '90d', history_versions: { of: 'framework_version', last: 3 } },
  { ...MADS, split_by: [], freeze: false },
  { success_threshold: { auto: {} }, history_window: '52d', split_by: ['label.a.b', 'test_type'] },
])('%j means something', (condition) => {
  expect(check(Condition, condition).ok).toBe(true);
  expect(check(RegressionTestConfig, { split_by: ['accelerator', 'label.x'] }).ok).toBe(true);
});
