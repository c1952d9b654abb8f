import { describe, expect, test } from 'vitest';
import { judge, runVerdict, unjudged } from './judge.ts';
import { metricOf, missingMetric } from './metric.ts';
import type { Outcome } from './outcome.ts';
import type { Comparison, ConditionConfig } from './schema/test-config.ts';

const S1 = [600, 596, 604, 598, 602, 590, 610, 595, 605, 600];
const FLAT = [5, 5, 5, 5];

function fixed(comparison: Comparison, value: number, more: Partial<ConditionConfig> = {}): ConditionConfig {
  return { comparison, success_threshold: { fixed_value: value }, ...more };
}

function from(comparison: Comparison, k: number, more: Partial<ConditionConfig> = {}): ConditionConfig {
  return { comparison, success_threshold: { stddevs_from_mean: k }, ...more };
}

function held(value: number, condition: ConditionConfig, earlier: readonly number[] = []) {
  return judge({ metric: metricOf('m', value), condition, outcome: 'success', earlier });
}

describe('a value against a fixed bound', () => {
  test.each([
    ['greater: above passes', 'greater', 0.97, null],
    ['greater: the bound itself is not greater', 'greater', 0.96, 'below'],
    ['greater: below fails', 'greater', 0.79, 'below'],
    ['less: below passes', 'less', 0.95, null],
    ['less: the bound itself is not less', 'less', 0.96, 'above'],
    ['less: above fails', 'less', 0.97, 'above'],
    ['greater_or_equal: the bound itself passes', 'greater_or_equal', 0.96, null],
    ['greater_or_equal: below fails', 'greater_or_equal', 0.9599999999999999, 'below'],
    ['less_or_equal: the bound itself passes', 'less_or_equal', 0.96, null],
    ['less_or_equal: above fails', 'less_or_equal', 0.9600000000000001, 'above'],
    ['equal: itself passes', 'equal', 0.96, null],
    ['equal: less is not equal', 'equal', 0.95, 'not_equal'],
    ['equal: more is not equal', 'equal', 0.97, 'not_equal'],
  ] as const)('%s', (_, comparison, value, reason) => {
    const verdict = reason === null ? 'pass' : 'fail';
    expect(held(value, fixed(comparison, 0.96))).toMatchObject({ verdict, reason, baselineN: 0 });
  });

  test('a bound of zero is a bound', () => {
    expect(held(0, fixed('less_or_equal', 0))).toMatchObject({ verdict: 'pass', upper: 0, lower: null });
    expect(held(-0, fixed('equal', 0))).toMatchObject({ verdict: 'pass' });
    expect(held(1e-300, fixed('less_or_equal', 0))).toMatchObject({ verdict: 'fail' });
  });
});

describe('a value against bounds from history', () => {
  test.each([
    ['S1: 700 s is over 628.382', 700, from('less', 5), S1, 'above'],
    ['S1: 628.38 s is under it', 628.38, from('less', 5), S1, null],
    ['S1: 628.39 s is over it', 628.39, from('less', 5), S1, 'above'],
    ['within: below', 571, from('within', 5), S1, 'below'],
    ['within: inside', 572, from('within', 5), S1, null],
    ['within: above', 629, from('within', 5), S1, 'above'],
    ['no spread: an equal value passes a strict bound', 5, from('less', 5), FLAT, null],
    ['no spread: one a billionth off passes', 5 + 4e-9, from('less', 5), FLAT, null],
    ['no spread: one further off fails', 5 + 1e-7, from('less', 5), FLAT, 'above'],
    ['no spread: on the good side it passes', 4, from('less', 5), FLAT, null],
    ['no spread at zero: zero passes', 0, from('greater', 5), [0, 0, 0], null],
    ['no spread at zero: anything less fails', -1e-300, from('greater', 5), [0, 0, 0], 'below'],
  ] as const)('%s', (_, value, condition, earlier, reason) => {
    expect(held(value, condition, earlier)).toMatchObject({
      verdict: reason === null ? 'pass' : 'fail',
      reason,
    });
  });

  test('the default of deviations, 0, is the mean itself', () => {
    expect(held(600, from('less_or_equal', 0), S1)).toMatchObject({ verdict: 'pass', upper: 600 });
    expect(held(600.1, from('less_or_equal', 0), S1)).toMatchObject({ verdict: 'fail' });
  });

  test('too little of it is inconclusive, never a pass', () => {
    const condition = from('less', 5, { wait_for_n_points_of_history: 10 });
    expect(held(1, condition, S1.slice(1))).toEqual({
      verdict: 'inconclusive',
      reason: 'history',
      lower: null,
      upper: null,
      baselineN: 9,
    });
  });
});

