import type { ConfigInput } from './event-envelope.ts';
import type { Environment } from './run-identity.ts';

/** A metric config as given; `error` is one sentence when it could not be read, and then it is empty. */
export interface GivenConfig {
  readonly given: ConfigInput;
  readonly error?: string;
}

/** What a metric config says, parted into what an event holds as its own fields and the settings. */
export interface EventConfig {
  readonly testName?: string | undefined;
  readonly testType?: string | undefined;
  readonly accelerator?: string | undefined;
  readonly frameworkVersion?: string | undefined;
  readonly config?: ConfigInput | undefined;
  readonly metricConfigError?: string | undefined;
}

/** `METRIC_CONFIG` of the environment; null when it is not set. */
export function environmentMetricConfig(env: Environment): GivenConfig | null {
  const text = env.METRIC_CONFIG;
  if (text === undefined || text.trim() === '') return null;
  return parseGivenConfig('METRIC_CONFIG', () => JSON.parse(text));
}

/** Reads a config from the place `from`; what `read` throws becomes the sentence. */
export function parseGivenConfig(from: string, read: () => unknown): GivenConfig {
  try {
    const value = read();
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { given: { ...value } };
    const kind = Array.isArray(value) ? 'a list' : value === null ? 'empty' : `a ${typeof value}`;
    return {
      given: {},
      error: `Cannot read the metric config ${from}: it must be an object, but is ${kind}`,
    };
  } catch (error) {
    return { given: {}, error: `Cannot read the metric config ${from}: ${shortReason(error)}` };
  }
}

/**
 * A config that could not be read travels as its sentence: the run is recorded as one with a bad config,
 * where silence would have it judged without its rules.
 */
export function eventConfig(metricConfig: GivenConfig | null): EventConfig {
  if (metricConfig === null) return {};
  if (metricConfig.error !== undefined) return { metricConfigError: metricConfig.error };
  const { test_name, test_type, accelerator, framework_version, ...config } = metricConfig.given;
  return {
    testName: word(test_name),
    testType: word(test_type),
    accelerator: word(accelerator),
    frameworkVersion: word(framework_version),
    config: Object.keys(config).length === 0 ? undefined : config,
  };
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The first line of an error's message, and not without end. */
export function shortReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n', 1)[0] ?? '').slice(0, 500);
}
