import { isObject } from '../json.ts';
import type { Notes } from './notes.ts';

/** Where an event of MLPerf's logging begins: `:::MLLOG`, earlier `:::MLLv0.6.0`. A rank may stand before it (srun). */
export const MLPERF_MARK = ':::ML';
const HEAD = /^:::MLL(?:OG|v[\d.]{1,12})[ \t]*(?=\{)/;

/** What a log has said so far of the run as a whole. */
export interface MlperfRun {
  /** Seconds since the epoch: of the first `run_start`, and of the last `run_stop`. */
  start: number | null;
  stop: number | null;
  /** Of that `run_stop`; null where it had none. */
  status: string | null;
  /** How many events could not be read. */
  bad: number;
}

/** One number of an event. */
export interface MlperfNumber {
  readonly key: readonly string[];
  readonly value: number;
  /** The epoch, or else the step or the number of samples; null where the event names none. */
  readonly step: number | null;
  readonly wallTime: number;
}

/**
 * The numbers of all events of a line, which several processes may have written to: a number of an event, or every
 * number of the object that is its value. `run` takes what the line says of the run. Lines before MLPerf 0.6
 * (`:::MLPv0.5.0`) are not read.
 */
export function readMlperfLine(
  line: string,
  lineNumber: number,
  { run, told }: { readonly run: MlperfRun; readonly told: Notes },
): MlperfNumber[] {
  return line
    .split(MLPERF_MARK)
    .slice(1)
    .flatMap((part) => {
      const event = eventOf(MLPERF_MARK + part);
      if (event !== null) return numbersOf(event, run);
      run.bad++;
      told.add('lines that are left out', `line ${lineNumber} is no whole event of MLPerf; it is left out`);
      return [];
    });
}

interface Event {
  readonly key: string;
  readonly value: unknown;
  readonly seconds: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

function eventOf(text: string): Event | null {
  const from = HEAD.exec(text)?.[0].length;
  if (from === undefined) return null;
  const end = endOfObject(text, from);
  if (end === null) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.slice(from, end));
  } catch {
    return null;
  }
  if (!isObject(parsed) || typeof parsed.key !== 'string') return null;
  const { key, value, time_ms: time, metadata } = parsed;
  const seconds = typeof time === 'number' ? time / 1000 : Number.NaN;
  return { key, value, seconds, metadata: isObject(metadata) ? metadata : {} };
}

/** Behind the brace that closes the one at `from`, null when none does; another process may have gone on behind it. */
function endOfObject(text: string, from: number): number | null {
  let depth = 0;
  let isText = false;
  for (let at = from; at < text.length; at++) {
    const unit = text[at];
    if (isText && unit === '\\') at++;
    else if (unit === '"') isText = !isText;
    else if (!isText && unit === '{') depth++;
    else if (!isText && unit === '}' && --depth === 0) return at + 1;
  }
  return null;
}

function numbersOf({ key, value, seconds, metadata }: Event, run: MlperfRun): MlperfNumber[] {
  if (key === 'run_start' && !Number.isNaN(seconds)) run.start = Math.min(run.start ?? seconds, seconds);
  if (key === 'run_stop' && !Number.isNaN(seconds) && seconds >= (run.stop ?? seconds)) {
    run.stop = seconds;
    run.status = typeof metadata.status === 'string' ? metadata.status : null;
  }
  const step = ['epoch_num', 'step_num', 'samples_count']
    .map((name) => metadata[name])
    .find((one) => typeof one === 'number');
  const at = { step: step ?? null, wallTime: seconds };
  if (typeof value === 'number') return [{ key: [key], value, ...at }];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    typeof part === 'number' ? [{ key: [key, name], value: part, ...at }] : [],
  );
}
