import { accuracyReached, type CollectedSource, type CollectRequest, storedSummary } from '../collected.ts';
import { toJsonNumber } from '../json.ts';
import type { Series } from '../series.ts';
import { MOST_NAMES } from './limits.ts';
import { type Notes, notes } from './notes.ts';
import type { SourcePoint, SourceReading } from './reading.ts';

const LONGEST_NAME = 1000;

/** Takes in what the files of one source, or its server, say, one after the other. */
export interface SourceGatherer {
  /** `of` is the file as people find it, null where there is only one reading. */
  take(reading: SourceReading, of: string | null): void;
  /** Something could not be read; the rest counts. */
  fail(problem: string): void;
  note(sentence: string): void;
  collected(): CollectedSource;
}

/** Gathers for the source of this name. Where two of its files give one name the later one counts, with a note. */
export function sourceGatherer(
  { name, prefix }: { readonly name: string; readonly prefix: string },
  request: CollectRequest,
): SourceGatherer {
  const told = notes();
  const plain: string[] = [];
  const problems: string[] = [];
  const values = new Map<string, { readonly value: number; readonly of: string | null }>();
  const series = new Map<string, SourcePoint[]>();
  const named = (given: string) => usableName(prefix + given, { known: values.size + series.size, told });
  return {
    take(reading, of) {
      for (const { name: given, value } of reading.values) {
        const known = values.has(prefix + given) ? prefix + given : named(given);
        if (known === null) continue;
        const before = values.get(known);
        if (before !== undefined && before.of !== of)
          told.add('names that come again', `${known} is in ${before.of} and ${of}; the last counts`);
        values.set(known, { value, of });
      }
      for (const point of reading.points) {
        const known = series.has(prefix + point.name) ? prefix + point.name : named(point.name);
        if (known === null) continue;
        const points = series.get(known);
        if (points === undefined) series.set(known, [point]);
        else points.push(point);
      }
      plain.push(...reading.notes.map((note) => (of === null ? note : `${of}: ${note}`)));
    },
    fail: (problem) => void problems.push(problem),
    note: (sentence) => void plain.push(sentence),
    collected() {
      const columns = [...series].map(([tag, points]) => seriesOf(tag, points));
      const reached = accuracyReached(columns, request);
      return {
        source: name,
        values: [...values].map(([known, { value }]) => [known, toJsonNumber(value)] as const),
        series: columns.map((one) => ({ tag: one.tag, summary: storedSummary(one) })),
        accuracyReachedAt: reached.at,
        accuracyTagFound: reached.found,
        notes: [...plain, ...told.all()],
        problem: problems.length === 0 ? null : firstOf(problems),
      };
    },
  };
}

function usableName(
  name: string,
  { known, told }: { readonly known: number; readonly told: Notes },
): string | null {
  const usable = name.toWellFormed();
  if (known >= MOST_NAMES) {
    told.add('names that are too many', `there are more than ${MOST_NAMES} names; the rest is left out`);
    return null;
  }
  if (usable !== '' && usable.length <= LONGEST_NAME) return usable;
  const what = usable === '' ? 'is empty' : `is longer than ${LONGEST_NAME} characters`;
  told.add('names that are none', `a name ${what} (${JSON.stringify(usable.slice(0, 40))}); it is left out`);
  return null;
}

function seriesOf(tag: string, points: readonly SourcePoint[]): Series {
  return {
    run: '.',
    tag,
    steps: Float64Array.from(points, ({ step }) => step),
    wallTimes: Float64Array.from(points, ({ wallTime }) => wallTime),
    values: Float64Array.from(points, ({ value }) => value),
    removed: 0,
  };
}

function firstOf(problems: readonly string[]): string {
  const rest = problems.length - 1;
  return rest === 0 ? problems[0]! : `${problems[0]}; and ${rest} more`;
}
