import { describe, expect, test } from 'vitest';
import { ANY_RUN, earlierOf } from '../../../test/support/earlier.ts';
import { noisy } from '../../../test/support/seeded.ts';
import { assess, demandsOn } from '../assess.ts';
import { effectiveConfig } from '../effective-config.ts';
import { judge } from '../judge.ts';
import { metricOf } from '../metric.ts';
import type { ConditionConfig, RegressionTestConfig } from '../schema/test-config.ts';
import { surpriseAt, surpriseOf } from './surprise.ts';

const TEN = [95, 98, 100, 101, 102, 97, 99, 103, 100, 105];

// SciPy 1.17, h = np.array(TEN), s = h.std(ddof=1): t.sf((v - h.mean()) / (s * np.sqrt(1.1)), 9), doubled for both sides;
// on logs; and with median 100 and 1.482602218505602 * 2.
test.each<[string, Partial<ConditionConfig>, number, number]>([
  ['above', { comparison: 'less' }, 108, 0.014582771337154113],
  ['below', { comparison: 'greater' }, 108, 0.9854172286628459],
  ['both', { comparison: 'within' }, 108, 0.029165542674308226],
])('surpriseOf() a value %s', (_, more, value, wanted) => {
  const condition: ConditionConfig = { success_threshold: { stddevs_from_mean: 3 }, ...more };
  expect(surpriseOf(condition, TEN, value)).toBeCloseTo(wanted, 9);
});

test.each<[string, ConditionConfig, readonly number[]]>([
  ['a fixed value', { comparison: 'less', success_threshold: { fixed_value: 3 } }, TEN],
  ['a percentage', { comparison: 'less', success_threshold: { percent_from_mean: 3 } }, TEN],
  ['a constant', { comparison: 'less', success_threshold: { stddevs_from_mean: 3 } }, [1, 1, 1]],
  ['one value', { comparison: 'less', success_threshold: { stddevs_from_mean: 3 } }, [1]],
  [
    'a log of nothing',
    { comparison: 'less', scale: 'log', success_threshold: { stddevs_from_mean: 3 } },
    [1, 0],
  ],
])('surpriseOf() does not answer for %s', (_, condition, earlier) => {
  expect(surpriseOf(condition, earlier, 4)).toBe(null);
});

test('surpriseAt() of the recommended rule falls with the distance, and doubles where no direction is good', () => {
  const { p: ordinary = 1 } = judge({
    metric: metricOf('loss', 100),
    condition: { comparison: 'less', success_threshold: { auto: {} } },
    outcome: 'success',
    earlier: noisy(60),
  });
  expect(ordinary).toBeGreaterThan(0.2);
  const level = { n: 60, centre: 0, spread: 1, outliers: 0.005 } as Parameters<typeof surpriseAt>[0];
  const at = (z: number) => surpriseAt(level, z, 'lower');
  expect([at(1) > at(3), at(3) > at(6), at(-3) > 0.9]).toEqual([true, true, true]);
  expect(surpriseAt(level, 3, null)).toBeCloseTo(2 * at(3), 12);
  expect(surpriseAt(level, -3, 'higher')).toBeCloseTo(at(3), 12);
});

describe('a budget of false alarms', () => {
  const condition: ConditionConfig = { comparison: 'less', success_threshold: { stddevs_from_mean: 2 } };
  const verdicts = (rate: number | null, worst: number) => {
    const regression: RegressionTestConfig = {
      metric_success_conditions: { default: condition, total_wall_time: null },
      ...(rate === null ? {} : { false_discovery_rate: rate }),
    };
    const config = effectiveConfig({
      messageConfig: null,
      configErrors: [],
      fileConfig: { regression_test_config: regression },
    });
    const metrics = Array.from({ length: 100 }, (_, index) =>
      metricOf(`m${index}`, noisy(1, { seed: 900 + index })[0]!),
    );
    metrics[0] = metricOf('m0', worst);
    const earlier = new Map(metrics.map(({ name }, index) => [name, noisy(30, { seed: index + 1 })]));
    const { falseDiscoveryRate } = config;
    return assess(demandsOn(metrics, config, null), earlierOf(earlier), { ...ANY_RUN, falseDiscoveryRate });
  };

  test('without it some of a hundred ordinary metrics fail in nearly every run', () => {
    const { metrics, verdict } = verdicts(null, 100);
    expect(verdict).toBe('fail');
    expect(metrics.filter(({ judgement }) => judgement!.verdict === 'fail').length).toBeGreaterThan(1);
  });

  test('with it they pass with the reason, and what is really bad still fails', () => {
    expect(verdicts(0.05, 100).verdict).toBe('pass');
    expect(
      verdicts(0.05, 100).metrics.filter(({ judgement }) => judgement!.reason === 'budget').length,
    ).toBeGreaterThan(1);
    const bad = verdicts(0.05, 112);
    expect(
      bad.metrics.filter(({ judgement }) => judgement!.verdict === 'fail').map(({ metric }) => metric.name),
    ).toEqual(['m0']);
  });
});
