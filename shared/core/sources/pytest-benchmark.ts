import { isObject } from '../json.ts';
import { numberIn, shown } from './json-text.ts';
import { notes } from './notes.ts';
import type { SourceResult, SourceValue } from './reading.ts';

/** In seconds, but for `ops` (a second) and `rounds`. */
const STATISTICS = ['min', 'max', 'mean', 'stddev', 'median', 'iqr', 'q1', 'q3', 'ops', 'rounds'];

/** Reads what `pytest --benchmark-json` writes: `<fullname>/<statistic>`, times in seconds. */
export function decodePytestBenchmark(document: unknown): SourceResult {
  const benchmarks = isObject(document) ? document.benchmarks : undefined;
  if (!Array.isArray(benchmarks)) {
    return { problem: `has ${shown(benchmarks)} at "/benchmarks"; wanted a list` };
  }
  const told = notes();
  const values: SourceValue[] = [];
  for (const [at, benchmark] of benchmarks.entries()) {
    const { fullname, name = fullname, stats } = isObject(benchmark) ? benchmark : {};
    const given = fullname ?? name;
    if (typeof given !== 'string' || !isObject(stats)) {
      told.add(
        'benchmarks that are left out',
        `/benchmarks/${at} has no fullname or no stats; it is left out`,
      );
      continue;
    }
    for (const statistic of STATISTICS) {
      const value = numberIn(stats[statistic]);
      if (value !== null) values.push({ name: `${given}/${statistic}`, value });
    }
  }
  return { values, points: [], notes: told.all() };
}
