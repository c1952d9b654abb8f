import { constants, DatabaseSync } from 'node:sqlite';
import { PortError } from '../../ports/error.ts';
import type { HistoryViews } from '../../ports/history.ts';
import { translateError } from './database.ts';
import { isOneStatement } from './one-statement.ts';

/** The name the tutorial's queries qualify tables with. */
const DATASET = 'metrics_handler_dataset';

const READING: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);

/**
 * Runs one reading statement on a connection of its own. Read-only is not enough: SQLite would still let
 * `VACUUM INTO` write a file, so the statement may do nothing but read, which an authorizer holds it to.
 */
export function queryFile(file: string, sql: string): ReturnType<HistoryViews['query']> {
  if (!isOneStatement(sql)) {
    throw new PortError('invalid', 'Cannot run the query: it must be one SQL statement');
  }
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.prepare(`ATTACH ? AS ${DATASET}`).run(file);
    database.setAuthorizer((action) => (READING.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY));
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    const columns = statement.columns().map(({ name }) => name);
    return Promise.resolve({ columns, rows: rowsOf(database, statement.iterate()) });
  } catch (error) {
    database.close();
    throw queryError(error, file);
  }
}

function* rowsOf(database: DatabaseSync, rows: Iterable<unknown>): Iterable<readonly unknown[]> {
  try {
    for (const row of rows) yield (row as unknown[]).map(plain);
  } finally {
    database.close();
  }
}

/** Integers come as BigInt, so that none is refused; those a number cannot hold stay exact as text. */
function plain(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

const SQLITE_AUTH = 23;
const SQLITE_ERROR = 1;

function queryError(error: unknown, file: string): unknown {
  const { errcode, message } = error as { errcode?: number; message: string };
  if (errcode === SQLITE_AUTH) {
    return new PortError('invalid', `Cannot run the query: it may only read (${message})`, { cause: error });
  }
  if (errcode === SQLITE_ERROR || errcode === undefined) {
    return new PortError('invalid', `Cannot run the query: ${message}`, { cause: error });
  }
  return translateError(error, file);
}
