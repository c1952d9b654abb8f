import { isObject } from '../json.ts';
import type { SourceSettings } from '../schema/source.ts';
import { fromUnixSeconds, parseTime } from '../time.ts';
import { numberIn, shown } from './json-text.ts';
import { MOST_POINTS, TOO_MANY_POINTS } from './limits.ts';
import type { LineReader } from './line-reader.ts';
import type { Notes } from './notes.ts';
import { jsonPointer, valueAt } from './pointer.ts';
import type { SourcePoint } from './reading.ts';

type Find = (line: unknown) => unknown;

/** Where pointers lead to in lines: a name and its number, or a number for each name of the settings. */
export function jsonPoints(settings: SourceSettings<'json_lines'>, told: Notes): LineReader {
  const wanted = wantedOf(settings);
  const stepAt = settings.step === undefined ? () => undefined : at(settings.step);
  const timeAt = settings.time === undefined ? () => undefined : at(settings.time);
  const points: SourcePoint[] = [];
  const counts = new Map<string, number>();
  return {
    get tooMuch() {
      return points.length > MOST_POINTS ? TOO_MANY_POINTS : null;
    },
    take(line, number) {
      if (!isObject(line) && !Array.isArray(line)) return `is ${shown(line)}; wanted an object`;
      for (const { nameAt, numberAt } of wanted) {
        const [name, raw] = [nameAt(line), numberAt(line)];
        // Lines of other kinds may stand between, and values that are not there yet.
        if (name === undefined || raw === undefined || raw === null) continue;
        const value = numberIn(raw);
        if (typeof name !== 'string' || value === null) {
          const what =
            typeof name === 'string' ? `${shown(name)} is ${shown(raw)}` : `a name is ${shown(name)}`;
          told.add('points that are left out', `line ${number}: ${what}; wanted a number under a name`);
          continue;
        }
        const count = counts.get(name) ?? 0;
        counts.set(name, count + 1);
        const wallTime = secondsIn(timeAt(line));
        points.push({ name, step: numberIn(stepAt(line)) ?? count, wallTime, value });
      }
      return null;
    },
    end: () => ({ values: [], points }),
  };
}

function wantedOf({ names, metrics = {} }: SourceSettings<'json_lines'>) {
  if (names !== undefined) return [{ nameAt: at(names.name), numberAt: at(names.value) }];
  return Object.entries(metrics).map(([name, pointer]) => ({
    nameAt: (): unknown => name,
    numberAt: at(pointer),
  }));
}

function at(pointer: string): Find {
  const keys = jsonPointer(pointer) ?? [];
  return (line) => valueAt(line, keys);
}

/** Unix seconds or an ISO 8601 time as seconds since the epoch; NaN for anything else. */
function secondsIn(value: unknown): number {
  const number = numberIn(value);
  if (number !== null) return fromUnixSeconds(number) === null ? Number.NaN : number;
  const time = typeof value === 'string' ? parseTime(value) : null;
  return time === null ? Number.NaN : time / 1000;
}
