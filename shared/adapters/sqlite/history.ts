import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PortError } from '../../ports/error.ts';
import type { History } from '../../ports/history.ts';
import type { TableStore } from '../../ports/tables.ts';
import { actionStore } from './actions.ts';
import { type Connection, connect, openError, type SqlDatabase } from './database.ts';
import { earlierRuns } from './earlier.ts';
import { episodeStore } from './episodes.ts';
import { eventStore } from './events.ts';
import { migrate } from './migrations.ts';
import { outbox } from './outbox.ts';
import { runRecorder } from './recorder.ts';
import { runIndex } from './run-index.ts';
import { tableStore } from './tables.ts';
import { historyViews } from './views.ts';

export interface SqliteHistoryOptions {
  readonly file: string;
  /** False: a missing file is an error (`not-found`) and none is made. */
  readonly create?: boolean;
  /** Opens the database; a test passes its own to stop at every effect. */
  readonly open?: (file: string) => SqlDatabase;
}

/** 16 MB of log before it is taken over into the file: by then many runs have changed the same pages. */
const LOG_PAGES = 4000;

/** History in one SQLite file, in WAL mode so that people can read while a tick writes. */
export function sqliteHistory({
  file,
  create = true,
  open = openFile,
}: SqliteHistoryOptions): History & TableStore {
  if (!create && !existsSync(file)) {
    throw new PortError(
      'not-found',
      `There is no history at ${file} yet; run "tidemark tick" or "tidemark backfill" first`,
    );
  }
  const connection = connect(openTranslated(file, open), file);
  try {
    migrate(connection, file);
    // FULL is the default and stays, but for `atomicallySoon`: a row that was promised survives a power cut.
    connection.exec('PRAGMA journal_mode = WAL');
    connection.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
  } catch (error) {
    connection.close();
    throw error;
  }
  return { ...historyOn(connection, file), ...tableStore(connection) };
}

/** The history on a connection that has the tables. */
export function historyOn(connection: Connection, place: string): History {
  return {
    ...eventStore(connection),
    ...runIndex(connection),
    ...earlierRuns(connection),
    ...runRecorder(connection),
    ...episodeStore(connection),
    ...actionStore(connection),
    ...outbox(connection),
    ...historyViews(connection, place),
    // Nothing is held back: what `atomicallySoon` wrote is in the file, or waits for the disk with all behind it.
    flush: async () => {},
    close: async () => connection.close(),
  };
}

function openTranslated(file: string, open: (file: string) => SqlDatabase): SqlDatabase {
  try {
    mkdirSync(dirname(file), { recursive: true });
    refuseSnippet(file);
    return open(file);
  } catch (error) {
    throw openError(error, file);
  }
}

/** The smallest page of SQLite. */
const SMALLEST_PAGE = 512;

/** SQLite takes a file that is too short to be a database for an empty one, and would write over it. */
function refuseSnippet(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size === 0 || found.size >= SMALLEST_PAGE) return;
  throw new PortError(
    'invalid',
    `Cannot use history ${file}: it is not a database; it was not changed. Name another file with --history`,
  );
}

/** How long a statement waits for another process's transaction. */
const BUSY_TIMEOUT_MS = 5000;

export function openFile(file: string): SqlDatabase {
  return new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS }) as unknown as SqlDatabase;
}
