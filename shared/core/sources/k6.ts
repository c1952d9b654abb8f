import { isObject } from '../json.ts';
import { jsonOf, numberIn, shown } from './json-text.ts';
import { notes } from './notes.ts';
import type { SourceResult, SourceValue } from './reading.ts';

/** A metric as any form tells it. */
interface K6Metric {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** By expression: whether it held. */
  readonly thresholds: readonly (readonly [expression: string, held: boolean])[];
}

/**
 * Reads the end-of-test summary of k6 in each of its three forms, told by their shape and never by a version:
 * `--summary-export` (flat), the data of `handleSummary`, and the one of `--new-machine-readable-summary`. All give
 * the same names: `<metric>/avg min med max p90 p95` in milliseconds, `/count` and `/rate` (a second) of counters, `/rate`,
 * `/passes` and `/fails` of rates, `/value` of gauges; a metric of some tags keeps them, `http_req_duration{kind:a}/p95`.
 * `<metric>/threshold/<expression>` is 1 where the threshold held and 0 where it was crossed.
 */
export function decodeK6(bytes: Uint8Array): SourceResult {
  const parsed = jsonOf(bytes);
  if ('problem' in parsed) return parsed;
  const document = parsed.value;
  const results = isObject(document) ? document.results : undefined;
  const metrics =
    isObject(document) && isObject(results) ? machineReadable(results, document) : keyed(document);
  if ('problem' in metrics) return metrics;
  const told = notes();
  const values: SourceValue[] = [];
  for (const { name, values: given, thresholds } of metrics) {
    for (const [key, raw] of Object.entries(given)) {
      const value = numberIn(raw);
      if (value === null) {
        const sentence = `${shown(key)} of ${shown(name)} is ${shown(raw)}; wanted a number`;
        told.add('numbers that are left out', `${sentence}; it is left out`);
      } else values.push({ name: `${name}/${key.replace(/^p\(([\d.]+)\)$/, 'p$1')}`, value });
    }
    for (const [expression, held] of thresholds)
      values.push({ name: `${name}/threshold/${expression}`, value: held ? 1 : 0 });
  }
  if (values.length === 0) return { problem: 'has no metric of k6' };
  return { values, points: [], notes: [...parsed.notes, ...told.all()] };
}

/** `metrics` by name, flat or with `values`. */
function keyed(document: unknown): K6Metric[] | { readonly problem: string } {
  const metrics = isObject(document) ? document.metrics : undefined;
  if (!isObject(metrics))
    return { problem: `has ${shown(metrics)} at "/metrics"; wanted the summary of a k6 run` };
  return Object.entries(metrics).flatMap(([name, metric]) => {
    if (!isObject(metric)) return [];
    const { values, thresholds, ...flat } = metric;
    const isFlat = !isObject(values);
    return [{ name, values: isFlat ? ofRate(flat) : values, thresholds: thresholdsOf(thresholds, isFlat) }];
  });
}

/** In the flat form the share of a rate is its `value`. */
function ofRate(flat: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (flat.passes === undefined || flat.value === undefined) return flat;
  const { value, ...others } = flat;
  return { ...others, rate: value };
}

function thresholdsOf(thresholds: unknown, isFlat: boolean): K6Metric['thresholds'] {
  if (!isObject(thresholds)) return [];
  return Object.entries(thresholds).flatMap(([expression, said]) => {
    const held = isFlat ? notCrossed(said) : isObject(said) ? said.ok : null;
    return typeof held === 'boolean' ? [[expression, held] as const] : [];
  });
}

/** The flat form says of a threshold whether it was crossed, not whether it held (k6 issue 1498). */
function notCrossed(said: unknown): unknown {
  return typeof said === 'boolean' ? !said : null;
}

/** Lists of metrics; checks stand apart, rates count what matched, and nobody divides counters by the time it took. */
function machineReadable(
  results: Readonly<Record<string, unknown>>,
  { config }: Readonly<Record<string, unknown>>,
): K6Metric[] {
  const seconds = isObject(config) ? numberIn(config.duration) : null;
  const checks = isObject(results.checks) ? listed(results.checks.metrics) : [];
  const succeeded = checks.filter(({ name }) => name === 'checks_succeeded');
  return [...listed(results.metrics), ...succeeded].map(({ name, type, values }) => ({
    name: name === 'checks_succeeded' ? 'checks' : name,
    values: sameAsBefore(type, { values, seconds }),
    thresholds: [],
  }));
}

function listed(metrics: unknown) {
  const list: readonly unknown[] = Array.isArray(metrics) ? metrics : [];
  return list.flatMap((metric) => {
    const { name, type, values } = isObject(metric) ? metric : {};
    return typeof name === 'string' && isObject(values) ? [{ name, type, values }] : [];
  });
}

/** The numbers of a metric as the other forms have them. */
function sameAsBefore(
  type: unknown,
  {
    values,
    seconds,
  }: { readonly values: Readonly<Record<string, unknown>>; readonly seconds: number | null },
): Readonly<Record<string, unknown>> {
  const [count, matches, total] = [values.count, values.matches, values.total].map(numberIn);
  if (type === 'counter' && typeof count === 'number' && seconds !== null && seconds > 0)
    return { ...values, rate: count / seconds };
  if (type !== 'rate' || typeof matches !== 'number' || typeof total !== 'number') return values;
  const { matches: _matches, total: _total, ...others } = values;
  return { ...others, passes: matches, fails: total - matches };
}
