/** A cell and where it begins; lines and columns count from 1, columns in UTF-16 units. */
export interface CsvCell {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** A row of RFC 4180, or why it is none. */
export interface CsvRow {
  readonly cells: readonly CsvCell[];
  /** One clause; null when the row can be used. */
  readonly problem: string | null;
}

/** Takes a text in pieces of any size and gives each row when its end was seen. */
export interface CsvReader {
  push(text: string): CsvRow[];
  /** The last row, where the text did not end with a line end. */
  end(): CsvRow[];
}

/** A quote that is never closed would otherwise take in the rest of a file. */
const LONGEST_ROW = 1 << 20;

/** Reads values with `delimiter` between them; a line end is LF, CRLF or CR, empty lines are left out. */
export function csvReader(delimiter = ','): CsvReader {
  const state = begin(delimiter);
  return {
    push(text) {
      const rows: CsvRow[] = [];
      for (const unit of text) take(state, unit, rows);
      return rows;
    },
    end() {
      const rows: CsvRow[] = [];
      if (state.mode === 'quoted') endRow(state, rows, 'has a quote that is never closed');
      else endRow(state, rows);
      return rows;
    },
  };
}

interface State {
  readonly delimiter: string;
  /** `closed`: behind a closing quote, or the first of two that stand for one. `skip`: to the end of a bad line. */
  mode: 'start' | 'plain' | 'quoted' | 'closed' | 'skip';
  cells: CsvCell[];
  parts: string[];
  size: number;
  line: number;
  column: number;
  from: { line: number; column: number };
  wasReturn: boolean;
}

function begin(delimiter: string): State {
  const place = { line: 1, column: 1, from: { line: 1, column: 1 } };
  return { delimiter, mode: 'start', cells: [], parts: [], size: 0, wasReturn: false, ...place };
}

function take(state: State, unit: string, rows: CsvRow[]): void {
  const isBreak = unit === '\r' || (unit === '\n' && !state.wasReturn);
  const second = unit === '\n' && state.wasReturn;
  state.wasReturn = unit === '\r';
  // The second half of a line end that was taken already, but part of the text between quotes.
  if (second && state.mode !== 'quoted') return;
  if (state.mode === 'quoted') quoted(state, unit, rows);
  else if (isBreak) endRow(state, rows);
  else if (state.mode !== 'skip') outside(state, unit);
  if (isBreak) {
    state.line += 1;
    state.column = 1;
  } else if (!second) state.column += unit.length;
  if (state.mode === 'start' && state.cells.length === 0 && isBreak) mark(state);
}

function quoted(state: State, unit: string, rows: CsvRow[]): void {
  if (unit === '"') state.mode = 'closed';
  else add(state, unit);
  if (state.size <= LONGEST_ROW) return;
  endRow(state, rows, 'is longer than 1 MiB; is a quote not closed?');
  state.mode = 'skip';
}

function outside(state: State, unit: string): void {
  if (unit === state.delimiter) {
    endCell(state);
    mark(state, 1);
  } else if (unit === '"' && state.mode === 'start') state.mode = 'quoted';
  else if (unit === '"' && state.mode === 'closed') {
    add(state, unit);
    state.mode = 'quoted';
  } else {
    add(state, unit);
    state.mode = 'plain';
  }
}

function add(state: State, unit: string): void {
  state.parts.push(unit);
  state.size += unit.length;
}

function mark(state: State, ahead = 0): void {
  state.from = { line: state.line, column: state.column + ahead };
}

function endCell(state: State): void {
  state.cells.push({ text: state.parts.join(''), ...state.from });
  state.parts = [];
  state.mode = 'start';
}

function endRow(state: State, rows: CsvRow[], problem: string | null = null): void {
  const skipped = state.mode === 'skip';
  const isEmpty = state.cells.length === 0 && state.parts.length === 0 && state.mode === 'start';
  endCell(state);
  if (!skipped && !isEmpty) rows.push({ cells: state.cells, problem });
  state.cells = [];
  state.size = 0;
}
