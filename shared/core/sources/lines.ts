import { MOST_NAMES, MOST_POINTS, TOO_MANY_NAMES, TOO_MANY_POINTS } from './limits.ts';
import { MLPERF_MARK, type MlperfRun, readMlperfLine } from './mlperf.ts';
import { joinedName } from './names.ts';
import { type Notes, notes } from './notes.ts';
import { writtenNumber } from './numbers.ts';
import type { SourcePoint, SourceResult, SourceValue } from './reading.ts';
import { linesOf, textOf } from './text.ts';

/** Colours and cursor moves (ECMA-48 CSI), titles and links (OSC). */
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)/g;

/** A text with so many is none of MLPerf, and each costs as much as a thousand other bytes. */
const MOST_BAD = 10_000;

/**
 * Reads what a job printed: every `name=number` is a point of that series, several a line; `step=10` is the step of the
 * others in its line and `unit=ms` is for people, as in `METRIC loss=1.23 unit=ms step=10`; events of MLPerf's logging
 * (`:::MLLOG {…}`) are points of their keys, and `time_to_train` is the time from `run_start` to a `run_stop` that says
 * no other status than success, in seconds. Everything else a program prints is passed over. A last line without an end
 * is left out with a note, since its number may be cut short. There is no pattern to set: a regular expression of a
 * config could be made to take for ever.
 */
export function decodeLines(bytes: Uint8Array): SourceResult {
  const decoded = textOf(bytes, { lossy: true });
  if ('problem' in decoded) return decoded;
  const told = notes();
  const run: MlperfRun = { start: null, stop: null, status: null, bad: 0 };
  const points: SourcePoint[] = [];
  const counts = new Map<string, number>();
  let number = 0;
  for (const { text, isWhole } of linesOf(decoded.text)) {
    number++;
    const line = text.includes('\x1b') ? text.replaceAll(ESCAPES, '') : text;
    const isEvent = line.includes(MLPERF_MARK);
    if (!isWhole && (isEvent || line.includes('='))) {
      told.add(
        'lines that are left out',
        `line ${number} has no end, so a number in it may be cut short; it is left out`,
      );
      break;
    }
    const found = isEvent ? readMlperfLine(line, number, { run, told }) : readPairs(line, number, told);
    for (const one of found) {
      const name = joinedName(one.key, { by: '/', told });
      if (name === null) continue;
      const step = counts.get(name) ?? 0;
      counts.set(name, step + 1);
      points.push({ name, step: one.step ?? step, wallTime: one.wallTime, value: one.value });
    }
    if (run.bad > MOST_BAD)
      return { problem: `has more than ${MOST_BAD} events of MLPerf that are not whole` };
    if (points.length > MOST_POINTS) return { problem: TOO_MANY_POINTS };
    if (counts.size > MOST_NAMES) return { problem: TOO_MANY_NAMES };
  }
  return { values: timeToTrain(run, told), points, notes: [...decoded.notes, ...told.all()] };
}

interface Pair {
  readonly key: readonly [string];
  readonly value: number;
  readonly step: number | null;
  readonly wallTime: number;
}

const NAME_UNIT = /[\w./@-]/;
const NAME = /^[A-Za-z_][\w./@-]*$/;
const LONGEST_NAME = 200;
/** What may stand before a name, and what ends a value. */
const APART = /[\s,;|()[\]{}"']/;
const DIGIT = /\d/;

/** The `name=number` pairs of a line. Goes through it once, from one `=` to the next. */
function readPairs(line: string, lineNumber: number, told: Notes): Pair[] {
  const pairs: { readonly name: string; readonly value: number }[] = [];
  let step: number | null = null;
  let end = 0;
  for (let at = line.indexOf('='); at >= 0; at = line.indexOf('=', end)) {
    const name = nameBefore(line, at, end);
    end = endOfValue(line, at + 1);
    if (name === null) continue;
    const text = line.slice(at + 1, end).replace(/[.:]$/, '');
    const value = writtenNumber(text, '.');
    if (value === null) {
      if (/^[+-]?\.?\d/.test(text) && name !== 'unit')
        told.add(
          'values that are left out',
          `line ${lineNumber}: ${name} is ${quoted(text)}, which is no plain number`,
        );
    } else if (name === 'step' && Number.isSafeInteger(value)) step = value;
    else pairs.push({ name, value });
  }
  return pairs.map(({ name, value }) => ({ key: [name], value, step, wallTime: Number.NaN }));
}

/** The name that ends at `at` and does not begin before `from`; null when what stands there is none. */
function nameBefore(line: string, at: number, from: number): string | null {
  const first = Math.max(from, at - LONGEST_NAME - 1);
  let begin = at;
  while (begin > first && NAME_UNIT.test(line[begin - 1]!)) begin--;
  const name = line.slice(begin, at);
  const isApart = begin === 0 || APART.test(line[begin - 1]!);
  return isApart && name.length <= LONGEST_NAME && NAME.test(name) ? name : null;
}

/** A comma or an apostrophe between digits belongs to the number, any other ends it. */
function endOfValue(line: string, from: number): number {
  let end = from;
  while (end < line.length && (!APART.test(line[end]!) || isInNumber(line, end))) end++;
  return end;
}

function isInNumber(line: string, at: number): boolean {
  if (line[at] !== ',' && line[at] !== "'") return false;
  return DIGIT.test(line[at - 1]!) && DIGIT.test(line[at + 1] ?? '');
}

function timeToTrain({ start, stop, status }: MlperfRun, told: Notes): SourceValue[] {
  if (start === null || stop === null) {
    if (start !== null)
      told.add('runs', 'there is a run_start and no run_stop, so there is no time_to_train');
    return [];
  }
  if (status !== null && status !== 'success') {
    told.add('runs', `run_stop says ${quoted(status)}, so there is no time_to_train`);
    return [];
  }
  if (stop < start) {
    told.add('runs', 'run_stop is before run_start, so there is no time_to_train');
    return [];
  }
  return [{ name: 'time_to_train', value: stop - start }];
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
