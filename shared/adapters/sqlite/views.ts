import { decisionOfRow } from '../../core/decision-record.ts';
import type { JobRow } from '../../core/rows.ts';
import { DECISION_KINDS } from '../../core/run-event.ts';
import type { HistoryViews, IndexedRun, RunView } from '../../ports/history.ts';
import type { Connection, SqlRow } from './database.ts';
import { eventOf } from './events.ts';
import { gateViews } from './gate-views.ts';
import { queryFile } from './query.ts';
import { jobOf, metricOf, OF_JOB, pointOf } from './rows.ts';
import { indexedRunOf } from './run-index.ts';
import { numberOf, textOf, timeText } from './values.ts';

export function historyViews(connection: Connection, file: string): HistoryViews {
  return {
    ...gateViews(connection),

    async testNames() {
      return connection.all(TEST_NAMES).map((row) => textOf(row, 'name'));
    },

    async findRun(testName, runId) {
      const row = findRow(connection, testName, runId);
      return row === undefined ? null : viewOf(connection, indexedRunOf(row));
    },

    async metricNames(testName) {
      const rows = connection.all(METRIC_NAMES, testName, testName, testName);
      return rows.map((row) => textOf(row, 'name'));
    },

    async series(testName, metric, last) {
      const rows = connection.all(
        `SELECT m.*, ${OF_JOB} FROM metric_history AS m JOIN job_history AS j ON j.uuid = m.uuid
         WHERE m.test_name = ? AND m.metric_name = ?
         ORDER BY m.timestamp DESC, m.run_id DESC, m.uuid DESC LIMIT ?`,
        testName,
        metric,
        last,
      );
      return rows.map(pointOf).reverse();
    },

    async newestRuns({ since, limit }) {
      const runs = new Map<string, JobRow[]>();
      for (const row of connection.all(JUDGED_TESTS)) {
        const name = textOf(row, 'name');
        const newest = connection.all(NEWEST_JOBS, name, timeText(since), limit).map(jobOf);
        if (newest.length > 0) runs.set(name, newest);
      }
      return runs;
    },

    async decisions({ kind, id = '', subject = null, limit }) {
      // Not LIKE, which reads % and _ in an id as more than themselves.
      const rows = connection.all(DECISIONS, kind, id, id, subject, subject, limit);
      return rows.map((row) => decisionOfRow(eventOf(row)));
    },

    async counts() {
      const counts: Record<string, number> = {};
      for (const [name, sql] of COUNTS) counts[name] = numberOf(connection.first(sql)!, 'n');
      return counts;
    },

    query: async (sql) => queryFile(file, sql),
  };
}

/**
 * Each name is found in the index behind the one before: the cost is that of the names. DISTINCT would read
 * the entries of all runs.
 */
export const TEST_NAMES = `WITH RECURSIVE names (name) AS (
    SELECT min(test_name) FROM runs
    UNION ALL
    SELECT (SELECT min(test_name) FROM runs WHERE test_name > name) FROM names WHERE name IS NOT NULL
  ) SELECT name FROM names WHERE name IS NOT NULL`;

const JUDGED_TESTS = `WITH RECURSIVE names (name) AS (
    SELECT min(test_name) FROM job_history
    UNION ALL
    SELECT (SELECT min(test_name) FROM job_history WHERE test_name > name) FROM names WHERE name IS NOT NULL
  ) SELECT name FROM names WHERE name IS NOT NULL`;

const NEWEST_JOBS = `SELECT * FROM job_history WHERE test_name = ? AND timestamp >= ?
  ORDER BY timestamp DESC, run_id DESC, uuid DESC LIMIT ?`;

export const METRIC_NAMES = `WITH RECURSIVE names (name) AS (
    SELECT min(metric_name) FROM metric_history WHERE test_name = ?
    UNION ALL
    SELECT (SELECT min(metric_name) FROM metric_history WHERE test_name = ? AND metric_name > name)
    FROM names WHERE name IS NOT NULL
  ) SELECT name FROM names WHERE name IS NOT NULL
  ORDER BY NOT EXISTS (
    SELECT 1 FROM metric_history
    WHERE test_name = ? AND metric_name = name AND verdict IS NOT NULL
  ), name`;

export const DECISIONS = `SELECT * FROM run_events
  WHERE kind = ? AND kind IN (${DECISION_KINDS.map((kind) => `'${kind}'`).join(', ')})
    AND substr(id, 1, length(?)) = ? AND (? IS NULL OR test_name = ?)
  ORDER BY time DESC, id LIMIT ?`;

const COUNTS = [
  ['tests', `SELECT count(*) AS n FROM (${TEST_NAMES})`],
  ['finished_runs', 'SELECT count(*) AS n FROM job_history'],
  ['open_runs', 'SELECT count(*) AS n FROM runs WHERE outcome IS NULL'],
  ['unjudged_runs', 'SELECT count(*) AS n FROM runs WHERE to_judge > 0'],
  ['metric_rows', 'SELECT count(*) AS n FROM metric_history'],
  ['rejected_messages', 'SELECT count(*) AS n FROM rejected_messages'],
  ['mails_waiting', `SELECT count(*) AS n FROM alert_outbox WHERE status IN ('pending', 'sending')`],
  ['mails_failed', `SELECT count(*) AS n FROM alert_outbox WHERE status IN ('failed', 'uncertain')`],
  ['open_episodes', `SELECT count(*) AS n FROM alert_episodes WHERE state <> 'closed'`],
] as const;

/** The newest begun run; among those that began at one moment an open one, then the last in their order. */
const NEWEST =
  'ORDER BY begun_at DESC, outcome IS NOT NULL, finished_at DESC, run_id DESC, uuid DESC LIMIT 1';

/** Left to itself, SQLite takes the index of run ids and sorts all runs of the test. */
export const NEWEST_RUN = `SELECT * FROM runs INDEXED BY runs_newest WHERE test_name = ? ${NEWEST}`;

function findRow(connection: Connection, testName: string, runId: string | null): SqlRow | undefined {
  if (runId === null) return connection.first(NEWEST_RUN, testName);
  return connection.first(`SELECT * FROM runs WHERE test_name = ? AND run_id = ? ${NEWEST}`, testName, runId);
}

function viewOf(connection: Connection, run: IndexedRun): RunView {
  const job = connection.first('SELECT * FROM job_history WHERE uuid = ?', run.uuid);
  const metrics = connection.all(
    'SELECT * FROM metric_history WHERE uuid = ? ORDER BY metric_name',
    run.uuid,
  );
  return { run, job: job === undefined ? null : jobOf(job), metrics: metrics.map(metricOf) };
}
