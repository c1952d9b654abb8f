import { isObject } from '../json.ts';
import { numberIn, shown } from './json-text.ts';
import { notes } from './notes.ts';
import type { SourcePoint, SourceResult } from './reading.ts';

/**
 * Reads the `trainer_state.json` of Hugging Face's Trainer: every number of its `log_history` is a point of the series
 * of its key, at the `step` of its entry; `best_metric` is a value. The history has no times.
 */
export function decodeTrainerState(document: unknown): SourceResult {
  const history = isObject(document) ? document.log_history : undefined;
  if (!Array.isArray(history)) return { problem: `has ${shown(history)} at "/log_history"; wanted a list` };
  const told = notes();
  const points: SourcePoint[] = [];
  for (const [at, entry] of history.entries()) {
    if (!isObject(entry)) {
      told.add(
        'entries that are left out',
        `/log_history/${at} is ${shown(entry)}; wanted an object; it is left out`,
      );
      continue;
    }
    const step = numberIn(entry.step) ?? at;
    for (const [name, given] of Object.entries(entry)) {
      const value = name === 'step' ? null : numberIn(given);
      if (value !== null) points.push({ name, step, wallTime: Number.NaN, value });
    }
  }
  const best = isObject(document) ? numberIn(document.best_metric) : null;
  const values = best === null ? [] : [{ name: 'best_metric', value: best }];
  return { values, points, notes: told.all() };
}
