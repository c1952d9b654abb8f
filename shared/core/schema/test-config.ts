import * as z from 'zod';
import { Address, Flag, Name } from './scalars.ts';

export const STRATEGIES = ['final', 'first', 'min', 'max', 'mean', 'average', 'median', 'count'] as const;
export const COMPARISONS = [
  'greater',
  'less',
  'greater_or_equal',
  'less_or_equal',
  'equal',
  'within',
] as const;

const Strategies = z.array(z.enum(STRATEGIES)).min(1);

export const TimeToAccuracy = z
  .strictObject({
    accuracy_tag: Name,
    accuracy_threshold: z.number(),
    comparison: z.enum(['greater_or_equal', 'less_or_equal']).optional(),
  })
  .meta({ description: 'Computes time_to_accuracy; less_or_equal for a tag that falls' });

export const MetricCollectionConfig = z
  .strictObject({
    default_aggregation_strategies: Strategies.optional(),
    metric_to_aggregation_strategies: z.record(z.string(), Strategies).optional(),
    metric_to_aggregation_strategy: z
      .record(z.string(), Strategies)
      .optional()
      .meta({ description: "The tutorial's spelling of metric_to_aggregation_strategies" }),
    tags_to_ignore: z.array(z.string()).optional().meta({ description: 'Exact tags, or globs with * and ?' }),
    use_run_name_prefix: Flag.optional(),
    time_to_accuracy: TimeToAccuracy.nullable().optional(),
    write_to_bigquery: Flag.optional().meta({ description: 'Noted, without effect' }),
    bigquery_dataset_name: z.string().optional().meta({ description: 'Noted, without effect' }),
    bigquery_table_name: z.string().optional().meta({ description: 'Noted, without effect' }),
  })
  .meta({ id: 'MetricCollectionConfig' });

const THRESHOLD_KINDS = ['fixed_value', 'stddevs_from_mean', 'auto'] as const;

export const SuccessThreshold = z
  .strictObject({
    fixed_value: z.number().optional(),
    stddevs_from_mean: z.number().min(0).optional(),
    auto: z.strictObject({}).optional().meta({ description: 'The recommended rule' }),
  })
  .refine((threshold) => THRESHOLD_KINDS.filter((kind) => threshold[kind] !== undefined).length === 1, {
    error: `needs exactly one of ${THRESHOLD_KINDS.join(', ')}`,
  })
  .meta({ minProperties: 1, maxProperties: 1 });

const Policy = z.enum(['fail', 'warn', 'ignore']);

export const Condition = z
  .strictObject({
    comparison: z.enum(COMPARISONS).optional(),
    success_threshold: SuccessThreshold,
    wait_for_n_points_of_history: z.int().min(-1).max(10_000).optional(),
    history_window: z.int().min(2).max(10_000).optional(),
    on_missing: Policy.optional(),
    on_nonfinite: Policy.optional(),
  })
  .superRefine((condition, context) => {
    const threshold = condition.success_threshold;
    const complain = (message: string) => context.addIssue({ code: 'custom', path: ['comparison'], message });
    if (condition.comparison === undefined && threshold.auto === undefined) {
      complain(`is missing; one of ${COMPARISONS.join(', ')}`);
    }
    if (condition.comparison === 'equal' && threshold.fixed_value === undefined) {
      complain('"equal" goes only with fixed_value');
    }
    if (condition.comparison === 'within' && threshold.fixed_value !== undefined) {
      complain('"within" goes only with bounds from history, not with fixed_value');
    }
  })
  .meta({ id: 'Condition' });

export const RegressionTestConfig = z
  .strictObject({
    metric_success_conditions: z.record(z.string(), Condition.nullable()).nullable().optional().meta({
      description: 'By metric name; "default" is for every metric no level names; null removes one',
    }),
    required_metrics: z.array(Name).optional(),
    metric_subset_to_alert: z.array(z.string()).optional(),
    alert_for_oob_metrics: Flag.optional(),
    alert_for_failed_jobs: Flag.optional(),
    alert_after_second_test_failure: Flag.optional(),
    write_to_error_reporting: Flag.optional().meta({ description: 'Noted, without effect' }),
  })
  .meta({ id: 'RegressionTestConfig' });

const configParts = {
  metric_collection_config: MetricCollectionConfig.nullable().optional(),
  regression_test_config: RegressionTestConfig.nullable().optional(),
};

/** What a message may bring along to configure its own test. */
export const MessageConfig = z.strictObject(configParts);

/** The METRIC_CONFIG of the tutorial's publisher: the message's config with the test's name and kind. */
export const MetricConfig = z.strictObject({
  test_name: Name.optional(),
  test_type: z.string().nullable().optional(),
  accelerator: z.string().nullable().optional(),
  framework_version: z.string().nullable().optional(),
  ...configParts,
});

export const TestConfig = z.strictObject({
  owner: z.union([Address, z.array(Address).min(1)]).optional(),
  test_type: z.string().optional(),
  accelerator: z.string().optional(),
  framework_version: z.string().optional(),
  ...configParts,
});

export type ConditionConfig = z.infer<typeof Condition>;
export type MetricCollectionConfig = z.infer<typeof MetricCollectionConfig>;
export type RegressionTestConfig = z.infer<typeof RegressionTestConfig>;
export type MessageConfig = z.infer<typeof MessageConfig>;
export type TestConfig = z.infer<typeof TestConfig>;
export type Strategy = (typeof STRATEGIES)[number];
export type Comparison = (typeof COMPARISONS)[number];
