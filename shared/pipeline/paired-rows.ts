import { compareText } from '../core/text-order.ts';
import { PortError } from '../ports/error.ts';
import { TABLE_KEYS, type TableName, type TableRow, type TableStore } from '../ports/tables.ts';

/** What two stores hold under one key; at least one of them has a row. */
export interface Pair {
  readonly from: TableRow | null;
  readonly to: TableRow | null;
}

/** Walks through a table of two stores at once, in the order of keys, holding a page of each. */
export async function* pairedRows(
  table: TableName,
  { from, to }: { readonly from: TableStore; readonly to: TableStore },
): AsyncGenerator<Pair> {
  const left = rowsOf(from, table);
  const right = rowsOf(to, table);
  try {
    let a = await left.next();
    let b = await right.next();
    while (!a.done || !b.done) {
      const order = a.done ? 1 : b.done ? -1 : compareKeys(table, a.value, b.value);
      yield {
        from: order <= 0 ? (a.value as TableRow) : null,
        to: order >= 0 ? (b.value as TableRow) : null,
      };
      if (order <= 0) a = await left.next();
      if (order >= 0) b = await right.next();
    }
  } finally {
    await left.return(undefined);
    await right.return(undefined);
  }
}

/**
 * The rows of a table that are ours, one by one: a dataset of the tool before this one may hold others, which lack
 * what we always write. Throws PortError `invalid` when two rows have one key or they come in no order.
 */
export async function* rowsOf(store: TableStore, table: TableName): AsyncGenerator<TableRow, undefined> {
  let before: TableRow | null = null;
  for await (const page of store.rowsOf(table)) {
    for (const row of page) {
      if (isForeign(table, row)) continue;
      if (before !== null && compareKeys(table, before, row) >= 0) throw disorder(table, row);
      before = row;
      yield row;
    }
  }
  return undefined;
}

function isForeign(table: TableName, row: TableRow): boolean {
  if (table === 'job_history') return (row.schema_version ?? null) === null;
  return table === 'metric_history' && (row.value_kind ?? null) === null;
}

function compareKeys(table: TableName, a: TableRow, b: TableRow): number {
  for (const column of TABLE_KEYS[table]) {
    const order = compareText(String(a[column]), String(b[column]));
    if (order !== 0) return order;
  }
  return 0;
}

function disorder(table: TableName, row: TableRow): PortError {
  const key = TABLE_KEYS[table].map((column) => JSON.stringify(row[column] ?? null)).join(', ');
  return new PortError(
    'invalid',
    `Cannot copy table ${table}: it has more than one row with the key ${key}, or its rows come in no order; remove the copy that is not ours`,
  );
}

/** A row as text that is the same for the same row, whichever store it lies in. */
export function rowText(row: TableRow): string {
  const cells = Object.keys(row)
    .sort()
    .map((column) => [column, column === 'labels' ? sorted(row[column]) : plain(row[column])]);
  return JSON.stringify(cells);
}

function plain(cell: TableRow[string] | undefined): unknown {
  return cell instanceof Uint8Array ? [Array.from(cell, hex).join('')] : (cell ?? null);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** The one column of JSON: a store may give its keys in another order. */
function sorted(text: TableRow[string] | undefined): unknown {
  if (typeof text !== 'string') return text ?? null;
  const labels = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return Object.entries(labels).sort(([a], [b]) => compareText(a, b));
}
