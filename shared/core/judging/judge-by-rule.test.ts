import { describe, expect, test } from 'vitest';
import { noisy } from '../../../test/support/seeded.ts';
import { wantedRuns } from '../baseline/window.ts';
import { type Case, judge } from '../judge.ts';
import { metricOf, missingMetric } from '../metric.ts';
import type { ConditionConfig } from '../schema/test-config.ts';

const earlier = noisy(60).reverse();

function judged(value: number, more: Partial<ConditionConfig> = {}, given: Partial<Case> = {}) {
  const condition: ConditionConfig = { comparison: 'less', success_threshold: { auto: {} }, ...more };
  return judge({ metric: metricOf('loss_final', value), condition, outcome: 'success', earlier, ...given });
}

describe('the recommended rule as a condition', () => {
  test('passes an ordinary run, with its band and how many runs that came from', () => {
    const { upper, ...rest } = judged(100.5);
    expect(rest).toEqual({
      verdict: 'pass',
      reason: null,
      lower: null,
      baselineN: 60,
      centre: expect.closeTo(100, 0),
      change: { state: 'normal', alert: null, runsAgo: null },
      p: expect.closeTo(0.218, 3),
    });
    expect(upper).toBeGreaterThan(102);
    expect(upper).toBeLessThan(108);
  });

  test('fails a lone bad run and raises nothing; the third in a row is a change', () => {
    expect(judged(108)).toMatchObject({
      verdict: 'fail',
      reason: 'above',
      change: { state: 'normal', alert: null, runsAgo: null },
    });
    const third = judged(108, {}, { earlier: [108, 108.5, ...earlier] });
    expect(third.change).toMatchObject({ state: 'changed', alert: { direction: 'worse', since: 60 } });
  });

  test('takes the good direction from the comparison, else from the name', () => {
    expect(judged(92, { comparison: 'greater' })).toMatchObject({
      verdict: 'fail',
      reason: 'below',
      upper: null,
    });
    expect(judged(92, { comparison: 'within' }).verdict).toBe('fail');
    const named = (name: string) =>
      judged(92, { comparison: undefined as never }, { metric: metricOf(name, 92) }).verdict;
    expect([named('loss_final'), named('accuracy_final')]).toEqual(['pass', 'fail']);
  });

  test.each([
    ['fail', 'fail'],
    ['warn', 'pass'],
    ['ignore', 'inconclusive'],
  ] as const)('a value that is no number: on_nonfinite %s', (on_nonfinite, verdict) => {
    expect(judged(Number.NaN, { on_nonfinite })).toMatchObject({ verdict, reason: 'nonfinite', lower: null });
  });

  test('a missing value is as bad as the condition says, and says why', () => {
    const metric = missingMetric('loss_final', 'missing: no files');
    expect(judged(0, {}, { metric })).toMatchObject({ verdict: 'fail', reason: 'missing: no files' });
    expect(judged(0, { on_missing: 'ignore' }, { metric }).verdict).toBe('inconclusive');
  });

  test('waits for what it was told to, and for eight runs anyway', () => {
    expect(judged(100, { wait_for_n_points_of_history: 61 })).toMatchObject({
      verdict: 'inconclusive',
      reason: 'history',
      baselineN: 60,
    });
    expect(judged(100, {}, { earlier: earlier.slice(0, 7) })).toMatchObject({
      verdict: 'inconclusive',
      reason: 'history',
      baselineN: 7,
    });
    expect(judged(100, {}, { earlier: earlier.slice(0, 8) }).verdict).toBe('pass');
    expect(wantedRuns({ success_threshold: { auto: {} } })).toBe(400);
  });

  test('judges no run that did not succeed', () => {
    expect(judged(100, {}, { outcome: 'failure' })).toMatchObject({
      verdict: 'inconclusive',
      reason: 'outcome',
    });
  });
});
