import { TABLE_KEYS, type TableName, type TableRow, type TableStore } from '../../ports/tables.ts';
import type { Connection, SqlValue } from './database.ts';

const PAGE = 1000;

export function tableStore(connection: Connection): TableStore {
  return {
    rowsOf: (table) => rowsOf(connection, table),
    async putRows(table, rows) {
      const columns = columnsOf(connection, table);
      connection.atomically(() => {
        for (const row of rows) putRow(connection, row, { table, columns });
      });
    },
  };
}

/** Each page is asked for behind the last key, so that nothing is open between two pages. */
async function* rowsOf(connection: Connection, table: TableName): AsyncIterable<readonly TableRow[]> {
  const key = TABLE_KEYS[table];
  const order = key.join(', ');
  const behind = `SELECT * FROM ${table} WHERE (${order}) > (${placeholders(key)}) ORDER BY ${order} LIMIT ?`;
  let rows: TableRow[] = connection.all(`SELECT * FROM ${table} ORDER BY ${order} LIMIT ?`, PAGE);
  while (rows.length > 0) {
    yield rows;
    rows = connection.all(behind, ...valuesOf(rows.at(-1)!, key), PAGE);
  }
}

function putRow(
  connection: Connection,
  row: TableRow,
  { table, columns }: { readonly table: TableName; readonly columns: readonly string[] },
): void {
  connection.run(
    `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${placeholders(columns)})`,
    ...valuesOf(row, columns),
  );
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
