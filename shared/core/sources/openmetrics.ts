import { compareText } from '../text-order.ts';
import { MOST_NAMES, TOO_MANY_NAMES } from './limits.ts';
import { joinedName } from './names.ts';
import { type Notes, notes } from './notes.ts';
import { plainNumber } from './numbers.ts';
import type { SourceResult } from './reading.ts';
import { linesOf, textOf } from './text.ts';

/**
 * Reads the text formats of Prometheus (0.0.4) and OpenMetrics (1.0, and quoted names). A sample's name is that of the
 * metric with its labels in byte order, `loss{model="a",split="test"}`, escaped as the format does. Counters, histograms
 * and summaries are given as they are written; when they were created (`_created`) is no measurement and is left out.
 * Where a name comes twice the last counts. Lines that are none of the format are left out with a note; a text with
 * nothing else in it is a problem.
 */
export function decodeOpenMetrics(bytes: Uint8Array): SourceResult {
  const decoded = textOf(bytes);
  if ('problem' in decoded) return decoded;
  const told = notes();
  const values = new Map<string, number>();
  const types = new Map<string, string>();
  let line = 0;
  let bad: string | null = null;
  for (const { text, isWhole } of linesOf(decoded.text)) {
    line++;
    if (text === '# EOF') break;
    const sample = readLine(text, { types, isWhole });
    if (sample === null) continue;
    if ('problem' in sample) {
      bad ??= `line ${line} ${sample.problem}`;
      told.add('lines that are left out', `line ${line} ${sample.problem}; it is left out`);
    } else keep(sample, { values, told });
    if (values.size > MOST_NAMES) return { problem: TOO_MANY_NAMES };
  }
  if (values.size === 0 && bad !== null) return { problem: bad };
  const named = [...values].filter(([name]) => !isCreation(name, types));
  return { values: named.map(([name, value]) => ({ name, value })), points: [], notes: told.all() };
}

interface Sample {
  readonly name: string;
  readonly value: number;
}

function keep(
  { name: written, value }: Sample,
  { values, told }: { readonly values: Map<string, number>; readonly told: Notes },
): void {
  const name = joinedName([written], { by: '', told });
  if (name === null) return;
  if (values.has(name)) told.add('names that come again', `${name} comes more than once; the last counts`);
  values.set(name, value);
}

const TYPE = /^#[ \t]+TYPE[ \t]+("(?:[^"\\]|\\.)*"|\S+)[ \t]+(\w+)[ \t]*$/;

/** A sample, null for a line that says nothing of a value, or what is wrong with it. */
function readLine(
  text: string,
  { types, isWhole }: { readonly types: Map<string, string>; readonly isWhole: boolean },
): Sample | { readonly problem: string } | null {
  const line = text.trim();
  if (line === '') return null;
  if (line.startsWith('#')) {
    const [, name, type] = TYPE.exec(line) ?? [];
    if (name !== undefined) types.set(name, type!);
    return null;
  }
  if (!isWhole) return { problem: 'has no end, so its value may be cut short' };
  const head = readName(line);
  if (head === null) return { problem: `is no sample: ${quoted(line)}; wanted name{label="value"} number` };
  const [number = '', ...rest] = line
    .slice(head.end)
    .split('#', 1)[0]!
    .trim()
    .split(/[ \t]+/);
  const value = plainNumber(number);
  if (value === null) return { problem: `has no number behind its name: ${quoted(number)}` };
  if (rest.length > 1 || (rest.length === 1 && plainNumber(rest[0]!) === null))
    return { problem: `has ${quoted(rest.join(' '))} behind its value; wanted a time at most` };
  return { name: head.name, value };
}

const BARE = /[a-zA-Z_:][a-zA-Z0-9_:.]*/y;
const QUOTED = /"(?:[^"\\\n]|\\.)*"/y;
const BLANK = /[ \t]*/y;

/** The name with its labels in order, and where it ends; null when the line does not begin with one. */
function readName(line: string): { readonly name: string; readonly end: number } | null {
  const scan = scanner(line);
  let name = scan.take(BARE);
  scan.take(BLANK);
  if (!scan.takes('{')) return name === null ? null : { name, end: scan.at() };
  const labels: string[] = [];
  for (scan.take(BLANK); !scan.takes('}'); scan.take(BLANK)) {
    const key = scan.take(BARE) ?? scan.take(QUOTED);
    if (key === null) return null;
    scan.take(BLANK);
    if (scan.takes('=')) {
      scan.take(BLANK);
      const value = scan.take(QUOTED);
      if (value === null) return null;
      labels.push(`${key}=${value}`);
    } else if (name === null) name = key;
    else return null;
    scan.take(BLANK);
    if (!scan.takes(',') && line[scan.at()] !== '}') return null;
  }
  if (name === null) return null;
  const shown = labels.length === 0 ? '' : `{${labels.sort(compareText).join(',')}}`;
  return { name: name + shown, end: scan.at() };
}

/** Goes through a text from left to right, a token at a time. */
function scanner(text: string) {
  let at = 0;
  return {
    at: () => at,
    take(pattern: RegExp): string | null {
      pattern.lastIndex = at;
      const found = pattern.exec(text)?.[0] ?? null;
      if (found !== null) at += found.length;
      return found;
    },
    takes(unit: string): boolean {
      if (text[at] !== unit) return false;
      at++;
      return true;
    },
  };
}

const MEASURED = new Set(['counter', 'histogram', 'summary', 'gaugehistogram']);

/** The Prometheus format names the family of a counter with its `_total`, and gives creations a family of their own. */
function isCreation(name: string, types: ReadonlyMap<string, string>): boolean {
  const bare = name.split('{', 1)[0]!;
  if (!bare.endsWith('_created')) return false;
  const family = bare.slice(0, -'_created'.length);
  return [family, `${family}_total`].some((one) => MEASURED.has(types.get(one) ?? ''));
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
