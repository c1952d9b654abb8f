import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { day, ended, job, judge, metric, recordOf } from '../../../test/support/history-rows.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { PortError } from '../../ports/error.ts';
import type { History } from '../../ports/history.ts';
import { sqliteHistory } from './history.ts';

/** A history with one run, its folder, and the answer to a query as arrays. */
async function filled() {
  const folder = temporaryFolder();
  const history = sqliteHistory({ file: join(folder, 'tidemark.db') });
  const run = ended('a', 1);
  await judge(history, run, [metric('loss', 0.5)]);
  await history.record({ ...recordOf(run, [metric('loss', 0.5)]), job: job(run, { labels: { k: 'v' } }) });
  return { folder, history, ask: async (sql: string) => await answer(history, sql) };
}

async function answer(history: History, sql: string) {
  const { columns, rows } = await history.query(sql);
  return { columns, rows: [...rows] };
}

const JOB_COLUMNS = [
  'uuid run_id attempt test_name test_type accelerator framework_version job_status num_failures',
  'job_duration_sec timestamp started_at finished_at stackdriver_logs_link logs_download_command',
  'kubernetes_workload_link msg_publish_time verdict labels schema_version ingested_at',
].flatMap((line) => line.split(' '));

const METRIC_COLUMNS = [
  'uuid run_id test_name timestamp metric_name metric_value value_kind metric_lower_bound',
  'metric_upper_bound verdict reason baseline_n ingested_at baseline',
].flatMap((line) => line.split(' '));

test('the tables of the contract have its columns in its order, under both names', async () => {
  const { history, ask } = await filled();
  for (const prefix of ['', 'metrics_handler_dataset.']) {
    expect((await ask(`SELECT * FROM ${prefix}job_history`)).columns).toStrictEqual(JOB_COLUMNS);
    expect((await ask(`SELECT * FROM ${prefix}metric_history`)).columns).toStrictEqual(METRIC_COLUMNS);
  }
  await history.close();
});

test.each([
  'run_events',
  'alert_episodes',
  'alert_episode_events',
  'alert_actions',
  'alert_outbox',
  'rejected_messages',
  'ticks',
])('table %s can be asked under both names', async (table) => {
  const { history, ask } = await filled();
  expect((await ask(`SELECT count(*) FROM ${table}`)).rows).toStrictEqual([[0]]);
  expect((await ask(`SELECT count(*) FROM metrics_handler_dataset.${table}`)).rows).toStrictEqual([[0]]);
  await history.close();
});

test('times are text of fixed width, labels JSON text, publish time seconds', async () => {
  const { history, ask } = await filled();
  const sql = `SELECT timestamp, finished_at, started_at, ingested_at, labels, msg_publish_time FROM job_history`;
  expect((await ask(sql)).rows).toStrictEqual([
    [
      '2026-08-02T00:00:00.000Z',
      '2026-08-02T00:00:00.000Z',
      '2026-08-01T23:00:00.000Z',
      '2026-08-31T00:00:00.000Z',
      '{"k":"v"}',
      day(1) / 1000,
    ],
  ]);
  await history.close();
});

test('a tick that is recorded again is one row with what was said last', async () => {
  const { history, ask } = await filled();
  const tick = { tickId: 't', command: 'tick', startedAt: day(1), finishedAt: day(2), runs: 1, waiting: 2 };
  await history.recordTick({ ...tick, rejected: 3, mails: 4 });
  await history.recordTick({ ...tick, rejected: 3, mails: 5 });
  const { rows } = await ask('SELECT tick_id, runs, waiting, rejected, mails, started_at FROM ticks');
  expect(rows).toStrictEqual([['t', 1, 2, 3, 5, '2026-08-02T00:00:00.000Z']]);
  await history.close();
});

const ALLOWED: readonly (readonly [string, readonly unknown[]])[] = [
  ['SELECT run_id FROM job_history;', [['a']]],
  ['-- which; runs\nSELECT run_id /* ; */ FROM job_history; -- end;', [['a']]],
  [
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n',
    [[1], [2], [3]],
  ],
  [`SELECT json_extract(labels, '$.k') FROM job_history`, [['v']]],
  [`SELECT value FROM json_each('[1,2]')`, [[1], [2]]],
  ['SELECT avg(metric_value) OVER () FROM metric_history', [[0.5]]],
  [`SELECT 'a;b'`, [['a;b']]],
  ['SELECT j.run_id FROM job_history AS j JOIN metrics_handler_dataset.metric_history USING (uuid)', [['a']]],
  ['VALUES (1, NULL)', [[1, null]]],
  ['SELECT 9007199254740991, -9007199254740991', [[9007199254740991, -9007199254740991]]],
  ['SELECT 9007199254740992, -9007199254740993', [['9007199254740992', '-9007199254740993']]],
  ['SELECT 9223372036854775807', [['9223372036854775807']]],
  ['SELECT 0.1 + 0.2, 1e308, 5e-324', [[0.1 + 0.2, 1e308, 5e-324]]],
  [`SELECT x'00ff'`, [[new Uint8Array([0, 255])]]],
  ['SELECT 1 WHERE 0', []],
];

