import { PortError } from '../../ports/error.ts';

export type SqlValue = null | number | string | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What the adapter needs of a prepared statement. */
export interface SqlStatement {
  run(...parameters: SqlValue[]): unknown;
  all(...parameters: SqlValue[]): SqlRow[];
}

/** What the adapter needs of a database; a test wraps it to stop at every effect. */
export interface SqlDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqlStatement;
  close(): void;
}

/** A database with its statements prepared once, and errors in our words. */
export interface Connection {
  run(sql: string, ...parameters: SqlValue[]): void;
  all(sql: string, ...parameters: SqlValue[]): SqlRow[];
  first(sql: string, ...parameters: SqlValue[]): SqlRow | undefined;
  exec(sql: string): void;
  /** Runs `work` in one transaction that takes the write lock first; all of it happens or nothing. */
  atomically<T>(work: () => T): T;
  /**
   * As `atomically`, without waiting for the disk. A power cut may take it back, with all that came after it and
   * never in parts; whatever `atomically` or `run` writes later carries it to the disk too.
   */
  atomicallySoon<T>(work: () => T): T;
  close(): void;
}

/** Wraps a database; `place` is what messages call it. */
export function connect(database: SqlDatabase, place: string): Connection {
  const statements = new Map<string, SqlStatement>();
  const translated = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw translateError(error, place);
    }
  };
  const prepared = (sql: string): SqlStatement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const exec = (sql: string) => translated(() => database.exec(sql));
  return {
    exec,
    run: (sql, ...parameters) => translated(() => void prepared(sql).run(...parameters)),
    all: (sql, ...parameters) => translated(() => prepared(sql).all(...parameters)),
    first: (sql, ...parameters) => translated(() => prepared(sql).all(...parameters)[0]),
    atomically: (work) => atomically(exec, work),
    atomicallySoon: (work) => {
      // In WAL mode this leaves out the flush of each commit; the log stays a prefix of what was written.
      exec('PRAGMA synchronous = NORMAL');
      try {
        return atomically(exec, work);
      } finally {
        exec('PRAGMA synchronous = FULL');
      }
    },
    close: () => {
      statements.clear();
      database.close();
    },
  };
}

function atomically<T>(exec: (sql: string) => void, work: () => T): T {
  // IMMEDIATE: a deferred transaction that upgrades to writing fails at once, busy timeout or not.
  exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    exec('COMMIT');
    return result;
  } catch (error) {
    try {
      exec('ROLLBACK');
    } catch {
      // The first error says what went wrong; SQLite has rolled back by itself on a full disk.
    }
    throw error;
  }
}

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** One of SQLite's errors in the closed set of the ports, with the next step in the message. */
export function translateError(error: unknown, place: string): unknown {
  if (error instanceof PortError) return error;
  const { errcode } = error as { errcode?: number };
  if (errcode === undefined) return error;
  const cause = { cause: error };
  const said = (error as Error).message;
  switch (errcode & 0xff) {
    case BUSY:
    case LOCKED:
      return new PortError('busy', `History ${place} is locked by another process; try again`, cause);
    case FULL:
      return new PortError(
        'full',
        `Cannot write history ${place}: the disk is full; nothing was changed`,
        cause,
      );
    case CORRUPT:
    case NOTADB:
      return new PortError(
        'invalid',
        `Cannot read history ${place}: ${said}; it was not changed. Move it away or restore a copy`,
        cause,
      );
    case CANTOPEN:
    case READONLY:
      return new PortError('denied', `Cannot open history ${place}: ${said}`, cause);
    case IOERR:
      return new PortError('unavailable', `Cannot use history ${place}: ${said}`, cause);
    default:
      return error;
  }
}

/** Why a database cannot be opened, whether SQLite or the file system says so. */
export function openError(error: unknown, place: string): PortError {
  const translated = translateError(error, place);
  if (translated instanceof PortError) return translated;
  return new PortError('denied', `Cannot open history ${place}: ${(error as Error).message}`, {
    cause: error,
  });
}
