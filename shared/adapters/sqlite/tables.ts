import { TABLE_KEYS, type TableName, type TableRow, type TableStore } from '../../ports/tables.ts';
import type { Connection, SqlValue } from './database.ts';

/** Rows a page; each page may cost a merge into a whole table, and bodies of messages may be large. */
const PAGES: Readonly<Partial<Record<TableName, number>>> = { metric_history: 10_000, job_history: 5000 };
const PAGE = 1000;

export function tableStore(connection: Connection): TableStore {
  return {
    rowsOf: (table) => rowsOf(connection, table),
    async putRows(table, rows) {
      const columns = columnsOf(connection, table);
      const put = `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${placeholders(columns)})`;
      connection.atomically(() => {
        for (const row of rows) connection.run(put, ...valuesOf(row, columns));
      });
    },
  };
}

/** Each page is asked for behind the last key, so that nothing is open between two pages. */
async function* rowsOf(connection: Connection, table: TableName): AsyncIterable<readonly TableRow[]> {
  const key = TABLE_KEYS[table];
  const order = key.join(', ');
  const behind = `SELECT * FROM ${table} WHERE (${order}) > (${placeholders(key)}) ORDER BY ${order} LIMIT ?`;
  const size = PAGES[table] ?? PAGE;
  let rows: TableRow[] = connection.all(`SELECT * FROM ${table} ORDER BY ${order} LIMIT ?`, size);
  while (rows.length > 0) {
    yield rows;
    rows = connection.all(behind, ...valuesOf(rows.at(-1)!, key), size);
  }
}

/** Names of the columns, in the order of the schema. */
export function columnsOf(connection: Connection, table: TableName): string[] {
  return connection.all('SELECT name FROM pragma_table_info(?)', table).map(({ name }) => String(name));
}

export function valuesOf(row: TableRow, columns: readonly string[]): SqlValue[] {
  return columns.map((column) => row[column] ?? null);
}

export function placeholders(columns: readonly string[]): string {
  return columns.map(() => '?').join(', ');
}