describe('what cannot be compared', () => {
  const condition = (more: Partial<ConditionConfig>) => fixed('less', 1, more);

  test.each([
    [undefined, 'fail'],
    ['fail', 'fail'],
    ['warn', 'pass'],
    ['ignore', 'inconclusive'],
  ] as const)('missing and non-finite, policy %s: %s, with the reason and the bound', (policy, verdict) => {
    const more = policy === undefined ? {} : ({ on_missing: policy, on_nonfinite: policy } as const);
    const metrics = [
      missingMetric('m', 'missing'),
      ...[NaN, Infinity, -Infinity].map((v) => metricOf('m', v)),
    ];
    const reasons = ['missing', 'nonfinite', 'nonfinite', 'nonfinite'];
    for (const [index, metric] of metrics.entries()) {
      const answer = judge({ metric, condition: condition(more), outcome: 'success', earlier: [] });
      expect(answer).toMatchObject({ verdict, reason: reasons[index], upper: 1 });
    }
  });

  test('one policy does not answer for the other', () => {
    const policies = condition({ on_missing: 'ignore', on_nonfinite: 'warn' });
    const earlier: number[] = [];
    const answer = (metric: ReturnType<typeof metricOf>) =>
      judge({ metric, condition: policies, outcome: 'success', earlier }).verdict;
    expect(answer(missingMetric('m', 'missing'))).toBe('inconclusive');
    expect(answer(metricOf('m', Number.NaN))).toBe('pass');
  });

  test('why it is missing is told', () => {
    const metric = missingMetric('total_wall_time', 'clock');
    expect(judge({ metric, condition: condition({}), outcome: 'success', earlier: [] }).reason).toBe('clock');
  });

  test('missing fails even where history is too short to bound it', () => {
    const metric = missingMetric('m', 'missing');
    expect(judge({ metric, condition: from('less', 5), outcome: 'success', earlier: [] })).toMatchObject({
      verdict: 'fail',
      reason: 'missing',
    });
  });

  test.each<Outcome>(['failure', 'timeout', 'cancelled', 'preempted', 'oom', 'lost', 'missed'])(
    'of a run that ended as %s nothing is judged',
    (outcome) => {
      const answer = judge({ metric: metricOf('m', 2), condition: condition({}), outcome, earlier: [] });
      expect(answer).toEqual(unjudged('outcome'));
    },
  );
});

describe('the verdict of a run', () => {
  const of = (...verdicts: ('pass' | 'fail' | 'inconclusive')[]) =>
    verdicts.map((verdict) => ({ ...unjudged('x'), verdict }));

  test.each([
    ['no conditions', 'success', of(), 'pass'],
    ['all pass', 'success', of('pass', 'pass'), 'pass'],
    ['one fails', 'success', of('pass', 'fail', 'inconclusive'), 'fail'],
    ['one passes, others do not know', 'success', of('inconclusive', 'pass'), 'pass'],
    ['nobody knows', 'success', of('inconclusive', 'inconclusive'), 'inconclusive'],
    ['it failed', 'failure', of('pass'), 'fail'],
    ['it timed out', 'timeout', of(), 'fail'],
    ['it was lost', 'lost', of(), 'fail'],
    ['it never began', 'missed', of(), 'fail'],
    ['it ran out of memory', 'oom', of(), 'fail'],
    ['somebody cancelled it', 'cancelled', of('fail'), 'inconclusive'],
    ['it was preempted', 'preempted', of('pass'), 'inconclusive'],
  ] as const)('%s', (_, outcome, judgements, verdict) => {
    expect(runVerdict(outcome, judgements)).toBe(verdict);
  });
});
