import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { type CsvRow, csvReader } from '../../shared/core/import/csv.ts';
import { isObject, isTooDeep, TOO_DEEP } from '../../shared/core/json.ts';
import { UsageError } from '../errors.ts';

/** A row of an exported file. */
export interface FileRow {
  readonly line: number;
  /** The row as it stands there, to be kept where it cannot be used. */
  readonly text: string;
  /** What each column says; null when the row cannot be read. */
  readonly values: Readonly<Record<string, unknown>> | null;
  /** Line and column of what a key says, or of the row. */
  readonly at: (key: string) => string;
  /** Why it cannot be read. */
  readonly problem: string;
}

/** Read at a time. */
const CHUNK = 1 << 18;
/** A line of JSON longer than this is none of an export. */
const LONGEST_LINE = 1 << 24;

/** Rows of a CSV file with a line of titles, or of JSON lines; which of the two its first character tells. */
export function* fileRows(path: string): Generator<FileRow> {
  const chunks = texts(path);
  let first = '';
  // Not with for…of, which would close the file at its end.
  for (let next = chunks.next(); !next.done; next = chunks.next()) {
    first += next.value;
    if (first.trim() !== '') break;
  }
  const all = joined(first, chunks);
  if (first.startsWith('\u001f')) {
    throw new UsageError(`Cannot read ${path}: it is compressed; unpack it first (gunzip)`);
  }
  yield* first.trimStart().startsWith('{') ? jsonRows(all) : csvRows(all);
}

function* joined(first: string, rest: Iterable<string>): Generator<string> {
  yield first;
  yield* rest;
}

/** The text of a file, a piece at a time. */
function* texts(path: string): Generator<string> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
  try {
    const decoder = new StringDecoder('utf8');
    const buffer = Buffer.alloc(CHUNK);
    for (let isFirst = true; ; isFirst = false) {
      const bytes = readSync(file, buffer);
      if (bytes === 0) break;
      const text = decoder.write(buffer.subarray(0, bytes));
      yield isFirst ? text.replace(/^\uFEFF/, '') : text;
    }
    yield decoder.end();
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  } finally {
    closeSync(file);
  }
}

function* jsonRows(chunks: Iterable<string>): Generator<FileRow> {
  let [line, rest] = [0, ''];
  for (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const text of lines) {
      line += 1;
      if (text.trim() !== '') yield jsonRow(text, line);
    }
    if (rest.length > LONGEST_LINE)
      throw new UsageError(`Cannot read line ${line + 1}: it is longer than 16 MiB`);
  }
  if (rest.trim() !== '') yield jsonRow(rest, line + 1);
}

function jsonRow(text: string, line: number): FileRow {
  const at = (key: string) => `${line}:${text.indexOf(JSON.stringify(key)) + 1 || 1}`;
  const bad = (problem: string): FileRow => ({ line, text, values: null, at, problem });
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return bad('must be a JSON object');
    return isTooDeep(value) ? bad(TOO_DEEP) : { line, text, values: value, at, problem: '' };
  } catch (error) {
    return bad(`is not JSON: ${(error as Error).message}`);
  }
}

function* csvRows(chunks: Iterable<string>): Generator<FileRow> {
  let titles: readonly string[] | null = null;
  for (const row of allRows(chunks)) {
    if (titles === null) titles = row.cells.map(({ text }) => text.trim());
    else yield csvRow(row, titles);
  }
}

function* allRows(chunks: Iterable<string>): Generator<CsvRow> {
  const reader = csvReader();
  for (const chunk of chunks) yield* reader.push(chunk);
  yield* reader.end();
}

function csvRow({ cells, problem }: CsvRow, titles: readonly string[]): FileRow {
  const { line, column } = cells[0]!;
  const text = cells.map((cell) => cell.text).join(',');
  const at = (key: string) => {
    const cell = cells[titles.indexOf(key)];
    return cell === undefined ? `${line}:${column}` : `${cell.line}:${cell.column}`;
  };
  const fits = cells.length === titles.length;
  const count = `has ${cells.length} cells where the titles have ${titles.length}`;
  const why = problem ?? (fits ? '' : count);
  const values = why === '' ? Object.fromEntries(titles.map((title, i) => [title, cells[i]!.text])) : null;
  return { line, text, values, at, problem: why };
}
