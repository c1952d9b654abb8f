import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Loaded, Remote } from '../../shared/adapters/bigquery/remote.ts';
import { tableOf } from '../../shared/adapters/bigquery/tables.ts';
import { sqliteHistory } from '../../shared/adapters/sqlite/history.ts';
import { formatTime } from '../../shared/core/time.ts';
import {
  TABLE_KEYS,
  TABLE_TIMES,
  type TableChanges,
  type TableName,
  type TableRow,
} from '../../shared/ports/tables.ts';

interface SqliteRemote extends Remote {
  readonly writes: () => number;
  readonly close: () => void;
}

/** A remote whose rows lie in a SQLite file: what BigQuery's statements choose, in SQLite's words. */
export function sqliteRemote(file: string): SqliteRemote {
  const database = new DatabaseSync(file);
  let writes = 0;
  const rows = (sql: string, ...values: SQLInputValue[]) =>
    database.prepare(sql).all(...values) as unknown as TableRow[];
  const loaded = (table: TableName, sql: string, ...values: SQLInputValue[]): Loaded => [
    [table, rows(sql, ...values)],
  ];
  const isIn = (column: string) => `${column} IN (SELECT value FROM json_each(?))`;
  const json = JSON.stringify;
  return {
    writes: () => writes,
    opening: async () => [
      ...loaded('threads', 'SELECT * FROM threads WHERE unsettled = 1'),
      ...loaded('runs', 'SELECT * FROM runs WHERE outcome IS NULL OR to_judge > 0'),
      ...loaded('alerts', 'SELECT * FROM alerts WHERE waiting = 1'),
      ...loaded('alert_actions', 'SELECT * FROM alert_actions'),
    ],
    events: async (threads) =>
      loaded('run_events', `SELECT * FROM run_events WHERE ${isIn('thread')}`, json(threads)),
    otherThreads: async (keys, threads) =>
      rows(
        `SELECT DISTINCT thread FROM run_events WHERE ${isIn('event_key')} AND NOT ${isIn('thread')}`,
        json(keys),
        json(threads),
      ).map(({ thread }) => String(thread)),
    rejections: async (ids) =>
      ids === null
        ? loaded('rejected_messages', 'SELECT * FROM rejected_messages')
        : loaded('rejected_messages', `SELECT * FROM rejected_messages WHERE ${isIn('id')}`, json(ids)),
    runs: async ({ threads, uuids }) =>
      loaded(
        'runs',
        `SELECT * FROM runs WHERE ${isIn('thread')} OR ${isIn('uuid')}`,
        json(threads),
        json(uuids),
      ),
    runsBehind: async (tests) =>
      tests.flatMap(({ testName, since }) =>
        loaded(
          'runs',
          'SELECT * FROM runs WHERE test_name = ? AND finished_at >= ?',
          testName,
          formatTime(since),
        ),
      ),
    runsBegun: async (testName, { from, until }) =>
      loaded(
        'runs',
        'SELECT * FROM runs WHERE test_name = ? AND begun_at BETWEEN ? AND ?',
        testName,
        formatTime(from),
        formatTime(until),
      ),
    series: async (tests, earliest) =>
      tests.flatMap(({ testName, since, depth }) => {
        const asked = [testName, formatTime(earliest), formatTime(since), depth] as const;
        return [
          ...loaded('metric_history', `${RANKED} SELECT m.* FROM ranked AS m WHERE ${CHOSEN}`, ...asked),
          ...loaded('job_history', JOBS, ...asked),
          ...loaded('alerts', ALERTS, ...asked.slice(0, 3)),
        ];
      }),
    episodes: async (names) =>
      loaded(
        'alert_episodes',
        `SELECT ${EPISODE_COLUMNS} FROM (${NEWEST}) WHERE nth = 1 OR record = greatest`,
        json(names),
      ),
    allEpisodes: async () => [
      ...loaded('alert_episodes', 'SELECT * FROM alert_episodes'),
      ...loaded('alert_episode_events', 'SELECT * FROM alert_episode_events'),
    ],
    notices: async (ids) => loaded('alerts', `SELECT * FROM alerts WHERE ${isIn('id')}`, json(ids)),
    mails: async (of) =>
      'keys' in of
        ? loaded('alert_outbox', `SELECT * FROM alert_outbox WHERE ${isIn('message_key')}`, json(of.keys))
        : loaded('alert_outbox', `SELECT * FROM alert_outbox WHERE ${isIn('status')}`, json(of.statuses)),
    write: async (changes) => {
      writes += 1;
      write(database, changes);
    },
    rebuild: async () => {
      const whole = sqliteHistory({ file });
      await whole.rebuild();
      await whole.close();
    },
    close: () => database.close(),
  };
}

