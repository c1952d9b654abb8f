import { readUnit, type Unit } from './unit.ts';

/** The comparisons of a policy, longest first, as they have to be tried. */
const OPERATORS = ['<=', '>=', '==', '<', '>', '='] as const;
const MOST_LENGTH = 4096;
const MOST_CLAUSES = 64;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/i;

/** One demand: a metric by its full or a short name, and what its value is held against. */
export interface Clause {
  /** As it was written. */
  readonly text: string;
  readonly metric: string;
  readonly operator: '<=' | '>=' | '<' | '>' | '==';
  readonly number: number;
  /** `baseline`: so many times what the baseline says; a unit: the number has to be brought to the metric's. */
  readonly of: 'value' | 'baseline' | Unit;
}

/** What was read, or one sentence that says where it cannot be. */
export type ReadPolicy =
  | { readonly ok: true; readonly clauses: readonly Clause[] }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a policy such as `p95<=250ms,p95<=1.2x,failed<=1%`: clauses of metric, comparison and number. Behind the number
 * may stand `x` (times the baseline), `%` (hundredths) or a unit. A metric whose name holds a comma or one of `<>=`
 * stands in double quotes. Never throws.
 */
export function readPolicy(text: string): ReadPolicy {
  if (text.length > MOST_LENGTH)
    return refuse(`it has ${text.length} characters; the most is ${MOST_LENGTH}`);
  const clauses: Clause[] = [];
  let at = 0;
  for (;;) {
    const read = readClause(text, at);
    if (typeof read === 'string') return refuse(read);
    clauses.push(read.clause);
    if (read.end >= text.length) return { ok: true, clauses };
    if (clauses.length === MOST_CLAUSES) return refuse(`it has more than ${MOST_CLAUSES} clauses`);
    at = read.end + 1;
  }
}

function refuse(why: string): ReadPolicy {
  return { ok: false, problem: `Cannot read policy: ${why}` };
}

interface Read {
  readonly clause: Clause;
  /** Where its comma stands, or the end of the text. */
  readonly end: number;
}

function readClause(text: string, from: number): Read | string {
  const start = skipBlanks(text, from);
  const name = readName(text, start);
  if (typeof name === 'string') return name;
  const operator = OPERATORS.find((one) => text.startsWith(one, name.end));
  if (operator === undefined) {
    return `${place(text, name.end)} wanted one of <= < >= > = behind the metric "${name.metric}"`;
  }
  const numberAt = skipBlanks(text, name.end + operator.length);
  const comma = text.indexOf(',', numberAt);
  const end = comma < 0 ? text.length : comma;
  const amount = readAmount(text.slice(numberAt, end).trim());
  if (typeof amount === 'string') return `${place(text, numberAt)} ${amount}`;
  const written = text.slice(start, end).trim();
  const symbol = operator === '=' ? '==' : operator;
  return { clause: { text: written, metric: name.metric, operator: symbol, ...amount }, end };
}

function readName(text: string, start: number): { metric: string; end: number } | string {
  if (text[start] === '"') {
    const close = text.indexOf('"', start + 1);
    if (close < 0) return `${place(text, start)} the quote is not closed`;
    return named(text, start, { metric: text.slice(start + 1, close), end: skipBlanks(text, close + 1) });
  }
  let end = start;
  while (end < text.length && !'<>=,'.includes(text[end]!)) end++;
  return named(text, start, { metric: text.slice(start, end).trim(), end });
}

function named(text: string, start: number, name: { metric: string; end: number }) {
  return name.metric === '' ? `${place(text, start)} wanted the name of a metric` : name;
}

function readAmount(text: string): Pick<Clause, 'number' | 'of'> | string {
  const [digits] = NUMBER.exec(text) ?? [];
  const wanted = 'wanted a number such as 250, 250ms, 1.2x or 1%';
  if (digits === undefined) return `${wanted}, found "${text.slice(0, 40)}"`;
  const number = Number(digits);
  if (!Number.isFinite(number)) return `${wanted}; ${digits} is too large`;
  const word = text.slice(digits.length).trim();
  if (word === '') return { number, of: 'value' };
  if (word === '%') return { number: number / 100, of: 'value' };
  if (word === 'x') return { number, of: 'baseline' };
  const unit = readUnit(word);
  return unit === null ? `${wanted}; "${word.slice(0, 20)}" is no unit` : { number, of: unit };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++;
  return at;
}

/** Where in the text, counted from 1. */
function place(text: string, at: number): string {
  return at >= text.length ? 'at its end' : `at character ${at + 1}`;
}
