import { describe, expect, test } from 'vitest';
import { configOfV2 } from './config-v2.ts';
import { effectiveConfig } from './effective-config.ts';
import type { AssertionV2, CollectionV2 } from './message-v2.ts';

const AT = 'metric_collection_config.sources.0.tensorboard.aggregate_assertions.0.assertion';

/** What becomes of one assertion on the final value of `loss`: its condition, or what is wrong. */
function mapped(assertion: AssertionV2, part: CollectionV2 = {}) {
  const sources = [{ tensorboard: { aggregate_assertions: [{ tag: 'loss', assertion }] } }];
  const { config, problems } = configOfV2({ sources, ...part }, 't');
  // The schema of every other config has to accept it.
  const effective = effectiveConfig({ messageConfig: config, configErrors: problems, fileConfig: null });
  if (problems.length === 0) expect(effective.problems).toStrictEqual([]);
  return problems.length > 0 ? problems.join('; ') : effective.conditions.get('loss_final');
}

const fixed = (comparison: string, fixed_value: number) => ({
  comparison,
  success_threshold: { fixed_value },
});

describe('assertions become conditions', () => {
  test.each<[string, AssertionV2, unknown]>([
    ['a fixed value', { fixed_value: { comparison: 'LESS', value: 2 } }, fixed('less', 2)],
    [
      'one that is still right',
      { fixed_value: { comparison: 'GREATER', value: 2 }, inclusive_bounds: true },
      fixed('greater_or_equal', 2),
    ],
    ['nothing said is EQUAL to 0', { fixed_value: {} }, fixed('equal', 0)],
    [
      'a fixed value waits for no history',
      { fixed_value: { comparison: 'LESS', value: 2 }, wait_for_n_data_points: 9, time_window: {} },
      fixed('less', 2),
    ],
    [
      'bounds with one side at infinity',
      { within_bounds: { lower_bound: 1, upper_bound: 'Infinity' } },
      fixed('greater', 1),
    ],
    [
      'bounds with the other side there',
      { within_bounds: { lower_bound: '-Infinity', upper_bound: 3 }, inclusive_bounds: true },
      fixed('less_or_equal', 3),
    ],
    [
      'bounds on both sides',
      { within_bounds: { lower_bound: 1, upper_bound: 3 } },
      { comparison: 'within', success_threshold: { within_bounds: { lower: 1, upper: 3 } } },
    ],
    [
      'a fraction of the mean is a percentage of it',
      { percent_difference: { comparison: 'LESS', percent: 0.25 }, wait_for_n_data_points: 3 },
      { comparison: 'less', success_threshold: { percent_from_mean: 25 }, wait_for_n_points_of_history: 3 },
    ],
    [
      'a fraction of a value is a bound, above it',
      { percent_difference: { comparison: 'LESS', percent: 0.25, value: -8 }, time_window: {} },
      fixed('less', -6),
    ],
    [
      'or below it',
      { percent_difference: { comparison: 'GREATER', percent: 0.25, value: -8 }, inclusive_bounds: true },
      fixed('greater_or_equal', -10),
    ],
    [
      'or both',
      { percent_difference: { comparison: 'WITHIN', percent: 0.25, value: 8 } },
      { comparison: 'within', success_threshold: { within_bounds: { lower: 6, upper: 10 } } },
    ],
    [
      'standard deviations',
      { std_devs_from_mean: { comparison: 'WITHIN', std_devs: 5 }, wait_for_n_data_points: 10 },
      { comparison: 'within', success_threshold: { stddevs_from_mean: 5 }, wait_for_n_points_of_history: 10 },
    ],
    [
      'standard deviations to one side',
      { std_devs_from_mean: { comparison: 'LESS', std_devs: 5 } },
      { comparison: 'less', success_threshold: { stddevs_from_mean: 5 } },
    ],
    [
      'a window of time',
      {
        std_devs_from_mean: { comparison: 'LESS', std_devs: 1 },
        time_window: { seconds: '604800', nanos: 5e8 },
      },
      { comparison: 'less', success_threshold: { stddevs_from_mean: 1 }, history_window: '604800.5s' },
    ],
    [
      'a first day',
      { percent_difference: { comparison: 'LESS', percent: 0.25 }, min_timestamp: { seconds: '1600000000' } },
      {
        comparison: 'less',
        success_threshold: { percent_from_mean: 25 },
        history_since: '2020-09-13T12:26:40.000Z',
      },
    ],
  ])('%s', (_sentence, assertion, condition) => {
    expect(mapped(assertion)).toStrictEqual(condition);
  });
});