const EPISODE_COLUMNS = tableOf('alert_episodes')
  .columns.map(({ name }) => name)
  .join(', ');
const NEWEST = `SELECT *, row_number() OVER (PARTITION BY fingerprint
    ORDER BY opened_at DESC, first_bad_run_id DESC, episode_id DESC) AS nth,
    max(record) OVER (PARTITION BY test_name) AS greatest
  FROM alert_episodes WHERE test_name IN (SELECT value FROM json_each(?))`;
const RANKED = `WITH asked (test, earliest, since, depth) AS (VALUES (?, ?, ?, ?)), ranked AS (
  SELECT m.*, m.timestamp >= a.since AS later, a.depth AS depth,
    row_number() OVER (PARTITION BY m.metric_name, m.timestamp >= a.since
      ORDER BY m.timestamp DESC, m.run_id DESC, m.uuid DESC) AS nth,
    max(CASE WHEN m.timestamp < a.since AND m.verdict = 'pass' THEN m.timestamp END)
      OVER (PARTITION BY m.metric_name) AS passed
  FROM metric_history AS m, asked AS a WHERE m.test_name = a.test AND m.timestamp >= a.earliest)`;
const CHOSEN = `(m.later OR m.nth <= m.depth OR (m.verdict = 'pass' AND m.timestamp = m.passed))`;
const JOBS = `${RANKED}, ends AS (
  SELECT j.*, j.timestamp >= a.since AS later, a.depth AS depth,
    row_number() OVER (PARTITION BY j.timestamp >= a.since
      ORDER BY j.timestamp DESC, j.run_id DESC, j.uuid DESC) AS nth,
    max(CASE WHEN j.timestamp < a.since AND j.job_status = 'success' THEN j.timestamp END) OVER () AS succeeded
  FROM job_history AS j, asked AS a WHERE j.test_name = a.test AND j.timestamp >= a.earliest)
  SELECT j.* FROM ends AS j WHERE j.later OR j.nth <= j.depth OR j.timestamp = j.succeeded
    OR j.uuid IN (SELECT m.uuid FROM ranked AS m WHERE ${CHOSEN})`;
const ALERTS = `WITH asked (test, earliest, since) AS (VALUES (?, ?, ?))
  SELECT l.* FROM alerts AS l, asked AS a
  WHERE l.test_name = a.test AND l.finished_at >= a.since AND l.finished_at >= a.earliest`;

/** All of it or nothing, as BigQuery's journal does. */
function write(database: DatabaseSync, changes: TableChanges): void {
  database.exec('BEGIN');
  for (const [table, rows] of changes) {
    const where = TABLE_KEYS[table].map((part) => `${part} = ?`).join(' AND ');
    for (const { key, row, between } of rows) {
      const time = TABLE_TIMES[table];
      if (time !== undefined) {
        const stands = database.prepare(`SELECT ${time} AS at FROM ${table} WHERE ${where}`).get(...key);
        // BigQuery looks for the row between these times only.
        const isFound =
          stands === undefined || (between![0] <= String(stands.at) && String(stands.at) <= between![1]);
        if (!isFound) throw new Error(`${table} ${key.join(' ')} stands at ${stands.at}, not in ${between}`);
      }
      database.prepare(`DELETE FROM ${table} WHERE ${where}`).run(...key);
      if (row === null) continue;
      const columns = Object.keys(row);
      const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
      database.prepare(sql).run(...(Object.values(row) as SQLInputValue[]));
    }
  }
  database.exec('COMMIT');
}
