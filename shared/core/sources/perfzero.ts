import { isObject } from '../json.ts';
import { numberIn, shown } from './json-text.ts';
import { notes } from './notes.ts';
import type { SourceResult, SourceValue } from './reading.ts';

/**
 * Reads a `perfzero_summary.json`: the metrics of the benchmark under their names, `process_info/<key>`, and its
 * `wall_time` in seconds as `total_wall_time`, which counts before the time from start to end of the run.
 */
export function decodePerfZero(document: unknown): SourceResult {
  const result = isObject(document) ? document.benchmark_result : undefined;
  if (!isObject(result)) return { problem: `has ${shown(result)} at "/benchmark_result"; wanted an object` };
  const told = notes();
  const values: SourceValue[] = [];
  const add = (name: string, given: unknown) => {
    const value = numberIn(given);
    if (value !== null) values.push({ name, value });
    else told.add('metrics that are missing', `${JSON.stringify(name)} is ${shown(given)}; wanted a number`);
  };
  const metrics: readonly unknown[] = Array.isArray(result.metrics) ? result.metrics : [];
  for (const metric of metrics) {
    if (isObject(metric) && typeof metric.name === 'string') add(metric.name, metric.value);
    else told.add('metrics that are left out', `a metric is ${shown(metric)}; wanted a name and a value`);
  }
  const info = (isObject(document) && document.process_info) || {};
  for (const [key, value] of Object.entries(info)) {
    if (typeof value === 'number') add(`process_info/${key}`, value);
  }
  if (result.wall_time !== undefined && result.wall_time !== null) add('total_wall_time', result.wall_time);
  return { values, points: [], notes: told.all() };
}
