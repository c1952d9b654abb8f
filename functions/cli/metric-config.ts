import { readFile } from 'node:fs/promises';
import type { ConfigInput } from '../../shared/core/event-envelope.ts';
import type { Environment } from '../../shared/core/run-identity.ts';
import { reasonOf } from './send.ts';

/** A metric config as given; `error` is one sentence when it could not be read, and then it is empty. */
export interface MetricConfig {
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
export function environmentMetricConfig(env: Environment): MetricConfig | null {
  const text = env.METRIC_CONFIG;
  if (text === undefined || text.trim() === '') return null;
  return parse('METRIC_CONFIG', () => JSON.parse(text));
}

/** A JSON or YAML file of the same shape. */
export async function fileMetricConfig(path: string): Promise<MetricConfig> {
  // Loaded only here: the publisher of the tutorial has no file.
  // Of a CommonJS package a bundle has the whole and no single names.
  const { parse: parseYaml } = (await import('yaml')).default;
  try {
    const text = await readFile(path, 'utf8');
    return parse(path, () => (path.endsWith('.json') ? JSON.parse(text) : parseYaml(text)));
  } catch (error) {
    return { given: {}, error: `Cannot read the metric config ${path}: ${firstLine(reasonOf(error))}` };
  }
}

function parse(from: string, read: () => unknown): MetricConfig {
  try {
    const value = read();
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { given: { ...value } };
    const kind = Array.isArray(value) ? 'a list' : value === null ? 'empty' : `a ${typeof value}`;
    return {
      given: {},
      error: `Cannot read the metric config ${from}: it must be an object, but is ${kind}`,
    };
  } catch (error) {
    return { given: {}, error: `Cannot read the metric config ${from}: ${firstLine(reasonOf(error))}` };
  }
}

/**
 * A config that could not be read travels as its sentence: the run is recorded as one with a bad config,
 * where silence would have it judged without its rules.
 */
export function eventConfig(metricConfig: MetricConfig | null): EventConfig {
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

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 500);
}
