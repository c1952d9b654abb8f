import { digestOf } from '../core/digest.ts';
import { TABLE_NAMES, type TableName, type TableRow, type TableStore } from '../ports/tables.ts';
import { pairedRows, rowsOf, rowText } from './paired-rows.ts';

/** Where rows come from and where they go. */
export interface Stores {
  readonly from: TableStore;
  readonly to: TableStore;
}

/** How a table of two stores compares, in rows. */
export interface TableComparison {
  readonly table: TableName;
  /** What `from` holds: `same`, `missing` and `different` together. */
  readonly rows: number;
  readonly same: number;
  /** Not in `to`. */
  readonly missing: number;
  /** In `to` with the same key and other contents. */
  readonly different: number;
  /** Only in `to`. */
  readonly extra: number;
}

/** Compares every table; reads only. */
export async function compareHistories(stores: Stores): Promise<TableComparison[]> {
  const comparisons: TableComparison[] = [];
  for (const table of TABLE_NAMES) {
    const counts = { same: 0, missing: 0, different: 0, extra: 0 };
    for await (const { from, to } of pairedRows(table, stores)) {
      if (from === null) counts.extra += 1;
      else if (to === null) counts.missing += 1;
      else if (rowText(from) === rowText(to)) counts.same += 1;
      else counts.different += 1;
    }
    comparisons.push({ table, rows: counts.same + counts.missing + counts.different, ...counts });
  }
  return comparisons;
}

export interface CopyOptions extends Stores {
  /** Told after rows were written, how many. */
  readonly onRows: (count: number) => void;
  /** Called before each write; throws when it must not happen any more. */
  readonly mayWrite: () => void;
}

/** So many rows are written at once: enough for a load job, few enough for memory. */
const MOST_ROWS = 25_000;
const MOST_CHARACTERS = 32 * 1024 * 1024;

/**
 * Writes what is missing or different, table by table, what others are derived from first. Killed in between and
 * done again it ends the same.
 */
export async function copyHistories(
  comparisons: readonly TableComparison[],
  { from, to, onRows, mayWrite }: CopyOptions,
): Promise<void> {
  for (const { table, missing, different } of comparisons) {
    if (missing + different === 0) continue;
    let rows: TableRow[] = [];
    let characters = 0;
    const write = async () => {
      mayWrite();
      await to.putRows(table, rows);
      onRows(rows.length);
      [rows, characters] = [[], 0];
    };
    for await (const pair of pairedRows(table, { from, to })) {
      if (pair.from === null) continue;
      const text = rowText(pair.from);
      if (pair.to !== null && rowText(pair.to) === text) continue;
      rows.push(pair.from);
      characters += text.length;
      if (rows.length >= MOST_ROWS || characters >= MOST_CHARACTERS) await write();
    }
    if (rows.length > 0) await write();
  }
}

/** What a table holds, in a few characters. */
export interface TableDigest {
  readonly rows: number;
  /** SHA-256 over all rows in the order of their keys, each together with the digest of those before it. */
  readonly digest: string;
}

export async function digestTable(store: TableStore, table: TableName): Promise<TableDigest> {
  let rows = 0;
  let digest = '';
  for await (const row of rowsOf(store, table)) {
    rows += 1;
    digest = digestOf(digest, rowText(row));
  }
  return { rows, digest };
}
