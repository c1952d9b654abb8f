import { isObject } from '../json.ts';
import { compareText } from '../text-order.ts';
import { numberIn, shown } from './json-text.ts';
import { MOST_NAMES, TOO_MANY_NAMES } from './limits.ts';
import type { LineReader } from './line-reader.ts';
import type { Notes } from './notes.ts';

const LONGEST_LABELS = 1000;

interface Found {
  value: number;
  readonly dimensions: string;
}

/**
 * Lines of `{"metrics": {…}, "dimensions": {…}}`: a name as given, with those dimensions behind it that are wanted. What
 * comes twice with the same dimensions is a correction; with others nobody can tell which is meant, and none counts.
 */
export function metricsLines(
  { dimensions: wanted = [] }: { readonly dimensions?: readonly string[] | undefined },
  told: Notes,
): LineReader {
  const found = new Map<string, Found>();
  const torn = new Set<string>();
  return {
    get tooMuch() {
      return found.size > MOST_NAMES ? TOO_MANY_NAMES : null;
    },
    take(line, number) {
      const metrics = isObject(line) ? line.metrics : undefined;
      if (!isObject(line) || !isObject(metrics))
        return `has ${shown(metrics)} at "/metrics"; wanted an object`;
      const dimensions = isObject(line.dimensions) ? line.dimensions : {};
      const all = labels(dimensions, Object.keys(dimensions));
      const shownLabels = labels(dimensions, wanted);
      if (shownLabels.length > LONGEST_LABELS)
        return `has dimensions of more than ${LONGEST_LABELS} characters`;
      for (const [given, raw] of Object.entries(metrics)) {
        const value = numberIn(raw);
        if (value === null) {
          const sentence = `line ${number}: ${shown(given)} is ${shown(raw)}; wanted a number`;
          told.add('metrics that are no numbers', sentence);
        } else keep({ name: given + shownLabels, value, dimensions: all, number }, { found, torn, told });
        if (found.size > MOST_NAMES) return null;
      }
      return null;
    },
    end: () => ({
      values: [...found].flatMap(([name, { value }]) => (torn.has(name) ? [] : [{ name, value }])),
      points: [],
    }),
  };
}

interface Given extends Found {
  readonly name: string;
  readonly number: number;
}

function keep(
  { name, value, dimensions, number }: Given,
  {
    found,
    torn,
    told,
  }: { readonly found: Map<string, Found>; readonly torn: Set<string>; readonly told: Notes },
): void {
  const before = found.get(name);
  if (before === undefined) found.set(name, { value, dimensions });
  else if (before.dimensions === dimensions) {
    before.value = value;
    told.add('metrics that come again', `line ${number}: ${shown(name)} comes again; the last counts`);
  } else if (!torn.has(name)) {
    torn.add(name);
    const [one, other] = [before.dimensions, dimensions].map((each) => shown(each || 'none'));
    const sentence = `line ${number}: ${shown(name)} comes with the dimensions ${one} and ${other}, and none counts`;
    told.add('metrics that are left out', `${sentence}; name in "dimensions" what tells them apart`);
  }
}

/** `{split=test}`, keys in byte order; empty where a line has none of them. */
function labels(dimensions: Readonly<Record<string, unknown>>, keys: readonly string[]): string {
  const given = keys.filter((key) => Object.hasOwn(dimensions, key)).toSorted(compareText);
  if (given.length === 0) return '';
  return `{${given.map((key) => `${key}=${textIn(dimensions[key])}`).join(',')}}`;
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : shown(value);
}
