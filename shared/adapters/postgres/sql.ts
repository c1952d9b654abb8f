import { PortError } from '../../ports/error.ts';
import type { OutputQuestion } from '../../ports/outputs.ts';

/** The longest name of Postgres. */
const LONGEST = 63;

/** A name as SQL takes it, whatever characters it has. */
export function quoted(name: string): string {
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > LONGEST) {
    throw new PortError('invalid', `"${name.slice(0, LONGEST)}" is no name of a table or column of Postgres`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** The table of a version, with its schema where the pattern names one. */
export function tableOf(pattern: string, version: string): string {
  const [schema, rest] = /^([^.{}]+)\.(.+)$/.exec(pattern)?.slice(1) ?? [null, pattern];
  const table = quoted(rest!.replaceAll('{version}', version));
  return schema == null ? table : `${quoted(schema)}.${table}`;
}

/** One side as rows of `k0, k1, …, value, truth`. */
export function sideOf(question: OutputQuestion, side: 'a' | 'b'): string {
  const { outputs, inputs, pair, value, truth } = question;
  const version = question[side];
  const keys = pair.map((column, index) => `${quoted(column)} AS k${index}`);
  const columns = [
    ...keys,
    `${quoted(value)} AS value`,
    `${truth === null ? 'NULL' : quoted(truth)} AS truth`,
  ];
  const join =
    inputs === null
      ? ''
      : ` JOIN ${tableOf(inputs.table, version)} AS i USING (${inputs.on.map(quoted).join(', ')})`;
  return `SELECT ${columns.join(', ')} FROM ${tableOf(outputs, version)} AS o${join}`;
}

/** Both sides, row beside row. */
export function pairsOf(question: OutputQuestion): string {
  const keys = question.pair.map((_, index) => `k${index}`).join(', ');
  return `(${sideOf(question, 'a')}) AS a JOIN (${sideOf(question, 'b')}) AS b USING (${keys})`;
}

/** Rows of a side, and how many of them are not alone in their pair columns. */
export function countOf(question: OutputQuestion, side: 'a' | 'b'): string {
  const keys = question.pair.map((_, index) => `k${index}`).join(', ');
  const distinct = `SELECT DISTINCT ${keys} FROM (${sideOf(question, side)}) AS s`;
  return `SELECT (SELECT count(*) FROM (${sideOf(question, side)}) AS s), (SELECT count(*) FROM (${distinct}) AS d)`;
}

/** Rows of a side, and how many of them have a finite number; NaN is the largest number of Postgres. */
export function finiteOf(question: OutputQuestion, side: 'a' | 'b'): string {
  const value = 's.value::float8';
  return `SELECT count(*), count(*) FILTER (WHERE ${value} > '-Infinity' AND ${value} < 'Infinity')
    FROM (${sideOf(question, side)}) AS s`;
}

/** Pairs, those without a right answer, and those on which only A, only B and both gave it. */
export function rightOf(question: OutputQuestion): string {
  const right = (side: 'a' | 'b') => `coalesce(${side} = truth, false)`;
  const count = (condition: string) => `count(*) FILTER (WHERE ${condition})`;
  return `SELECT ${count('truth IS NOT NULL')}, ${count('truth IS NULL')}, ${count(`${right('a')} AND NOT ${right('b')}`)},
    ${count(`${right('b')} AND NOT ${right('a')}`)}, ${count(`${right('a')} AND ${right('b')}`)}
    FROM (SELECT a.value::text AS a, b.value::text AS b, coalesce(a.truth, b.truth)::text AS truth
      FROM ${pairsOf(question)}) AS p`;
}

/** Rows in one packed page: 128 kB of two numbers each. */
const PAGE = 8192;

/** Columns of numbers, and where they come from. */
export interface PackedNumbers {
  readonly columns: readonly string[];
  readonly from: string;
}

/**
 * The numbers of rows as bytes, smallest first so that equal rows give equal bytes, a page a row of the answer: a million rows as objects would fill a hundred megabytes
 * before anybody collects them. Rows with anything else than finite numbers are left out.
 */
export function packed({ columns, from }: PackedNumbers): string {
  const names = columns.map((_, index) => `v${index}`);
  const values = columns.map((column, index) => `${column}::float8 AS v${index}`).join(', ');
  const finite = names.map((name) => `${name} > '-Infinity' AND ${name} < 'Infinity'`).join(' AND ');
  const bytes = names.map((name) => `float8send(${name})`).join(' || ');
  const order = names.join(', ');
  return `SELECT string_agg(${bytes}, ''::bytea ORDER BY ${order}) FROM (
    SELECT ${order}, row_number() OVER (ORDER BY ${order}) / ${PAGE} AS page FROM (SELECT ${values} FROM ${from}) AS n
    WHERE ${finite}) AS p GROUP BY page ORDER BY page`;
}
