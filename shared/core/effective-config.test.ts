import { describe, expect, test } from 'vitest';
import { effectiveConfig } from './effective-config.ts';
import type { ConditionConfig, RegressionTestConfig, TestConfig } from './schema/test-config.ts';

const FILE: ConditionConfig = { comparison: 'less', success_threshold: { fixed_value: 1 } };
const MESSAGE: ConditionConfig = { comparison: 'greater', success_threshold: { fixed_value: 2 } };
const DEFAULT = {
  comparison: 'less',
  success_threshold: { stddevs_from_mean: 5 },
  wait_for_n_points_of_history: 10,
};

function merged(message: unknown, file: TestConfig | null = null, configErrors: readonly string[] = []) {
  return effectiveConfig({ messageConfig: message, fileConfig: file, configErrors });
}

type Conditions = NonNullable<RegressionTestConfig['metric_success_conditions']>;

const demanding = (conditions: Conditions, more: RegressionTestConfig = {}): TestConfig => ({
  regression_test_config: { metric_success_conditions: conditions, ...more },
});

describe('conditions: message over file over the default rule', () => {
  const NULL: TestConfig = { regression_test_config: null };
  test.each<[string, TestConfig | undefined, TestConfig | null, string, unknown]>([
    ['nobody says anything: the default rule', undefined, null, 'total_wall_time', DEFAULT],
    [
      'the file says something else: the default rule stays',
      undefined,
      demanding({ m: FILE }),
      'total_wall_time',
      DEFAULT,
    ],
    ['the file has its own', undefined, demanding({ total_wall_time: FILE }), 'total_wall_time', FILE],
    ['the message has its own', demanding({ total_wall_time: MESSAGE }), null, 'total_wall_time', MESSAGE],
    ['both name it: the message', demanding({ m: MESSAGE }), demanding({ m: FILE }), 'm', MESSAGE],
    ['only the file names it', demanding({ n: MESSAGE }), demanding({ m: FILE }), 'm', FILE],
    [
      'null in the file removes the rule',
      undefined,
      demanding({ total_wall_time: null }),
      'total_wall_time',
      null,
    ],
    [
      'null in the message removes what the file has',
      demanding({ m: null }),
      demanding({ m: FILE }),
      'm',
      null,
    ],
    [
      'the message wants what the file removed',
      demanding({ m: MESSAGE }),
      demanding({ m: null }),
      'm',
      MESSAGE,
    ],
    ['null config in the file: no rule', undefined, NULL, 'total_wall_time', undefined],
    ['null config in the file, the message has its own', demanding({ m: MESSAGE }), NULL, 'm', MESSAGE],
    ['null config in the message: nothing of the file', NULL, demanding({ m: FILE }), 'm', undefined],
    [
      'null config in the message: no default rule',
      NULL,
      demanding({ m: FILE }),
      'total_wall_time',
      undefined,
    ],
  ])('%s', (_, message, file, metric, expected) => {
    const condition = merged(message, file).conditions.get(metric);
    if (expected === DEFAULT) expect(condition).toMatchObject(DEFAULT);
    else expect(condition).toEqual(expected);
  });

  test('a condition counts whole: nothing of a weaker level fills its gaps', () => {
    const file = { ...FILE, on_missing: 'ignore', wait_for_n_points_of_history: 7 } as const;
    expect(merged(demanding({ m: MESSAGE }), demanding({ m: file })).conditions.get('m')).toEqual(MESSAGE);
  });

  test('"default" is kept apart, and the strongest level that has one gives it', () => {
    const config = merged(demanding({ default: MESSAGE }), demanding({ default: FILE, m: FILE }));
    expect(config.defaultCondition).toEqual(MESSAGE);
    expect([...config.conditions.keys()]).toEqual(['m', 'total_wall_time']);
    expect(merged(undefined).defaultCondition).toBeNull();
    expect(merged(demanding({ default: null }), demanding({ default: FILE })).defaultCondition).toBeNull();
  });
});

