import { expect, test } from 'vitest';
import { scheduleOf } from '../episodes/schedule-config.ts';
import { check, problemText } from '../problem.ts';
import { TestConfig } from './test-config.ts';

const problems = (config: object): string[] => {
  const checked = check(TestConfig, config);
  return checked.ok ? [] : checked.problems.map(problemText);
};

test('a schedule, its zone and the longest a run may take', () => {
  const checked = check(TestConfig, {
    schedule: '0 3 * * 1-5',
    time_zone: 'Europe/Berlin',
    max_duration: '1h30m',
  });
  if (!checked.ok) throw new Error(problems({}).join());
  expect(scheduleOf(checked.value)).toEqual({
    schedule: { cron: '0 3 * * 1-5', timeZone: 'Europe/Berlin' },
    maxDuration: 5_400_000,
  });
  expect(scheduleOf({ schedule: '@daily' }).schedule).toEqual({ cron: '@daily', timeZone: 'UTC' });
  expect(scheduleOf(null)).toEqual({ schedule: null, maxDuration: null });
});

test.each<[object, RegExp]>([
  [{ schedule: 'every day' }, /^schedule: is no schedule of five cron fields: .*five/],
  [{ schedule: '0 25 * * *' }, /^schedule: is no schedule of five cron fields: .*hour/],
  [{ schedule: '0 3 30 2 *' }, /^schedule: .*never comes/],
  [{ schedule: '0 3 * * *', time_zone: 'Berlin' }, /^time_zone: is not the name of a time zone/],
  [{ time_zone: 'Europe/Berlin' }, /^time_zone: goes only with schedule/],
  [{ max_duration: 'long' }, /^max_duration: is not a duration/],
  [{ max_duration: '0s' }, /^max_duration: is not a duration/],
  [{ schedul: '@daily' }, /^schedul: unknown key; did you mean "schedule"/],
  [{ schedule: '@daily', zone: 'Europe/Berlin' }, /^zone: unknown key; did you mean "time_zone"/],
])('%j is refused', (config, problem) => {
  expect(problems(config)).toEqual([expect.stringMatching(problem)]);
});

test.each<[object, RegExp]>([
  [{ success_threshold: { auto: {} }, confirm_n: 2 }, /confirm_n: does not go with auto/],
  [{ success_threshold: { fixed_value: 1 }, comparison: 'less', confirm_n: 0 }, /confirm_n/],
  [{ success_threshold: { fixed_value: 1 }, comparison: 'less', severity: 'loud' }, /severity/],
  [{ success_threshold: { fixed_value: 1 }, comparison: 'less', recover_m: 1.5 }, /recover_m/],
])('of a condition %j is refused', (condition, problem) => {
  const found = problems({ regression_test_config: { metric_success_conditions: { loss: condition } } });
  expect(found).toEqual([expect.stringMatching(problem)]);
});
