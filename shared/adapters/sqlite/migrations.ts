import { PortError } from '../../ports/error.ts';
import type { Connection } from './database.ts';
import { BASELINES, DECISIONS, EPISODES, GATE, INITIAL } from './schema.ts';

/** Marks a SQLite file as Tidemark's ("TIDE" in ASCII), so that no other program's database is ever touched. */
const APPLICATION_ID = 0x54494445;

/** Forward only, one transaction each; the number of a step is the schema version it leads to. */
export const MIGRATIONS: readonly string[] = [INITIAL, EPISODES, BASELINES, DECISIONS, GATE];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings an empty or older database to the newest schema; refuses one that is not ours or is newer. */
export function migrate(connection: Connection, place: string): void {
  if (versionOf(connection, place) === SCHEMA_VERSION) return;
  connection.atomically(() => {
    // Read again: another process may have migrated while we waited for the lock.
    for (let version = versionOf(connection, place); version < SCHEMA_VERSION; version++) {
      connection.exec(MIGRATIONS[version]!);
      connection.exec(`PRAGMA user_version = ${version + 1}`);
    }
    connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  });
}

function versionOf(connection: Connection, place: string): number {
  const application = pragma(connection, 'application_id');
  const version = pragma(connection, 'user_version');
  const [tables] = Object.values(connection.first('SELECT count(*) FROM sqlite_schema') ?? {});
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || tables !== 0)) {
    throw new PortError(
      'invalid',
      `Cannot use history ${place}: it is a database of another program; it was not changed. Name another file with --history`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new PortError(
      'newer',
      `Cannot use history ${place}: its schema is version ${version} and this Tidemark knows up to ${SCHEMA_VERSION}; it was not changed. Install the newer Tidemark that wrote it`,
    );
  }
  return version;
}

function pragma(connection: Connection, name: string): number {
  return Number(Object.values(connection.first(`PRAGMA ${name}`) ?? {})[0]);
}