test.each(ALLOWED)('%s', async (sql, expected) => {
  const { history, ask } = await filled();
  expect((await ask(sql)).rows).toStrictEqual(expected);
  await history.close();
});

test('columns keep their names, also when two are equal or none is given', async () => {
  const { history, ask } = await filled();
  const { columns, rows } = await ask(`SELECT 1 AS a, 2 AS a, 3 AS "x y", run_id FROM job_history`);
  expect(columns).toStrictEqual(['a', 'a', 'x y', 'run_id']);
  expect(rows).toStrictEqual([[1, 2, 3, 'a']]);
  await history.close();
});

const REFUSED: readonly string[] = [
  `VACUUM INTO 'FOLDER/copy.db'`,
  'VACUUM',
  'DELETE FROM job_history',
  'DELETE FROM metrics_handler_dataset.job_history',
  `INSERT INTO ticks SELECT * FROM ticks`,
  `UPDATE job_history SET verdict = 'pass'`,
  'DROP TABLE job_history',
  'CREATE TABLE x (a)',
  'CREATE TEMP TABLE x AS SELECT 1',
  'CREATE VIEW v AS SELECT 1',
  `ATTACH 'FOLDER/other.db' AS other`,
  'DETACH metrics_handler_dataset',
  'PRAGMA user_version = 7',
  'PRAGMA journal_mode = DELETE',
  'PRAGMA table_info(job_history)',
  'BEGIN EXCLUSIVE',
  'REINDEX',
  'ANALYZE',
  'SELECT 1; SELECT 2',
  'SELECT 1; DELETE FROM job_history',
  'EXPLAIN DELETE FROM job_history',
  'WITH x AS (SELECT 1) DELETE FROM job_history',
  '',
  ';',
  '-- nothing',
  'SELEC 1',
  'SELECT * FROM no_such_table',
  'SELECT no_such_column FROM job_history',
];

test.each(REFUSED)('refused: %s', async (sql) => {
  const { folder, history, ask } = await filled();
  const refusal = await history.query(sql.replace('FOLDER', folder)).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(PortError);
  expect(refusal).toMatchObject({ code: 'invalid', retryable: false });
  expect((await ask('SELECT run_id, verdict FROM job_history')).rows).toStrictEqual([['a', 'pass']]);
  await history.close();
  expect(readdirSync(folder)).toStrictEqual(['tidemark.db']);
});

test('no extension can be loaded', async () => {
  const { history, ask } = await filled();
  await expect(ask(`SELECT load_extension('x')`)).rejects.toMatchObject({ code: 'invalid' });
  await history.close();
});

test('a mistake that shows only in a row is said in our words', async () => {
  const { folder, history } = await filled();
  const { rows } = await history.query('SELECT abs(column1) FROM (VALUES (1), (-9223372036854775808))');
  expect(() => [...rows]).toThrow(new PortError('invalid', 'Cannot run the query: integer overflow'));
  await history.close();
  expect(existsSync(join(folder, 'tidemark.db-wal'))).toBe(false);
});

test('a query that is not read to its end lets go of the file', async () => {
  const { folder, history } = await filled();
  const { rows } = await history.query(`SELECT value FROM json_each('[1,2,3]')`);
  for (const row of rows) {
    expect(row).toStrictEqual([1]);
    break;
  }
  await history.close();
  // The last connection that closes takes the write-ahead log away.
  expect(readdirSync(folder)).toStrictEqual(['tidemark.db']);
});

test('a query sees what was written just before, and a tick can write while it is read', async () => {
  const { history, ask } = await filled();
  const { rows } = await history.query('SELECT run_id FROM job_history ORDER BY run_id');
  const seen = rows[Symbol.iterator]();
  expect(seen.next().value).toStrictEqual(['a']);
  await judge(history, ended('b', 2));
  expect(seen.next().done).toBe(true);
  expect((await ask('SELECT run_id FROM job_history ORDER BY run_id')).rows).toStrictEqual([['a'], ['b']]);
  await history.close();
});
