import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { TABLE_KEYS, TABLE_NAMES } from '../../ports/tables.ts';
import { MIGRATIONS } from '../sqlite/migrations.ts';
import { stateOf, tableMetadata } from './schema.ts';
import { type ColumnType, JOURNAL, TABLES, tableOf } from './tables.ts';

/** What SQLite's types may be in BigQuery. */
const SAME: Readonly<Record<string, readonly ColumnType[]>> = {
  TEXT: ['STRING', 'TIMESTAMP', 'JSON'],
  INTEGER: ['INT64'],
  REAL: ['FLOAT64'],
  BLOB: ['BYTES'],
};

interface SqliteColumn {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
}

function sqliteColumns(table: string): SqliteColumn[] {
  const database = new DatabaseSync(':memory:');
  for (const step of MIGRATIONS) database.exec(step);
  const columns = database.prepare('SELECT * FROM pragma_table_info(?)').all(table);
  database.close();
  return columns as unknown as SqliteColumn[];
}

describe('tables have the columns of SQLite', () => {
  test.each(TABLE_NAMES)('%s', (name) => {
    const sqlite = sqliteColumns(name);
    const { columns } = tableOf(name);
    expect(columns.map((column) => column.name)).toStrictEqual(sqlite.map((column) => column.name));
    expect(columns.map(({ required }) => required)).toStrictEqual(sqlite.map(({ notnull }) => notnull === 1));
    for (const [index, { type }] of columns.entries()) expect(SAME[sqlite[index]!.type]).toContain(type);
    const key = sqlite.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    expect([...TABLE_KEYS[name]]).toStrictEqual(key.map((column) => column.name));
  });

  test('and SQLite has no other table', () => {
    const database = new DatabaseSync(':memory:');
    for (const step of MIGRATIONS) database.exec(step);
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all();
    database.close();
    expect(tables.map(({ name }) => name)).toStrictEqual([...TABLE_NAMES].sort());
  });

  test('times are times: what is text and holds one is a TIMESTAMP', () => {
    const times = TABLES.flatMap(({ columns }) => columns).filter(({ name }) =>
      /(_at|^time|^at|^publish_time|timestamp)$/.test(name),
    );
    expect(times.length).toBeGreaterThan(20);
    for (const { type } of times) expect(type).toBe('TIMESTAMP');
  });
});

test('layouts name columns that are there, and of a type that can be laid out by', () => {
  for (const { columns, key, partition, cluster, kept } of [...TABLES, JOURNAL]) {
    const names = new Map(columns.map(({ name, type }) => [name, type]));
    for (const name of [...key, ...cluster, ...kept]) expect(names.has(name)).toBe(true);
    expect(cluster.length).toBeLessThanOrEqual(4);
    for (const name of cluster) expect(['STRING', 'INT64']).toContain(names.get(name));
    if (partition !== null) expect(names.get(partition)).toBe('TIMESTAMP');
  }
});

describe('a table that is there already', () => {
  const table = tableOf('job_history');
  const fields = (
    tableMetadata(table) as { schema: { fields: { name: string; type: string; mode: string }[] } }
  ).schema.fields;

  test('is as it should be when the service tells its own definition in older words', () => {
    const older: Readonly<Record<string, string>> = { INT64: 'INTEGER', FLOAT64: 'FLOAT' };
    const told = fields.map((field) => ({ ...field, type: older[field.type] ?? field.type }));
    expect(stateOf(table, told)).toStrictEqual({
      table,
      missing: false,
      add: [],
      wrong: [],
      remedies: [],
    });
  });

  test('gets the columns it lacks, and keeps those that others added', () => {
    const told = [
      ...fields.filter(({ name }) => !['run_id', 'labels'].includes(name)),
      { name: 'team', type: 'STRING', mode: 'NULLABLE' },
    ];
    const { add, wrong } = stateOf(table, told);
    expect([add.map(({ name }) => name), wrong]).toStrictEqual([['run_id', 'labels'], []]);
  });

  test.each([
    [
      { name: 'attempt', type: 'STRING', mode: 'NULLABLE' },
      /attempt.*is STRING and has to be INT64/,
      ['RENAME COLUMN `attempt` TO `attempt_before`'],
    ],
    [
      { name: 'msg_publish_time', type: 'STRING', mode: 'REQUIRED' },
      /msg_publish_time.*is STRING and has to be INT64/,
      [
        'ALTER COLUMN `msg_publish_time` DROP NOT NULL',
        'RENAME COLUMN `msg_publish_time` TO `msg_publish_time_before`',
      ],
    ],
    [
      { name: 'uuid', type: 'STRING', mode: 'REPEATED' },
      /uuid.*REPEATED STRING/,
      ['RENAME COLUMN `uuid` TO `uuid_before`'],
    ],
    [
      { name: 'team', type: 'STRING', mode: 'REQUIRED' },
      /team.*none of ours.*relax/,
      ['ALTER COLUMN `team` DROP NOT NULL'],
    ],
    [
      { name: 'job_duration_sec', type: 'INTEGER', mode: 'REQUIRED' },
      /job_duration_sec.*is INT64 and has to be FLOAT64/,
      [
        'ALTER COLUMN `job_duration_sec` DROP NOT NULL',
        'ALTER COLUMN `job_duration_sec` SET DATA TYPE FLOAT64',
      ],
    ],
    [
      { name: 'test_type', type: 'STRING', mode: 'REQUIRED' },
      /test_type.*is REQUIRED and has to be NULLABLE/,
      ['ALTER COLUMN `test_type` DROP NOT NULL'],
    ],
  ])('is refused when it has %o, with what to do', (field, says, todo) => {
    const told = [...fields.filter(({ name }) => name !== field.name), field];
    const { wrong, remedies } = stateOf(table, told);
    expect(wrong).toStrictEqual([expect.stringMatching(says)]);
    expect(remedies).toStrictEqual(todo);
  });

  test('is missing when nobody made it', () => {
    expect(stateOf(table, null).missing).toBe(true);
  });
});
