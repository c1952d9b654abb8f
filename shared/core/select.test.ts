import { describe, expect, test } from 'vitest';
import { collectScalars } from './collected.ts';
import { timeToAccuracy, totalWallTime } from './computed.ts';
import { effectiveConfig } from './effective-config.ts';
import type { TestConfig } from './schema/test-config.ts';
import { selectMetrics } from './select.ts';
import type { Series } from './series.ts';

interface Given {
  readonly run?: string;
  readonly tag: string;
  readonly values: readonly number[];
  /** Of the first point; the others follow a second apart. */
  readonly at?: number;
}

function series({ run = '.', tag, values, at = 1000 }: Given): Series {
  return {
    run,
    tag,
    steps: Float64Array.from(values, (_, step) => step),
    wallTimes: Float64Array.from(values, (_, step) => at + step),
    values: Float64Array.from(values),
    removed: 0,
  };
}

type Collection = NonNullable<TestConfig['metric_collection_config']>;

function picked(
  given: readonly Given[],
  collection: Collection,
  regression: TestConfig['regression_test_config'] = null,
) {
  const fileConfig = { metric_collection_config: collection, regression_test_config: regression };
  const config = effectiveConfig({ messageConfig: undefined, configErrors: [], fileConfig });
  const request = {
    modelDir: '/m',
    timeToAccuracy: config.timeToAccuracy,
    useRunNamePrefix: config.useRunNamePrefix,
  };
  const collected = collectScalars({ series: given.map(series), files: [], notes: [] }, request);
  const { metrics, notes } = selectMetrics(collected, config);
  const values = Object.fromEntries(metrics.map(({ name, value, kind }) => [name, value ?? kind]));
  return { values, notes, metrics, collected, config };
}

const LOSS: Given = { tag: 'loss', values: [4, 1, 2, 3] };
const less = { comparison: 'less', success_threshold: { fixed_value: 1 } } as const;

describe('strategies', () => {
  test('by glob for tags that are not named exactly; of several globs that match all count', () => {
    const tags = ['epoch_loss', 'epoch_lr', 'step'].map((tag) => ({ tag, values: [2, 1] }));
    const metric_to_aggregation_strategies = {
      'epoch_*': ['max' as const],
      '*_l?ss': ['min' as const],
      epoch_lr: ['first' as const],
    };
    expect(picked(tags, { metric_to_aggregation_strategies }).values).toEqual({
      epoch_loss_max: 2,
      epoch_loss_min: 1,
      epoch_lr_first: 2,
      step_final: 1,
    });
  });

  test('every one of them, the name with the word as written', () => {
    const all = ['final', 'first', 'min', 'max', 'mean', 'average', 'median', 'count'] as const;
    expect(picked([LOSS], { default_aggregation_strategies: [...all] }).values).toEqual({
      loss_final: 3,
      loss_first: 4,
      loss_min: 1,
      loss_max: 4,
      loss_mean: 2.5,
      loss_average: 2.5,
      loss_median: 2.5,
      loss_count: 4,
    });
  });

  test('those of a tag instead of the default ones', () => {
    const own = { metric_to_aggregation_strategy: { loss: ['min' as const] } };
    expect(picked([LOSS, { tag: 'lr', values: [1] }], own).values).toEqual({ loss_min: 1, lr_final: 1 });
  });

  test('values that are not finite: aggregates leave them out, a chosen one says what it is', () => {
    const tags: Given[] = [
      { tag: 'a', values: [1, Number.NaN] },
      { tag: 'b', values: [Infinity] },
      { tag: 'c', values: [-Infinity, -Infinity] },
      { tag: 'd', values: [Infinity, Number.NaN] },
    ];
    expect(picked(tags, { default_aggregation_strategies: ['final', 'max', 'count'] }).values).toEqual({
      a_final: 'nan',
      a_max: 1,
      a_count: 2,
      b_final: 'posinf',
      b_max: 'posinf',
      b_count: 1,
      c_final: 'neginf',
      c_max: 'neginf',
      c_count: 2,
      d_final: 'nan',
      d_max: 'nan',
      d_count: 2,
    });
  });
});

describe('tags of several run folders', () => {
  const both: Given[] = [
    { run: 'train', tag: 'loss', values: [1, 2], at: 1000 },
    { run: 'eval', tag: 'loss', values: [7], at: 1000.5 },
  ];
  const strategies = {
    default_aggregation_strategies: ['final', 'count', 'max'] as ('final' | 'count' | 'max')[],
  };

  test('are pooled without prefix, in the order of their wall times, and that is noted', () => {
    const { values, notes } = picked(both, strategies);
    expect(values).toEqual({ loss_final: 2, loss_count: 3, loss_max: 7 });
    expect(notes).toEqual(['tag "loss" is pooled from the run folders train, eval']);
  });

  test('of equal time the last by run name is the final', () => {
    const tied: Given[] = [
      { run: 'b', tag: 'loss', values: [2] },
      { run: 'a', tag: 'loss', values: [1] },
    ];
    expect(picked(tied, {}).values).toEqual({ loss_final: 2 });
  });

  test('are told apart with prefix, and the folder itself has none', () => {
    const { values, notes } = picked([...both, LOSS], { use_run_name_prefix: true });
    expect(values).toEqual({ 'train/loss_final': 2, 'eval/loss_final': 7, loss_final: 3 });
    expect(notes).toEqual([]);
  });

  test('names that collide with prefix are pooled and noted', () => {
    const colliding: Given[] = [
      { run: '.', tag: 'train/loss', values: [1], at: 2000 },
      { run: 'train', tag: 'loss', values: [5, 6], at: 1000 },
    ];
    const { values, notes } = picked(colliding, { ...strategies, use_run_name_prefix: true });
    expect(values).toEqual({ 'train/loss_final': 1, 'train/loss_count': 3, 'train/loss_max': 6 });
    expect(notes).toHaveLength(1);
  });

  test.each([
    ['with prefix', 'train/loss', { 'train/loss_min': 1, 'eval/loss_final': 7 }],
    ['bare', 'loss', { 'train/loss_min': 1, 'eval/loss_min': 7 }],
  ])('strategies are found %s', (_, tag, expected) => {
    const metric_to_aggregation_strategies = { [tag]: ['min' as const] };
    expect(picked(both, { metric_to_aggregation_strategies, use_run_name_prefix: true }).values).toEqual(
      expected,
    );
  });
});

