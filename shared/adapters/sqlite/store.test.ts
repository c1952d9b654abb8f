import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { ended, judge, metric, tasks } from '../../../test/support/history-rows.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { PortError } from '../../ports/error.ts';
import { openFile, sqliteHistory } from './history.ts';
import { SCHEMA_VERSION } from './migrations.ts';

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}

/** A file with a history that was closed. */
async function closedHistory(runs = 3): Promise<string> {
  const file = join(temporaryFolder(), 'tidemark.db');
  const history = sqliteHistory({ file });
  for (let i = 0; i < runs; i++) await judge(history, ended(`r${i}`, i), [metric('loss', i)]);
  await history.close();
  return file;
}

function withDatabase(file: string, work: (database: DatabaseSync) => void): string {
  const database = new DatabaseSync(file);
  work(database);
  database.close();
  return file;
}

const fresh = () => join(temporaryFolder(), 'tidemark.db');

interface Refusal {
  readonly sentence: string;
  readonly make: () => Promise<string>;
  readonly code: 'invalid' | 'newer';
  readonly says: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    sentence: 'a text file',
    make: async () => {
      const file = fresh();
      writeFileSync(file, 'tests:\n  my-test: {}\n'.repeat(100));
      return file;
    },
    code: 'invalid',
    says: /not a database/,
  },
  {
    sentence: 'a short text file',
    make: async () => {
      const file = fresh();
      writeFileSync(file, 'x');
      return file;
    },
    code: 'invalid',
    says: /not a database/,
  },
  {
    sentence: 'a history of which the second half is gone',
    make: async () => {
      const file = await closedHistory();
      truncateSync(file, readFileSync(file).length / 2);
      return file;
    },
    code: 'invalid',
    says: /malformed.*not changed/,
  },
  {
    sentence: 'a history whose table of tables is overwritten',
    make: async () => {
      const file = await closedHistory();
      writeFileSync(file, readFileSync(file).fill(0xff, 100, 4096));
      return file;
    },
    code: 'invalid',
    says: /malformed.*not changed/,
  },
  {
    sentence: 'a database of another program',
    make: async () => withDatabase(fresh(), (database) => database.exec('CREATE TABLE notes (text)')),
    code: 'invalid',
    says: /another program.*not changed/,
  },
  {
    sentence: 'a database of another program in WAL mode',
    make: async () =>
      withDatabase(fresh(), (database) => {
        database.exec('PRAGMA journal_mode = WAL');
        database.exec('CREATE TABLE runs (text)');
      }),
    code: 'invalid',
    says: /another program/,
  },
  {
    sentence: 'an empty database that another program has marked as its own',
    make: async () => withDatabase(fresh(), (database) => database.exec('PRAGMA application_id = 7')),
    code: 'invalid',
    says: /another program/,
  },
  {
    sentence: 'an empty database of which another program counts the version',
    make: async () => withDatabase(fresh(), (database) => database.exec('PRAGMA user_version = 1')),
    code: 'invalid',
    says: /another program/,
  },
  {
    sentence: 'a history of a newer schema',
    make: async () => {
      const newer = `PRAGMA user_version = ${SCHEMA_VERSION + 1}`;
      return withDatabase(await closedHistory(), (database) => database.exec(newer));
    },
    code: 'newer',
    says: new RegExp(`version ${SCHEMA_VERSION + 1} .*up to ${SCHEMA_VERSION}.*not changed.*newer Tidemark`),
  },
];

describe('refused, and not a byte of it changed', () => {
  test.each(REFUSALS)('$sentence', async ({ make, code, says }) => {
    const file = await make();
    const before = readFileSync(file);
    for (const create of [true, false]) {
      const error = thrown(() => sqliteHistory({ file, create }));
      expect(error).toBeInstanceOf(PortError);
      expect(error).toMatchObject({ code, retryable: false });
      expect((error as PortError).message).toMatch(says);
      expect((error as PortError).message).toContain(file);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

test('a page that is damaged is told when it is read', async () => {
  const file = await closedHistory(500);
  const bytes = readFileSync(file);
  expect(bytes.length).toBeGreaterThan(350_000);
  writeFileSync(file, bytes.fill(0xff, 250_000));
  const history = sqliteHistory({ file });
  await expect(history.series('t', 'loss', 99)).rejects.toMatchObject({ code: 'invalid' });
  await expect(
    history.query('SELECT * FROM metric_history').then(({ rows }) => [...rows]),
  ).rejects.toMatchObject({ code: 'invalid' });
  await history.close();
});

test('a folder in the place of the file is denied', () => {
  const file = fresh();
  mkdirSync(file);
  expect(thrown(() => sqliteHistory({ file }))).toMatchObject({ name: 'PortError', code: 'denied' });
  const below = join(fresh(), 'x');
  writeFileSync(join(below, '..'), 'a file');
  expect(thrown(() => sqliteHistory({ file: below }))).toMatchObject({ name: 'PortError', code: 'denied' });
});

test('a missing file is made with its folders, or not found when none is to be made', async () => {
  const file = join(fresh(), 'deep', 'tidemark.db');
  expect(thrown(() => sqliteHistory({ file, create: false }))).toMatchObject({ code: 'not-found' });
  await sqliteHistory({ file }).close();
  const history = sqliteHistory({ file, create: false });
  expect(await history.testNames()).toStrictEqual([]);
  await history.close();
});

test('an empty file is an empty history', async () => {
  const file = fresh();
  writeFileSync(file, '');
  const history = sqliteHistory({ file });
  await judge(history, ended('a', 1));
  await history.close();
});

test('what was written is there after closing and opening again', async () => {
  const file = await closedHistory();
  const history = sqliteHistory({ file });
  expect((await history.series('t', 'loss', 9)).map(({ value }) => value)).toStrictEqual([0, 1, 2]);
  expect(await tasks(history)).toStrictEqual([]);
  await history.close();
});

test('two opened at once see each other’s work', async () => {
  const file = fresh();
  const [one, other] = [sqliteHistory({ file }), sqliteHistory({ file })];
  await judge(one, ended('a', 1));
  expect(await other.testNames()).toStrictEqual(['t']);
  await one.close();
  await other.close();
});

test('a store that another process writes to for long is busy, and says so', async () => {
  const file = await closedHistory();
  const writer = new DatabaseSync(file);
  writer.exec('BEGIN IMMEDIATE');
  const history = sqliteHistory({ file, open: (path) => withPragma(path, 'busy_timeout = 20') });
  expect(await history.testNames()).toStrictEqual(['t']);
  await expect(judge(history, ended('a', 9))).rejects.toMatchObject({ code: 'busy', retryable: true });
  writer.exec('ROLLBACK');
  writer.close();
  await judge(history, ended('a', 9));
  await history.close();
});

function withPragma(file: string, pragma: string) {
  const database = openFile(file);
  database.exec(`PRAGMA ${pragma}`);
  return database;
}
