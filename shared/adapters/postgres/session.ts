import pg from 'pg';
import { type PostgresPlace, portError } from './errors.ts';

export interface PostgresOptions {
  /** postgres://USER@HOST:5432/DATABASE, without a password. */
  readonly url: string;
  readonly password: string | undefined;
  /** Milliseconds that one statement may take. */
  readonly timeout: number;
}

/** The extended protocol takes one statement; the types of the client do not know of it. */
export interface SessionQuery extends pg.QueryArrayConfig {
  readonly queryMode?: 'extended';
}

/** One transaction that can write nothing; all that it answers is from one moment. */
export interface Session {
  /** Throws PortError. */
  rows(query: SessionQuery): Promise<pg.QueryArrayResult>;
  close(): Promise<void>;
}

const CONNECT_MS = 10_000;

/** Throws PortError. `slow` says where somebody can give a statement more time. */
export async function openSession(
  { url, password, timeout }: PostgresOptions,
  { slow }: { readonly slow: string },
): Promise<Session> {
  const { host, pathname } = new URL(url);
  const place: PostgresPlace = { name: `${host}${pathname}`, slow };
  const client = new pg.Client({
    connectionString: withPassword(url, password),
    application_name: 'tidemark',
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: timeout,
    // The server may be silent: a little more than it is allowed.
    query_timeout: timeout + CONNECT_MS,
  });
  let broken: unknown = null;
  client.on('error', (error) => {
    broken = error;
  });
  const rows: Session['rows'] = async (query) => {
    try {
      return await client.query(query);
    } catch (error) {
      throw portError(broken ?? error, place);
    }
  };
  const close = () => client.end().catch(() => {});
  try {
    await client.connect();
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  } catch (error) {
    await close();
    throw portError(broken ?? error, place);
  }
  return { rows, close };
}

/** The client takes whatever the URL says over its own options, and that is no password. */
function withPassword(text: string, password: string | undefined): string {
  const url = new URL(text);
  url.password = encodeURIComponent(password ?? '');
  return url.href;
}
