import { type Column, JOURNAL, TABLES, type Table } from '../../../shared/adapters/bigquery/tables.ts';
import type { TableRow } from '../../../shared/ports/tables.ts';

// What BigQuery would bill for a statement, worked out from its text and the table definitions, since no stand-in
// knows: https://cloud.google.com/bigquery/docs/estimate-costs (columns referenced, in partitions not pruned; of
// what DML may change all columns besides), https://cloud.google.com/bigquery/docs/partitioned-tables.

/** How large a table is taken to be. */
export interface TableSize {
  readonly rows: number;
  /** Mean bytes of a value, by column. */
  readonly bytes: ReadonlyMap<string, number>;
}

export type Sizes = ReadonlyMap<string, TableSize>;

/** What a partition of a month is worth here: how many there are, and how many months back judging looks. */
export interface Months {
  readonly all: number;
  readonly lookback: number;
}

/** Charged at least for every table that a statement names. */
const LEAST = 10 * 2 ** 20;
const BY_NAME = new Map([...TABLES, JOURNAL].map((table) => [table.name, table]));

/**
 * Bytes billed for a statement, or for those of a script. Clusters spare nothing in this sum: a tick asks for all
 * tests and for ids that lie everywhere, and parts of tables under about 64 MB are read as a whole anyway.
 */
export function billedBytes(sql: string, sizes: Sizes, months: Months): number {
  const steps = sql.split(';').filter((step) => /\b(?:FROM|MERGE|INSERT)\b/.test(step));
  return steps.reduce((sum, step) => sum + billedForStep(step, sizes, months), 0);
}

function billedForStep(sql: string, sizes: Sizes, months: Months): number {
  const named = [...sql.matchAll(/\b(FROM|JOIN|MERGE|INTO)\s+(\w+)(?:\s+AS\s+(\w+))?/g)];
  const reads = named.flatMap(([, word, name = '', alias]) => {
    const table = BY_NAME.get(name);
    return table === undefined ? [] : [{ word, table, alias }];
  });
  const tables = Map.groupBy(reads, ({ table }) => table);
  return [...tables].reduce((sum, [table, places]) => {
    const size = sizes.get(table.name) ?? { rows: 0, bytes: new Map<string, number>() };
    const isChanged = places.some(({ word }) => word === 'MERGE') || /^\s*DELETE\b/.test(sql);
    const read = places.flatMap(({ alias }) => (alias === undefined ? [] : columnsOf(sql, table, alias)));
    const columns = new Set([...read, ...(isChanged ? table.columns : [])].map(({ name }) => name));
    // What is changed counts besides what is read to find it.
    const twice = isChanged ? rowBytes(size, new Set(read.map(({ name }) => name))) : 0;
    const bytes = size.rows * shareOf(sql, table, months) * (rowBytes(size, columns) + twice);
    return sum + Math.max(LEAST, bytes);
  }, 0);
}

function columnsOf(sql: string, table: Table, alias: string): Column[] {
  const used = new Set([...sql.matchAll(new RegExp(`\\b${alias}\\.(\\w+)`, 'g'))].map(([, name]) => name));
  return table.columns.filter(({ name }) => used.has(name));
}

function rowBytes({ bytes }: TableSize, columns: ReadonlySet<string>): number {
  return [...columns].reduce((sum, name) => sum + (bytes.get(name) ?? 0), 0);
}

/** The share of a table's partitions that are read. */
function shareOf(sql: string, { partition }: Table, months: Months): number {
  if (partition === null) return 1;
  const [, low, high] = /BETWEEN TIMESTAMP '(\d{4}-\d\d)[^']*' AND TIMESTAMP '(\d{4}-\d\d)/.exec(sql) ?? [];
  if (low !== undefined && high !== undefined) {
    return Math.min(1, (monthNumber(high) - monthNumber(low) + 1) / months.all);
  }
  return sql.includes(`.${partition} >= @earliest`) ? Math.min(1, months.lookback / months.all) : 1;
}

function monthNumber(text: string): number {
  return 12 * Number(text.slice(0, 4)) + Number(text.slice(5, 7));
}

/** How large rows are, as BigQuery counts: https://cloud.google.com/bigquery/pricing#data */
export function sizeOfRows(table: Table, rows: readonly TableRow[]): ReadonlyMap<string, number> {
  return new Map(
    table.columns.map((column) => {
      const sum = rows.reduce((bytes, row) => bytes + valueBytes(column, row[column.name] ?? null), 0);
      return [column.name, rows.length === 0 ? 0 : sum / rows.length];
    }),
  );
}

function valueBytes({ type }: Column, value: TableRow[string]): number {
  if (value === null || value === undefined) return 0;
  if (type === 'STRING' || type === 'JSON') return 2 + Buffer.byteLength(String(value));
  if (type === 'BYTES') return 2 + (value as Uint8Array).length;
  return type === 'BOOL' ? 1 : 8;
}
