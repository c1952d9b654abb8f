import { isObject } from '../json.ts';
import { numberIn, shown } from './json-text.ts';
import type { SourceResult, SourceValue } from './reading.ts';

/**
 * Reads the results of lm-evaluation-harness: `<task>/<metric>` with the metric as written there, such as `acc,none` and
 * `acc_stderr,none`. What is no number (an alias, a standard error that is `N/A`) is none of its metrics.
 */
export function decodeLmEval(document: unknown): SourceResult {
  const results = isObject(document) ? document.results : undefined;
  if (!isObject(results)) return { problem: `has ${shown(results)} at "/results"; wanted an object` };
  const groups = isObject(document) && isObject(document.groups) ? document.groups : {};
  const values: SourceValue[] = [];
  // A group may stand in both; what it is among the tasks counts.
  for (const [task, metrics] of Object.entries({ ...groups, ...results })) {
    if (!isObject(metrics)) continue;
    for (const [metric, given] of Object.entries(metrics)) {
      const value = numberIn(given);
      if (value !== null && metric !== 'alias') values.push({ name: `${task}/${metric}`, value });
    }
  }
  const notes = values.length === 0 ? ['no task has a number'] : [];
  return { values, points: [], notes };
}
