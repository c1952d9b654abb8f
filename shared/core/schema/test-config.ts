import * as z from 'zod';
import { isZone } from '../delivery/zone.ts';
import { scheduleProblem } from '../episodes/cadence.ts';
import { parseDuration } from '../time.ts';
import { BASELINE_KEYS, baselineContradictions, SplitBy } from './baseline.ts';
import { Address, Flag, Name } from './scalars.ts';
import { ConnectionName } from './source.ts';
import { MessageSources, Sources } from './sources.ts';
import { MinimumChange, SuccessThreshold, type ThresholdConfig } from './threshold.ts';

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
    metric_to_aggregation_strategies: z.record(z.string(), Strategies).optional().meta({
      description: 'By exact tag, or by a glob with * and ? where no exact one is named',
    }),
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

const Policy = z.enum(['fail', 'warn', 'ignore']);

export const Condition = z
  .strictObject({
    comparison: z.enum(COMPARISONS).optional(),
    success_threshold: SuccessThreshold,
    wait_for_n_points_of_history: z.int().min(-1).max(10_000).optional(),
    ...BASELINE_KEYS,
    minimum_change: MinimumChange.optional().meta({ description: 'A smaller difference never fails' }),
    resolution: z.number().positive().optional().meta({
      description: 'Reach of the bounds where earlier values are all equal',
    }),
    scale: z
      .enum(['linear', 'log'])
      .optional()
      .meta({ description: 'log: for times and sizes, all above 0' }),
    on_missing: Policy.optional(),
    on_nonfinite: Policy.optional(),
    severity: z.enum(['info', 'warning', 'critical']).optional().meta({
      description:
        'Of its alerts; critical: quiet hours are no reason to wait, nor is a second run but with auto',
    }),
    confirm_n: z.int().min(1).max(20).optional().meta({
      description: 'Failing runs in a row that fire; default 1, with alert_after_second_test_failure 2',
    }),
    recover_m: z.int().min(1).max(20).optional().meta({
      description: 'Good runs in a row that close; default 2, 1 after a value that was missing or no number',
    }),
  })
  .superRefine((condition, context) => {
    for (const { path, message } of [...contradictions(condition), ...baselineContradictions(condition)]) {
      context.addIssue({ code: 'custom', path: [path], message });
    }
  })
  .meta({ id: 'Condition' });

/** Settings that are each allowed and mean nothing together. */
function contradictions(condition: {
  readonly comparison?: Comparison | undefined;
  readonly success_threshold: ThresholdConfig;
  readonly minimum_change?: object | undefined;
  readonly resolution?: number | undefined;
  readonly scale?: string | undefined;
  readonly confirm_n?: number | undefined;
}): { path: string; message: string }[] {
  const { comparison, success_threshold: threshold } = condition;
  const found: { path: string; message: string }[] = [];
  const complain = (path: string, message: string) => found.push({ path, message });
  const fixed = threshold.fixed_value !== undefined || threshold.within_bounds !== undefined;
  if (comparison === undefined && threshold.auto === undefined && threshold.within_bounds === undefined) {
    complain('comparison', `is missing; one of ${COMPARISONS.join(', ')}`);
  }
  if (comparison === 'equal' && threshold.fixed_value === undefined) {
    complain('comparison', '"equal" goes only with fixed_value');
  }
  if (comparison === 'within' && threshold.fixed_value !== undefined) {
    complain('comparison', '"within" goes only with bounds from history, not with fixed_value');
  }
  if (threshold.within_bounds !== undefined && comparison !== undefined && comparison !== 'within') {
    complain('comparison', `within_bounds goes only with "within", not with "${comparison}"`);
  }
  if (threshold.auto !== undefined && condition.confirm_n !== undefined) {
    complain('confirm_n', 'does not go with auto, which confirms a change itself');
  }
  // A window beside a fixed value was always accepted, without effect.
  for (const key of ['minimum_change', 'resolution', 'scale'] as const) {
    if (condition[key] === undefined) continue;
    if (threshold.auto !== undefined) complain(key, 'does not go with auto, which finds its own');
    else if (fixed) complain(key, 'goes only with bounds from history');
  }
  return found;
}

export const RegressionTestConfig = z
  .strictObject({
    metric_success_conditions: z.record(z.string(), Condition.nullable()).nullable().optional().meta({
      description: 'By metric name; "default" is for every metric no level names; null removes one',
    }),
    split_by: SplitBy.optional(),
    required_metrics: z.array(Name).optional(),
    false_discovery_rate: z.number().gt(0).lt(1).optional().meta({
      description: 'Of the conditions of a run that fail, at most this share is chance: for many metrics',
    }),
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

const messageParts = { ...configParts, sources: MessageSources.optional() };

/** What a message may bring along to configure its own test. */
export const MessageConfig = z.strictObject(messageParts);

/** The METRIC_CONFIG of the tutorial's publisher: the message's config with the test's name and kind. */
export const MetricConfig = z.strictObject({
  test_name: Name.optional(),
  test_type: z.string().nullable().optional(),
  accelerator: z.string().nullable().optional(),
  framework_version: z.string().nullable().optional(),
  ...messageParts,
});

const Duration = z
  .string()
  .refine((text) => (parseDuration(text) ?? 0) > 0, { error: 'is not a duration such as 6h or 1h30m' });

const testParts = {
  owner: z.union([Address, z.array(Address).min(1)]).optional(),
  labels: z.record(Name, z.string()).optional().meta({
    description: 'What routes and silences can ask for; beats labels of the same name that messages bring',
  }),
  test_type: z.string().optional(),
  accelerator: z.string().optional(),
  framework_version: z.string().optional(),
  schedule: z.string().min(1).optional().meta({
    description: 'When it runs, five fields of cron; without it the habit of its runs is learnt',
  }),
  time_zone: z.string().min(1).optional().meta({ description: 'Of the schedule; default UTC' }),
  max_duration: Duration.optional().meta({
    description: 'A run that is open for longer is told; without it three times what is usual',
  }),
  sources: Sources.optional(),
  mlflow_model: z.strictObject({ connection: ConnectionName, model: Name }).optional().meta({
    description:
      'The registered model whose versions the gate decides on: its tag validation_status gets the verdict',
  }),
  ...configParts,
};

export const TestConfig = z.strictObject(testParts).superRefine((config, context) => {
  const { schedule, time_zone: timeZone } = config;
  const complain = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (schedule === undefined) {
    if (timeZone !== undefined) complain('time_zone', 'goes only with schedule');
    return;
  }
  if (timeZone !== undefined && !isZone(timeZone)) {
    complain('time_zone', 'is not the name of a time zone, such as Europe/Berlin or UTC');
    return;
  }
  const problem = scheduleProblem({ cron: schedule, timeZone: timeZone ?? 'UTC' });
  if (problem !== null) complain('schedule', `is no schedule of five cron fields: ${problem}`);
});

export type ConditionConfig = z.infer<typeof Condition>;
export type MetricCollectionConfig = z.infer<typeof MetricCollectionConfig>;
export type RegressionTestConfig = z.infer<typeof RegressionTestConfig>;
export type MessageConfig = z.infer<typeof MessageConfig>;
export type TestConfig = z.infer<typeof TestConfig>;
export type Strategy = (typeof STRATEGIES)[number];
export type Comparison = (typeof COMPARISONS)[number];
