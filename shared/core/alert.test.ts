import { describe, expect, test } from 'vitest';
import { alertingMetrics, decideAlert, decideJobAlert, isTold } from './alert.ts';
import { assess, demandsOn } from './assess.ts';
import { planMails, type WaitingAlert } from './delivery.ts';
import { effectiveConfig } from './effective-config.ts';
import { demandText } from './judging/demand.ts';
import { metricOf } from './metric.ts';
import type { ConditionConfig, RegressionTestConfig } from './schema/test-config.ts';

/** Which runs of a series are told: `g` good, `b` bad, `n` not finite, `m` missing; oldest first. */
function toldAt(series: string, afterSecond: boolean): number[] {
  const reasons: Record<string, string | null> = {
    g: null,
    b: 'below',
    n: 'nonfinite',
    m: 'missing: no files',
  };
  const told: number[] = [];
  let passed = -1;
  for (const [index, letter] of [...series].entries()) {
    const reason = reasons[letter]!;
    if (reason === null) passed = index;
    else {
      const streak = { failing: index - passed - 1, told: told.some((at) => at > passed) };
      if (isTold(decideAlert(reason, streak, afterSecond))) told.push(index);
    }
  }
  return told;
}

describe('a failing streak is told once', () => {
  test.each([
    ['gbbb', [1], [2]],
    ['bbbb', [0], [1]],
    ['gbgb', [1, 3], []],
    ['gbbgbb', [1, 4], [2, 5]],
    ['gn', [1], [1]],
    ['gm', [1], [1]],
    ['gnb', [1], [1]],
    ['gbn', [1], [2]],
    ['gbnb', [1], [2]],
    ['gmmm', [1], [1]],
    ['gggg', [], []],
  ])('%s: at the first failure %j, after the second %j', (series, first, second) => {
    expect(toldAt(series, false)).toEqual(first);
    expect(toldAt(series, true)).toEqual(second);
  });
});

function config(regression: RegressionTestConfig | null) {
  const fileConfig = { regression_test_config: regression };
  return effectiveConfig({ messageConfig: undefined, configErrors: [], fileConfig });
}

describe('the end of a run', () => {
  test.each([
    ['success', 'failure', false],
    ['failure', null, true],
    ['failure', 'success', true],
    ['failure', 'failure', false],
    ['timeout', 'failure', false],
    ['lost', 'success', true],
    ['cancelled', 'success', false],
    ['preempted', 'success', false],
  ] as const)('%s after %s', (outcome, previous, told) => {
    expect(decideJobAlert(outcome, previous, config({}))).toBe(told);
    expect(decideJobAlert(outcome, previous, config({ alert_for_failed_jobs: false }))).toBe(false);
    expect(decideJobAlert(outcome, previous, config(null))).toBe(false);
  });
});

describe('which metrics alert', () => {
  const less: ConditionConfig = { comparison: 'less', success_threshold: { fixed_value: 1 } };
  const metric_success_conditions = { a: less, b: less, c: less, total_wall_time: null };
  test.each<[string, RegressionTestConfig, string[]]>([
    ['all that failed', {}, ['a', 'eval/b']],
    ['of a subset', { metric_subset_to_alert: ['a', 'c'] }, ['a']],
    ['of a subset by its bare name', { metric_subset_to_alert: ['b'] }, ['eval/b']],
    ['none', { alert_for_oob_metrics: 'False' }, []],
  ])('%s', (_, more, expected) => {
    const effective = config({ metric_success_conditions, ...more });
    const metrics = [metricOf('a', 2), { ...metricOf('eval/b', 2), bareName: 'b' }, metricOf('c', 0)];
    const run = { outcome: 'success', configIsBroken: false } as const;
    const assessed = assess(demandsOn(metrics, effective, null), new Map(), run);
    expect(alertingMetrics(assessed.metrics, effective).map(({ metric }) => metric.name)).toEqual(expected);
  });
});

test.each<[ConditionConfig, string]>([
  [{ comparison: 'greater', success_threshold: { fixed_value: 0.96 } }, 'greater than 0.96'],
  [{ comparison: 'less_or_equal', success_threshold: { fixed_value: 0 } }, 'at most 0'],
  [
    { comparison: 'less', success_threshold: { stddevs_from_mean: 5 } },
    'less than the mean of the last 30 successful runs plus 5 sample standard deviations',
  ],
  [
    { comparison: 'greater', success_threshold: { stddevs_from_mean: 5 } },
    'greater than the mean of the last 30 successful runs minus 5 sample standard deviations',
  ],
  [
    { comparison: 'within', success_threshold: { stddevs_from_mean: 2 } },
    'within 2 sample standard deviations of the mean of the last 30 successful runs',
  ],
])('a demand in words: %j', (condition, words) => {
  expect(demandText(condition, 30)).toBe(words);
});

describe('mails', () => {
  const alert = (id: string, recipients: readonly string[], suppressed = false): WaitingAlert => ({
    id,
    recipients,
    suppressed,
    item: {} as WaitingAlert['item'],
  });
  const shape = ({ drafts }: ReturnType<typeof planMails>) =>
    drafts.map(({ recipient, suppressed, alerts }) => [
      recipient,
      suppressed,
      alerts.map(({ id }) => id).join(' '),
    ]);

  test('one for each address with all it is to hear of; suppressed ones apart', () => {
    const plan = planMails([
      alert('1', ['a@x.org', 'b@x.org']),
      alert('2', ['a@x.org', 'a@x.org']),
      alert('3', ['a@x.org'], true),
      alert('4', []),
    ]);
    expect(shape(plan)).toEqual([
      ['a@x.org', false, '1 2'],
      ['b@x.org', false, '1'],
      ['a@x.org', true, '3'],
    ]);
    expect(plan.unrouted.map(({ id }) => id)).toEqual(['4']);
  });

  test('the key depends on address and alerts, not on their order', () => {
    const [one] = planMails([alert('1', ['a@x.org']), alert('2', ['a@x.org'])]).drafts;
    const [same] = planMails([alert('2', ['a@x.org']), alert('1', ['a@x.org'])]).drafts;
    const [other] = planMails([alert('1', ['b@x.org']), alert('2', ['b@x.org'])]).drafts;
    expect(one?.key).toBe(same?.key);
    expect(one?.key).not.toBe(other?.key);
  });
});
