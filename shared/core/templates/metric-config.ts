import { DEFAULT_RULE } from '../effective-config.ts';
import { jsonText } from './json-text.ts';
import type { Test } from './whole-test.ts';

const DEFAULT_COLLECTION = { default_aggregation_strategies: ['final'] };

/** The config that travels with the run: what the definition says over the defaults; null stays null. */
export function metricConfig(test: Test): Record<string, unknown> {
  return {
    test_name: test.testName,
    test_type: test.definition.mode,
    accelerator: test.accelerator.name,
    framework_version: test.frameworkVersion,
    metric_collection_config: over(DEFAULT_COLLECTION, test.definition.metricCollectionConfig),
    regression_test_config: withDefaultRule(test.definition.regressionTestConfig),
  };
}

/** `METRIC_CONFIG` before Kubernetes looks at it; ends with a line, which makes readable YAML. */
export function metricConfigText(test: Test): string {
  return `${jsonText(metricConfig(test))}\n`;
}

type Settings = Readonly<Record<string, unknown>>;

function over(defaults: Settings, given: Settings | null | undefined): Settings | null {
  return given === null ? null : { ...defaults, ...given };
}

/** Rules merge name by name: a rule for one metric does not remove the default rule for another. */
function withDefaultRule(given: Settings | null | undefined): Settings | null {
  if (given === null) return null;
  const named = given?.metric_success_conditions;
  const isMap = typeof named === 'object' || named === undefined;
  const conditions = isMap ? { ...DEFAULT_RULE.metric_success_conditions, ...named } : named;
  return { ...given, metric_success_conditions: conditions };
}
