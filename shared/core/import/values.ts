import { show } from '../problem.ts';
import { fromUnixSeconds, parseTime } from '../time.ts';

/** What is wrong with one value, and under which key. */
export interface WrongValue {
  readonly key: string;
  readonly message: string;
}

/** Reads the values of one exported row by name and gathers what is wrong with them. */
export interface ValueReader {
  /** Null where there is none: missing, null or the empty cell of a CSV file. */
  text(key: string): string | null;
  name(key: string): string;
  /** NaN and the infinities too, by the names that databases give them. */
  number(key: string): number | null;
  /** Milliseconds since the epoch. */
  time(key: string): number | null;
  requiredTime(key: string): number;
  wrong(key: string, message: string): void;
  readonly problems: readonly WrongValue[];
}

const WORDS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
};

/** A number, or its text in any form a database exports: null when it is none. */
function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  const text = String(value).trim().toLowerCase();
  const [, sign = '', word = ''] = /^([+-]?)([a-z]+)$/.exec(text) ?? [];
  const known = WORDS[word];
  if (known !== undefined) return sign === '-' ? -known : known;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(text) ? Number(text) : null;
}

/** Unix seconds or a date and time; exports of BigQuery end in ` UTC`. */
function timeOf(value: unknown): number | null {
  const seconds = numberOf(value);
  if (seconds !== null) return Number.isFinite(seconds) ? fromUnixSeconds(seconds) : null;
  return parseTime(
    String(value)
      .trim()
      .replace(/ ?UTC$/, 'Z')
      .replace(/([+-]\d\d)$/, (zone, _, at) => (at > 10 ? `${zone}:00` : zone)),
  );
}

/** A reader of the row `values`; a value that is no text and no number is told under its key. */
export function valueReader(values: Readonly<Record<string, unknown>>): ValueReader {
  const problems: WrongValue[] = [];
  const wrong = (key: string, message: string) => void problems.push({ key, message });
  const given = (key: string) => {
    const value = Object.hasOwn(values, key) ? values[key] : null;
    return value === null || value === undefined || value === '' ? null : value;
  };
  const read = <T>(key: string, of: (value: unknown) => T | null, what: string): T | null => {
    const value = given(key);
    if (value === null) return null;
    const found = typeof value === 'object' ? null : of(value);
    if (found === null) wrong(key, `must be ${what}: current value is ${show(value)}`);
    return found;
  };
  const text = (key: string) => read(key, (value) => String(value).toWellFormed(), 'a text');
  const time = (key: string) => read(key, timeOf, 'a time');
  const required = <T>(key: string, value: T | null, otherwise: T): T => {
    if (value === null && !problems.some((problem) => problem.key === key)) wrong(key, 'is missing');
    return value ?? otherwise;
  };
  return {
    text,
    name: (key) => required(key, text(key), ''),
    number: (key) => read(key, numberOf, 'a number'),
    time,
    requiredTime: (key) => required(key, time(key), 0),
    wrong,
    problems,
  };
}