describe('collection', () => {
  test('without any: the final of every tag', () => {
    expect(merged(undefined)).toMatchObject({
      defaultStrategies: ['final'],
      tagsToIgnore: [],
      useRunNamePrefix: false,
      timeToAccuracy: null,
      requiredMetrics: [],
    });
  });

  test('key by key the message wins, and strategies tag by tag', () => {
    const message = {
      metric_collection_config: {
        metric_to_aggregation_strategy: { acc: ['max'], loss: ['min'] },
        use_run_name_prefix: 'True',
      },
    };
    const file: TestConfig = {
      metric_collection_config: {
        default_aggregation_strategies: ['mean'],
        metric_to_aggregation_strategies: { acc: ['final'], lr: ['first'] },
        tags_to_ignore: ['x'],
        use_run_name_prefix: false,
      },
    };
    const config = merged(message, file);
    expect(Object.fromEntries(config.strategiesByTag)).toEqual({
      acc: ['max'],
      loss: ['min'],
      lr: ['first'],
    });
    expect(config).toMatchObject({
      defaultStrategies: ['mean'],
      tagsToIgnore: ['x'],
      useRunNamePrefix: true,
    });
  });

  test('of the two spellings at one level the plural wins', () => {
    const metric_collection_config: TestConfig['metric_collection_config'] = {
      metric_to_aggregation_strategy: { acc: ['min'], only: ['max'] },
      metric_to_aggregation_strategies: { acc: ['max'] },
    };
    const { strategiesByTag } = merged(undefined, { metric_collection_config });
    expect(Object.fromEntries(strategiesByTag)).toEqual({ acc: ['max'], only: ['max'] });
  });

  test('time to accuracy: rising unless said otherwise; null in the message switches it off', () => {
    const time_to_accuracy = { accuracy_tag: 'acc', accuracy_threshold: 0.9 };
    const file: TestConfig = { metric_collection_config: { time_to_accuracy } };
    const spec = { tag: 'acc', threshold: 0.9, comparison: 'greater_or_equal' };
    expect(merged(undefined, file).timeToAccuracy).toEqual(spec);
    expect(merged({ metric_collection_config: { time_to_accuracy: null } }, file).timeToAccuracy).toBeNull();
    expect(merged({ metric_collection_config: null }, file).timeToAccuracy).toEqual(spec);
  });
});

describe('alerts', () => {
  test.each<[string, RegressionTestConfig | null | undefined, object]>([
    [
      'by default of everything, at the first failure',
      undefined,
      { metrics: true, jobs: true, afterSecondFailure: false, subset: [] },
    ],
    ['null: none', null, { metrics: false, jobs: false }],
    [
      'texts of jsonnet',
      { alert_for_failed_jobs: 'False', alert_after_second_test_failure: 'True' },
      { metrics: true, jobs: false, afterSecondFailure: true },
    ],
    [
      'a subset',
      { metric_subset_to_alert: ['a'], alert_for_oob_metrics: false },
      { metrics: false, subset: ['a'] },
    ],
  ])('%s', (_, regression, alerts) => {
    const file = regression === undefined ? {} : { regression_test_config: regression };
    expect(merged(undefined, file).alerts).toMatchObject(alerts);
  });

  test('a setting of the message beats that of the file, left out it does not', () => {
    const file = demanding({}, { alert_after_second_test_failure: true, required_metrics: ['a'] });
    const message = demanding({}, { alert_after_second_test_failure: false });
    expect(merged(message, file)).toMatchObject({
      alerts: { afterSecondFailure: false },
      requiredMetrics: ['a'],
    });
  });
});

describe('mistakes of the message', () => {
  test('are told with path and suggestion; who hears of a failed job is still the file’s to say', () => {
    const message = {
      regression_test_config: { metric_success_conditions: { m: { ...MESSAGE, comparision: 'x' } } },
    };
    const config = merged(message, demanding({ m: FILE }, { alert_for_failed_jobs: false }));
    expect(config.problems).toEqual([
      {
        path: 'regression_test_config.metric_success_conditions.m.comparision',
        message: 'unknown key; did you mean "comparison"?',
      },
    ]);
    expect(config.alerts).toMatchObject({ jobs: false });
  });

  test('so is one found before, when the message was read', () => {
    expect(merged(undefined, null, ['METRIC_CONFIG is no JSON']).problems).toEqual([
      { path: '', message: 'METRIC_CONFIG is no JSON' },
    ]);
  });

  test.each([[42], ['text'], [[1]]])('a config that is no object is one: %j', (message) => {
    expect(merged(message).problems).toHaveLength(1);
  });
});