describe('what we cannot do is named, with its place', () => {
  test.each<[string, AssertionV2, string]>([
    [
      'bounds that are no numbers',
      { within_bounds: { lower_bound: 'NaN', upper_bound: 3 } },
      'must be between finite numbers: current values are NaN and 3',
    ],
    [
      'a fraction that is no number',
      { percent_difference: { comparison: 'LESS', percent: 'NaN' } },
      'percent must be a finite number: current value is NaN',
    ],
    [
      'a fraction of no number',
      { percent_difference: { comparison: 'LESS', percent: 1, value: 'Infinity' } },
      'value must be a finite number: current value is Infinity',
    ],
    [
      'a fraction by default, which is EQUAL',
      { percent_difference: { percent: 1 } },
      'percent_difference goes only with WITHIN, LESS and GREATER, not with "EQUAL"',
    ],
    ['a kind of a newer schema', {}, 'is of a kind that this version does not know'],
    [
      'a comparison that says nothing',
      { fixed_value: { comparison: 'WITHIN', value: 1 } },
      'fixed_value goes only with EQUAL, LESS and GREATER, not with "WITHIN"',
    ],
    [
      'deviations by default, which is EQUAL',
      { std_devs_from_mean: { std_devs: 1 } },
      'std_devs_from_mean goes only with WITHIN, LESS and GREATER, not with "EQUAL"',
    ],
    ['no number', { fixed_value: { value: 'NaN' } }, 'must be a finite number: current value is NaN'],
  ])('%s', (_sentence, assertion, why) => {
    expect(mapped(assertion)).toBe(`${AT}: ${why}`);
  });

  test('the history of another test, where history is looked at', () => {
    const deviations = { std_devs_from_mean: { comparison: 'LESS', std_devs: 1 } };
    const other = { compare_to_benchmark_id: 'release' };
    expect(mapped(deviations, other)).toBe(
      'metric_collection_config.compare_to_benchmark_id: this version knows no history but that of the test itself',
    );
    expect(mapped(deviations, { compare_to_benchmark_id: 't' })).toMatchObject({ comparison: 'less' });
    expect(mapped({ fixed_value: {} }, other)).toStrictEqual(fixed('equal', 0));
  });

  test('a metric asserted twice, and a strategy and a source that nobody knows', () => {
    const twice = { tag: 'loss', assertion: { fixed_value: {} } };
    const sources = [
      { tensorboard: { aggregate_assertions: [twice, twice, { tag: 'x', strategy: 9 }] } },
      {},
    ];
    expect(configOfV2({ sources }, 't').problems).toStrictEqual([
      'metric_collection_config.sources.0.tensorboard.aggregate_assertions.2.strategy: must be one of FINAL, MIN, MAX, AVERAGE, MEDIAN: current value is 9',
      'metric_collection_config.sources.1: is of a kind that this version does not know',
      `${AT.replace('assertions.0', 'assertions.1')}: "loss_final" has an assertion already`,
    ]);
  });

  test('perfzero is a source of JSON, beside event files where there are any; its assertions go by name', () => {
    const assertions = { wall_time: { fixed_value: { comparison: 'LESS', value: 9 } } };
    const json = { json: { path: '*/perfzero_summary.json', preset: 'perfzero' } };
    const alone = configOfV2({ sources: [{ perfzero: { assertions } }] }, 't');
    expect(alone).toMatchObject({
      problems: [],
      config: {
        sources: [json],
        regression_test_config: { metric_success_conditions: { wall_time: fixed('less', 9) } },
      },
    });
    const beside = configOfV2({ sources: [{ tensorboard: {} }, { perfzero: {} }] }, 't');
    expect(beside.config).toMatchObject({ sources: [{ tensorboard: {} }, json] });
    const messageConfig = beside.config;
    expect(effectiveConfig({ messageConfig, configErrors: [], fileConfig: null }).problems).toStrictEqual([]);
  });

  test('a negative number of deviations is found by the check that every config passes', () => {
    const sources = [
      {
        literals: {
          assertions: { duration: { std_devs_from_mean: { comparison: 'LESS', std_devs: -1 } } },
        },
      },
    ];
    const { config, problems } = configOfV2({ sources }, 't');
    const effective = effectiveConfig({ messageConfig: config, configErrors: problems, fileConfig: null });
    expect(effective.problems.map(({ path }) => path)).toStrictEqual([
      'regression_test_config.metric_success_conditions.total_wall_time.success_threshold.stddevs_from_mean',
    ]);
  });
});

test('sources become what is collected, over all of them', () => {
  const sources = [
    {
      tensorboard: {
        include_tags: [
          { tag_pattern: 'epoch_*', strategies: ['FINAL', 'MIN'] },
          { tag_pattern: 'none', strategies: [] },
        ],
        exclude_tags: ['lr'],
      },
    },
    { tensorboard: { include_tags: [{ tag_pattern: 'epoch_*', strategies: ['MEDIAN', 'MIN'] }] } },
    { literals: { assertions: { num_attempts: { fixed_value: { value: 1 } } } } },
  ];
  const { config, problems } = configOfV2({ sources, silence_alerts: true }, 't');
  expect(problems).toStrictEqual([]);
  expect(config).toStrictEqual({
    metric_collection_config: {
      use_run_name_prefix: true,
      metric_to_aggregation_strategies: { 'epoch_*': ['final', 'min', 'median'] },
      tags_to_ignore: ['lr'],
    },
    regression_test_config: {
      metric_success_conditions: { num_attempts: fixed('equal', 1) },
      alert_for_failed_jobs: false,
    },
  });
});

test('sources that disagree whether run folders are merged are a mistake', () => {
  const sources = [{ tensorboard: { merge_runs: true } }, { tensorboard: {} }];
  expect(configOfV2({ sources }, 't').problems).toStrictEqual([
    'metric_collection_config.sources: merge_runs must be the same in all of them',
  ]);
});
