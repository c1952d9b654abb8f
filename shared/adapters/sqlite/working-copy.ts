import { DatabaseSync } from 'node:sqlite';
import {
  type RowChange,
  TABLE_KEYS,
  TABLE_NAMES,
  TABLE_TIMES,
  type TableChanges,
  type TableName,
  type TableRow,
  type WorkingCopy,
} from '../../ports/tables.ts';
import { type Connection, connect, type SqlDatabase } from './database.ts';
import { historyOn } from './history.ts';
import { migrate } from './migrations.ts';
import { columnsOf, placeholders, valuesOf } from './tables.ts';

const PLACE = 'in memory';

/** An empty history in memory that takes in rows of another store and notes every row that it changes. */
export function sqliteWorkingCopy(): WorkingCopy {
  const connection = connect(new DatabaseSync(':memory:') as unknown as SqlDatabase, PLACE);
  migrate(connection, PLACE);
  connection.exec(CHANGES);
  for (const table of TABLE_NAMES) connection.exec(triggersOf(table));
  return {
    ...historyOn(connection, PLACE),
    load: (table, rows) => load(connection, table, rows),
    rowsWith: (table, column, values) =>
      connection.all(
        `SELECT * FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?))`,
        JSON.stringify(values),
      ),
    changes: () => changesOf(connection),
    clean: () => connection.run('DELETE FROM temp.changes'),
  };
}

const CHANGES = `
CREATE TEMP TABLE loading (now INTEGER NOT NULL);
INSERT INTO loading VALUES (0);
CREATE TEMP TABLE changes (
  table_name TEXT NOT NULL,
  first TEXT NOT NULL,
  second TEXT NOT NULL,
  low TEXT,
  high TEXT,
  PRIMARY KEY (table_name, first, second)
) WITHOUT ROWID`;

/** Triggers that note the key of each row that is written, and where it stood in time before and after. */
function triggersOf(table: TableName): string {
  const column = TABLE_TIMES[table];
  const note = (row: 'NEW' | 'OLD') => {
    const [first, second] = TABLE_KEYS[table];
    const time = column === undefined ? 'NULL' : `${row}.${column}`;
    return `INSERT INTO changes VALUES
        ('${table}', ${row}.${first}, ${second === undefined ? "''" : `${row}.${second}`}, ${time}, ${time})
      ON CONFLICT (table_name, first, second) DO UPDATE
        SET low = min(low, excluded.low), high = max(high, excluded.high);`;
  };
  const on = { INSERT: note('NEW'), UPDATE: note('OLD') + note('NEW'), DELETE: note('OLD') };
  return Object.entries(on)
    .map(
      ([event, notes]) => `CREATE TEMP TRIGGER note_${event}_${table} AFTER ${event} ON main.${table}
        WHEN (SELECT now FROM loading) = 0 BEGIN ${notes} END;`,
    )
    .join('\n');
}

function load(connection: Connection, table: TableName, rows: readonly TableRow[]): void {
  const columns = columnsOf(connection, table);
  const [first, second] = TABLE_KEYS[table];
  const sql = `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) SELECT ${placeholders(columns)}
    WHERE NOT EXISTS (SELECT 1 FROM temp.changes WHERE table_name = '${table}' AND first = ? AND second = ?)`;
  connection.atomically(() => {
    connection.run('UPDATE temp.loading SET now = 1');
    for (const row of rows) {
      const key = [row[first] ?? '', second === undefined ? '' : (row[second] ?? '')];
      connection.run(sql, ...valuesOf(row, columns), ...key);
    }
    connection.run('UPDATE temp.loading SET now = 0');
  });
}

function changesOf(connection: Connection): TableChanges {
  const changes = new Map<TableName, RowChange[]>();
  for (const table of TABLE_NAMES) {
    const [first, second] = TABLE_KEYS[table];
    const noted = connection.all(
      `SELECT first, second, low, high FROM temp.changes WHERE table_name = ? ORDER BY first, second`,
      table,
    );
    if (noted.length === 0) continue;
    const found = `SELECT * FROM ${table} WHERE ${first} = ?${second === undefined ? '' : ` AND ${second} = ?`}`;
    changes.set(
      table,
      noted.map((note) => {
        const key = [note.first, ...(second === undefined ? [] : [note.second])] as string[];
        const between = note.low === null ? null : ([note.low, note.high] as [string, string]);
        return { key, row: connection.first(found, ...key) ?? null, between };
      }),
    );
  }
  return changes;
}