describe('ignored tags', () => {
  const tags: Given[] = [
    { tag: 'epoch_lr', values: [1] },
    { tag: 'a[0]*', values: [2] },
    { run: 'train', tag: 'loss', values: [3] },
  ];
  test.each([
    ['an exact name', ['epoch_lr'], ['a[0]*_final', 'train/loss_final']],
    ['a name that looks like a glob', ['a[0]*'], ['epoch_lr_final', 'train/loss_final']],
    ['a glob', ['epoch_*'], ['a[0]*_final', 'train/loss_final']],
    ['with prefix', ['train/*'], ['epoch_lr_final', 'a[0]*_final']],
    ['bare', ['loss'], ['epoch_lr_final', 'a[0]*_final']],
    ['a part of a name is none', ['epoch'], ['epoch_lr_final', 'a[0]*_final', 'train/loss_final']],
    ['all', ['*'], []],
  ])('%s', (_, tags_to_ignore, left) => {
    const { values } = picked(tags, { tags_to_ignore, use_run_name_prefix: true });
    expect(Object.keys(values)).toEqual(left);
  });

  test('a condition makes its aggregate collected, and so does a required metric', () => {
    const regression = { metric_success_conditions: { epoch_lr_max: less }, required_metrics: ['loss_min'] };
    const { values } = picked(tags, { tags_to_ignore: ['*'], use_run_name_prefix: true }, regression);
    expect(values).toEqual({ epoch_lr_max: 1, 'train/loss_min': 3 });
  });

  test('a condition that was removed does not', () => {
    const regression = { metric_success_conditions: { epoch_lr_max: null } };
    expect(picked(tags, { tags_to_ignore: ['*'] }, regression).values).toEqual({});
  });
});

test('a bare condition asks for the aggregate of every folder; the metric knows both names', () => {
  const both: Given[] = [
    { run: 'train', tag: 'loss', values: [1] },
    { run: 'eval', tag: 'loss', values: [7] },
  ];
  const regression = { metric_success_conditions: { loss_max: less } };
  const { metrics } = picked(both, { use_run_name_prefix: true, tags_to_ignore: ['*'] }, regression);
  expect(metrics.map(({ name, bareName }) => [name, bareName])).toEqual([
    ['train/loss_max', 'loss_max'],
    ['eval/loss_max', 'loss_max'],
  ]);
});

describe('computed', () => {
  test.each([
    [null, 5000, null],
    [1000, 5500, { kind: 'finite', value: 4.5 }],
    [1000, 1000, { kind: 'finite', value: 0 }],
    [5000, 1000, { kind: 'missing', value: null, reason: 'clock' }],
  ])('total_wall_time from %s to %s', (startedAt, finishedAt, expected) => {
    const metric = totalWallTime({ startedAt, finishedAt });
    if (expected === null) expect(metric).toBeNull();
    else expect(metric).toMatchObject({ name: 'total_wall_time', ...expected });
  });

  const rising: Given = { tag: 'acc', values: [0.5, Number.NaN, 0.9, 0.8, 0.95], at: 1010 };
  const times = { startedAt: 1_000_000, finishedAt: 2_000_000 };
  const accuracy = (accuracy_threshold: number, more: object = {}, given: readonly Given[] = [rising]) => {
    const time_to_accuracy = { accuracy_tag: 'acc', accuracy_threshold, ...more };
    const { config, collected } = picked(given, { time_to_accuracy });
    return timeToAccuracy(config, collected, times);
  };

  test.each([
    ['the first point at the level counts', 0.9, {}, { value: 12 }],
    ['the level is included', 0.95, {}, { value: 14 }],
    ['one that falls', 0.5, { comparison: 'less_or_equal' }, { value: 10 }],
    ['never reached', 0.99, {}, { kind: 'missing', reason: 'not_reached' }],
  ])('time_to_accuracy: %s', (_, threshold, more, expected) => {
    expect(accuracy(threshold, more)).toMatchObject({ name: 'time_to_accuracy', ...expected });
  });

  test('time_to_accuracy without its tag is missing, not unreached', () => {
    expect(accuracy(0.9, {}, [LOSS])).toMatchObject({ kind: 'missing', reason: 'missing' });
  });

  test('time_to_accuracy of a pooled tag is the earliest of all folders', () => {
    const other = { run: 'eval', tag: 'acc', values: [0.99], at: 1003 };
    expect(accuracy(0.9, {}, [rising, other])).toMatchObject({ value: 3 });
  });
});
