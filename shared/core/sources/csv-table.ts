import { csvReader } from '../import/csv.ts';
import { nearest } from '../nearest.ts';
import type { Notes } from './notes.ts';
import { textOf } from './text.ts';

/** A table with a header: its columns by name, and its rows one by one. */
export interface CsvTable {
  /** As the header has them, without blanks around. */
  readonly columns: readonly string[];
  /** The rows behind the header, with their first line; a cell that a row lacks is undefined. */
  readonly rows: () => Generator<{ readonly cells: readonly (string | undefined)[]; readonly line: number }>;
  /** Of the encoding, for people. */
  readonly notes: readonly string[];
}

/** How much text is split into rows at a time, so that they are not all held at once. */
const PIECE = 1 << 16;

/** Reads the header; rows that cannot be read are left out and told. */
export function csvTable(
  bytes: Uint8Array,
  { delimiter, told }: { readonly delimiter: string; readonly told: Notes },
): CsvTable | { readonly problem: string } {
  const decoded = textOf(bytes);
  if ('problem' in decoded) return decoded;
  const all = rowsOf(decoded.text, delimiter);
  const head = all.next();
  if (head.done) return { problem: 'is empty; wanted a header line and rows' };
  if (head.value.problem !== null) return { problem: `line ${head.value.line} ${head.value.problem}` };
  const columns = head.value.cells.map((cell) => cell.trim());
  return {
    columns,
    notes: decoded.notes,
    *rows() {
      for (const { cells, line, problem } of all) {
        if (problem === null) yield { cells, line };
        else told.add('rows that are left out', `line ${line} ${problem}; it is left out`);
      }
    },
  };
}

function* rowsOf(text: string, delimiter: string) {
  const reader = csvReader(delimiter);
  const plain = (rows: ReturnType<typeof reader.push>) =>
    rows.map(({ cells, problem }) => ({
      cells: cells.map((cell) => cell.text),
      line: cells[0]!.line,
      problem,
    }));
  for (let from = 0; from < text.length; from += PIECE)
    yield* plain(reader.push(text.slice(from, from + PIECE)));
  yield* plain(reader.end());
}

const OTHERS: readonly string[] = [',', ';', '\t', '|'];

/** Where a column is, or a sentence that names those there are. */
export function columnAt(columns: readonly string[], wanted: string): number | { readonly problem: string } {
  const at = columns.indexOf(wanted);
  if (at >= 0 && columns.indexOf(wanted, at + 1) < 0) return at;
  const named = JSON.stringify(wanted);
  if (at >= 0) return { problem: `has two columns ${named}` };
  const close = nearest(wanted, columns.slice(0, 1000));
  const hint = close === null ? '' : `; did you mean ${JSON.stringify(close)}?`;
  const [only] = columns;
  const other = columns.length === 1 ? OTHERS.find((one) => only!.includes(one)) : undefined;
  const apart = other === undefined ? '' : `; is ${JSON.stringify(other)} its delimiter?`;
  return { problem: `has no column ${named}, its header is ${headerText(columns)}${apart || hint}` };
}

function headerText(columns: readonly string[]): string {
  const text = JSON.stringify(columns.slice(0, 10).join(', ').slice(0, 120));
  return columns.length > 10 ? `${text} and more` : text;
}
