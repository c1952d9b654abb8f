import { check, type Problem } from './problem.ts';
import { flagValue } from './schema/scalars.ts';
import type { SourceConfig } from './schema/source.ts';
import {
  type ConditionConfig,
  type MetricCollectionConfig,
  MetricConfig,
  type RegressionTestConfig,
  type Strategy,
  type TestConfig,
} from './schema/test-config.ts';

/** When a metric first reached a level; `comparison` is which side counts as reached. */
export interface TimeToAccuracySpec {
  readonly tag: string;
  readonly threshold: number;
  readonly comparison: 'greater_or_equal' | 'less_or_equal';
}

/** What a run is collected and judged by, all levels merged (contracts §4). */
export interface EffectiveConfig {
  /** Where metrics come from; null: from event files alone, as where nobody says. */
  readonly sources: readonly SourceConfig[] | null;
  readonly defaultStrategies: readonly Strategy[];
  readonly strategiesByTag: ReadonlyMap<string, readonly Strategy[]>;
  /** Exact tags or globs. */
  readonly tagsToIgnore: readonly string[];
  readonly useRunNamePrefix: boolean;
  readonly timeToAccuracy: TimeToAccuracySpec | null;
  /** By metric name; a name that some level removed is here with null. */
  readonly conditions: ReadonlyMap<string, ConditionConfig | null>;
  /** For every metric that no level names. */
  readonly defaultCondition: ConditionConfig | null;
  readonly requiredMetrics: readonly string[];
  /** Share of a run's failed conditions that may be chance; null: each is taken by itself. */
  readonly falseDiscoveryRate: number | null;
  readonly alerts: {
    readonly metrics: boolean;
    readonly jobs: boolean;
    /** Empty: all metrics. */
    readonly subset: readonly string[];
    readonly afterSecondFailure: boolean;
  };
  /** Mistakes in the message's config: the run is recorded, its verdict is inconclusive. */
  readonly problems: readonly Problem[];
}

/**
 * The one rule that holds where nobody said anything: a run must not take far longer than the runs before.
 * Nobody asked for it by name, so a run that never said when it started does not fail by it.
 */
export const DEFAULT_RULE: RegressionTestConfig = {
  metric_success_conditions: {
    total_wall_time: {
      comparison: 'less',
      success_threshold: { stddevs_from_mean: 5 },
      wait_for_n_points_of_history: 10,
      on_missing: 'ignore',
    },
  },
};

/** Everything that configures one run. `fileConfig` is the test's entry of the config file, null without one. */
export interface ConfigSources {
  readonly messageConfig: unknown;
  readonly configErrors: readonly string[];
  readonly fileConfig: TestConfig | null;
}

/** Merges message over file over the default rule; a message's mistakes are told in `problems`. */
export function effectiveConfig(given: ConfigSources): EffectiveConfig {
  const file = given.fileConfig ?? {};
  const checked = check(MetricConfig, given.messageConfig ?? {});
  const problems = [
    ...given.configErrors.map((message) => ({ path: '', message })),
    ...(checked.ok ? [] : checked.problems),
  ];
  const message = checked.ok ? checked.value : {};
  const collection = mergeCollection(message.metric_collection_config, file.metric_collection_config);
  // A broken message cannot say what it demands; who is told of a failed job is still the file's to say.
  const levels = regressionLevels(message, file);
  const sources = sourcesOf(message.sources ?? file.sources);
  return { sources, ...collection, ...mergeRegression(levels), problems };
}

/** The list of one level counts whole: a source that a message adds would be judged by nobody's rules. */
function sourcesOf(sources: readonly SourceConfig[] | undefined): readonly SourceConfig[] | null {
  const isDefault = sources?.every(({ tensorboard }) => tensorboard !== undefined) ?? true;
  return sources === undefined || isDefault ? null : sources;
}

function mergeCollection(
  message: MetricCollectionConfig | null | undefined,
  file: MetricCollectionConfig | null | undefined,
) {
  const merged = { ...file, ...message };
  const byTag = new Map<string, readonly Strategy[]>();
  for (const level of [file, message]) {
    for (const map of [level?.metric_to_aggregation_strategy, level?.metric_to_aggregation_strategies]) {
      for (const [tag, strategies] of Object.entries(map ?? {})) byTag.set(tag, strategies);
    }
  }
  const accuracy = merged.time_to_accuracy;
  return {
    defaultStrategies: merged.default_aggregation_strategies ?? (['final'] as const),
    strategiesByTag: byTag,
    tagsToIgnore: merged.tags_to_ignore ?? [],
    useRunNamePrefix: flagValue(merged.use_run_name_prefix, false),
    timeToAccuracy: accuracy
      ? {
          tag: accuracy.accuracy_tag,
          threshold: accuracy.accuracy_threshold,
          comparison: accuracy.comparison ?? ('greater_or_equal' as const),
        }
      : null,
  };
}

type HasRegression = { readonly regression_test_config?: RegressionTestConfig | null | undefined };

/** The levels that count, strongest first. Null at a level switches off all that is weaker. */
function regressionLevels(message: HasRegression, file: HasRegression): RegressionTestConfig[] {
  const levels: RegressionTestConfig[] = [];
  for (const level of [message.regression_test_config, file.regression_test_config, DEFAULT_RULE]) {
    if (level === null) return levels;
    if (level !== undefined) levels.push(level);
  }
  return levels;
}

function mergeRegression(levels: readonly RegressionTestConfig[]) {
  const setting = <K extends keyof RegressionTestConfig>(key: K) =>
    levels.find((level) => level[key] !== undefined)?.[key];
  const splitBy = setting('split_by');
  const conditions = new Map<string, ConditionConfig | null>();
  for (const level of levels) {
    for (const [name, condition] of Object.entries(level.metric_success_conditions ?? {})) {
      if (!conditions.has(name)) conditions.set(name, withSplit(condition, splitBy));
    }
  }
  const defaultCondition = conditions.get('default') ?? null;
  conditions.delete('default');
  const silent = levels.length === 0;
  return {
    conditions,
    defaultCondition,
    requiredMetrics: setting('required_metrics') ?? [],
    falseDiscoveryRate: setting('false_discovery_rate') ?? null,
    alerts: {
      metrics: !silent && flagValue(setting('alert_for_oob_metrics'), true),
      jobs: !silent && flagValue(setting('alert_for_failed_jobs'), true),
      subset: setting('metric_subset_to_alert') ?? [],
      afterSecondFailure: flagValue(setting('alert_after_second_test_failure'), false),
    },
  };
}

/** How the test's series are split holds for each condition that does not say it itself. */
function withSplit(
  condition: ConditionConfig | null,
  splitBy: RegressionTestConfig['split_by'],
): ConditionConfig | null {
  if (condition === null || splitBy === undefined || condition.split_by !== undefined) return condition;
  return { ...condition, split_by: splitBy };
}
