import { formatTime } from '../../core/time.ts';
import type { Cell, TableRow } from '../../ports/tables.ts';
import type { Column, ColumnType } from './tables.ts';

/** A row as the service answers: cells in the order of columns, every scalar a text. */
export interface RawRow {
  readonly f: readonly { readonly v: unknown }[];
}

/** Rows as SQLite would hold them. The columns are those of the statement, in its order. */
export function decodeRows(rows: readonly RawRow[], columns: readonly Column[]): TableRow[] {
  return rows.map(({ f }) =>
    Object.fromEntries(columns.map(({ name, type }, index) => [name, decodeCell(f[index]?.v ?? null, type)])),
  );
}

function decodeCell(value: unknown, type: ColumnType): Cell {
  if (value === null) return null;
  const text = String(value);
  switch (type) {
    case 'INT64':
    case 'FLOAT64':
      return Number(text);
    case 'BOOL':
      return text === 'true' ? 1 : 0;
    case 'TIMESTAMP':
      return formatTime(millisOf(text));
    case 'BYTES':
      return new Uint8Array(Buffer.from(text, 'base64'));
    default:
      return text;
  }
}

/** Times come as whole microseconds, beyond what a number holds exactly. */
export function millisOf(micros: string): number {
  const whole = BigInt(micros);
  const millis = whole / 1000n;
  return Number(whole % 1000n < 0n ? millis - 1n : millis);
}
