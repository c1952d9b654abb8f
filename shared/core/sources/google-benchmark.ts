import { isObject } from '../json.ts';
import { numberIn, shown } from './json-text.ts';
import { type Notes, notes } from './notes.ts';
import type { SourcePoint, SourceResult, SourceValue } from './reading.ts';

/** How many make a second: a quotient is the nearest number there is, a product with 1e-9 is not. */
const IN_A_SECOND: Readonly<Record<string, number>> = { ns: 1e9, us: 1e6, ms: 1e3, s: 1 };
const TIMES = new Set(['real_time', 'cpu_time']);
const TEXTS = new Set([
  'name',
  'run_name',
  'run_type',
  'label',
  'aggregate_name',
  'aggregate_unit',
  'time_unit',
]);
/** Numbers that say how was measured, or how a fit went. All others that stand at the top are counters. */
const NO_COUNTER = new Set([
  ...[
    'family_index',
    'per_family_instance_index',
    'repetitions',
    'repetition_index',
    'threads',
    'iterations',
  ],
  ...[
    'cpu_coefficient',
    'real_coefficient',
    'rms',
    'max_bytes_used',
    'total_allocated_bytes',
    'net_heap_growth',
  ],
]);

interface Entry {
  readonly name: string;
  readonly entry: Readonly<Record<string, unknown>>;
  /** Such as `median`; null for a measurement itself. */
  readonly aggregate: string | null;
}

/**
 * Reads what Google Benchmark writes with `--benchmark_out_format=json`: `<run_name>/real_time` and `/cpu_time` in
 * seconds whatever their `time_unit`, and each counter under its key; of aggregates with `_<aggregate>` behind, as
 * `/real_time_median`. Repetitions without aggregates are points of a series. Benchmarks that failed are left out.
 */
export function decodeGoogleBenchmark(document: unknown): SourceResult {
  const { benchmarks, context } = isObject(document) ? document : {};
  if (!Array.isArray(benchmarks)) {
    return { problem: `has ${shown(benchmarks)} at "/benchmarks"; wanted a list` };
  }
  const told = notes();
  const entries = benchmarks.flatMap((entry: unknown, at) => entryOf(entry, { at, told }) ?? []);
  const measured = new Map<string, number>();
  for (const { name, aggregate } of entries)
    if (aggregate === null) measured.set(name, (measured.get(name) ?? 0) + 1);
  const summed = new Set(entries.flatMap(({ name, aggregate }) => (aggregate === null ? [] : [name])));
  const values: SourceValue[] = [];
  const points: SourcePoint[] = [];
  const steps = new Map<string, number>();
  for (const one of entries) {
    const isRepeated = one.aggregate === null && measured.get(one.name)! > 1;
    if (isRepeated && summed.has(one.name)) continue;
    if (!isRepeated) values.push(...numbersOf(one, told));
    else {
      const step = steps.get(one.name) ?? 0;
      steps.set(one.name, step + 1);
      for (const value of numbersOf(one, told)) points.push({ ...value, step, wallTime: Number.NaN });
    }
  }
  if (isObject(context) && context.library_build_type === 'debug')
    told.add('warnings', 'the benchmark library was built for debugging; times are longer than they need be');
  return { values, points, notes: told.all() };
}

function entryOf(entry: unknown, { at, told }: { readonly at: number; readonly told: Notes }): Entry | null {
  const { run_name, name = run_name, run_type, aggregate_name: aggregate } = isObject(entry) ? entry : {};
  const given = run_name ?? name;
  if (!isObject(entry) || typeof given !== 'string') {
    told.add('benchmarks that are left out', `/benchmarks/${at} has no name; it is left out`);
    return null;
  }
  if (entry.error_occurred === true || entry.skipped !== undefined) {
    const why = shown(entry.error_message ?? entry.skip_message ?? 'no reason is given');
    told.add('benchmarks that failed', `${shown(given)} failed or was skipped: ${why}`);
    return null;
  }
  if (run_type !== 'aggregate' || typeof aggregate !== 'string')
    return { name: given, entry, aggregate: null };
  // A fitted complexity is no measurement.
  return aggregate === 'BigO' || aggregate === 'RMS' ? null : { name: given, entry, aggregate };
}

function numbersOf({ name, entry, aggregate }: Entry, told: Notes): SourceValue[] {
  const unit = entry.time_unit ?? 'ns';
  const share = typeof unit === 'string' && Object.hasOwn(IN_A_SECOND, unit) ? IN_A_SECOND[unit] : undefined;
  // A coefficient of variation is a share of the mean.
  const isShare = entry.aggregate_unit === 'percentage' || aggregate === 'cv';
  const behind = aggregate === null ? '' : `_${aggregate}`;
  return Object.entries(entry).flatMap(([key, given]) => {
    const value = NO_COUNTER.has(key) || TEXTS.has(key) ? null : numberIn(given);
    if (value === null) return [];
    const isTime = TIMES.has(key) && !isShare;
    if (isTime && share === undefined) {
      told.add(
        'times that are left out',
        `${shown(name)} has the time_unit ${shown(unit)}; wanted ns, us, ms or s`,
      );
      return [];
    }
    return [{ name: `${name}/${key}${behind}`, value: isTime ? value / share! : value }];
  });
}
