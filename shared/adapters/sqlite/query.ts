import { constants, DatabaseSync } from 'node:sqlite';
import { PortError } from '../../ports/error.ts';
import type { HistoryViews } from '../../ports/history.ts';
import { openError, translateError } from './database.ts';
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
  const database = openReading(file);
  try {
    database.prepare(`ATTACH ? AS ${DATASET}`).run(file);
    database.setAuthorizer((action) => (READING.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY));
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    const columns = statement.columns().map(({ name }) => name);
    // VACUUM is refused only when it runs, which would be at the first row.
    if (columns.length === 0) throw new PortError('invalid', 'Cannot run the query: it may only read');
    const rows = rowsOf(statement.iterate(), { file, done: () => database.close() });
    return Promise.resolve({ columns, rows });
  } catch (error) {
    database.close();
    throw queryError(error, file);
  }
}

/** A reader meets a lock only for moments, while another process opens or closes the file. */
const BUSY_TIMEOUT_MS = 5000;

function openReading(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw openError(error, file);
  }
}

function* rowsOf(
  rows: Iterable<unknown>,
  { file, done }: { file: string; done: () => void },
): Iterable<readonly unknown[]> {
  try {
    for (const row of rows) yield (row as unknown[]).map(plain);
  } catch (error) {
    // Some mistakes show in a row only: an overflow, a text that is not JSON.
    throw queryError(error, file);
  } finally {
    done();
  }
}

/** Integers come as BigInt, so that none is refused; those a number cannot hold stay exact as text. */
function plain(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

const SQLITE_AUTH = 23;

/** What is wrong with the store keeps its own code; everything else is wrong with the query. */
function queryError(error: unknown, file: string): PortError {
  const translated = translateError(error, file);
  if (translated instanceof PortError) return translated;
  const { errcode, message } = error as { errcode?: number; message: string };
  const said = errcode === SQLITE_AUTH ? `it may only read (${message})` : message;
  return new PortError('invalid', `Cannot run the query: ${said}`, { cause: error });
}
