import type { QueryArrayResult } from 'pg';
import type { SourceReading } from '../../core/sources/reading.ts';
import { PortError } from '../../ports/error.ts';
import type { RemoteRequest, RemoteSource } from '../../ports/source.ts';
import { type Row, rowReader } from './reading.ts';
import { openSession, type PostgresOptions, type Session } from './session.ts';

export interface PostgresSourceOptions extends PostgresOptions {
  /** By which name the config file knows it. */
  readonly name: string;
}

type SqlRequest = Extract<RemoteRequest, { kind: 'sql' }>;

/** Rows in one answer. */
const PAGE = 1000;
const MOST_ROWS = 200_000;
const MOST_COLUMNS = 1000;
/** Cells stay as Postgres writes them: the client would make texts of some numbers and dates of times. */
const AS_WRITTEN = { getTypeParser: () => (text: string) => text };
/** So that numbers and times are written in one way whatever the server's settings are. */
const SETTINGS =
  "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex'";

/**
 * Metrics out of Postgres, one query a reading, in a transaction that can write nothing. The query is the declaration
 * of a cursor, so it is one SELECT (or VALUES, or WITH without changes) and nothing behind it; what differs between runs
 * is in its parameters. One query at a time is asked: a team's database has other work.
 */
export function postgresSource(options: PostgresSourceOptions): RemoteSource {
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = before.then(work);
    before = mine.catch(() => {});
    return mine;
  };
  return {
    read: (request) => inTurn(() => read(request, options)),
    close: async () => {},
  };
}

async function read(request: RemoteRequest, options: PostgresSourceOptions): Promise<SourceReading> {
  const cannot = `Cannot read the query from the connection ${options.name}`;
  try {
    if (request.kind !== 'sql') throw new PortError('invalid', 'it is a database of Postgres');
    const session = await openSession(options, { slow: 'make it faster, with an index or fewer rows' });
    try {
      return await answerOf(request, session);
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    throw new PortError(error.code, `${cannot}: ${error.message}`, { cause: error });
  }
}

async function answerOf({ query, parameters }: SqlRequest, { rows }: Session): Promise<SourceReading> {
  for (const text of SETTINGS.split('; ')) await rows({ text, rowMode: 'array' });
  const text = `DECLARE tidemark_rows NO SCROLL CURSOR FOR ${query.replace(/;\s*$/, '')}`;
  // In the extended protocol a text is one statement; the simple one would run what follows a semicolon, too.
  await rows({ text, values: [...parameters], rowMode: 'array', queryMode: 'extended' });
  const fetch = (count: number): Promise<QueryArrayResult<(string | null)[]>> =>
    rows({ text: `FETCH ${count} FROM tidemark_rows`, rowMode: 'array', types: AS_WRITTEN });
  // Its columns first: what is no number is refused before a row of it comes.
  const { fields } = await fetch(0);
  if (fields.length > MOST_COLUMNS)
    throw new PortError('invalid', `it has ${fields.length} columns; ${MOST_COLUMNS} are the most`);
  const reader = rowReader(fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })));
  for (let count = 0; ; ) {
    const page: readonly Row[] = (await fetch(PAGE)).rows;
    count += page.length;
    if (count > MOST_ROWS)
      throw new PortError('invalid', `it gives more than ${MOST_ROWS} rows; aggregate them in the query`);
    reader.take(page);
    if (page.length < PAGE) return reader.reading();
  }
}
