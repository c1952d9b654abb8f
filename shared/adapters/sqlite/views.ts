import type { HistoryViews, IndexedRun, RunView } from '../../ports/history.ts';
import type { Connection, SqlRow } from './database.ts';
import { alertOf } from './outbox.ts';
import { queryFile } from './query.ts';
import { jobOf, metricOf, pointOf } from './rows.ts';
import { indexedRunOf } from './run-index.ts';
import { numberOf, textOf } from './values.ts';

export function historyViews(connection: Connection, file: string): HistoryViews {
  return {
    async testNames() {
      return connection
        .all('SELECT DISTINCT test_name FROM runs ORDER BY test_name')
        .map((row) => textOf(row, 'test_name'));
    },

    async findRun(testName, runId) {
      const row = findRow(connection, testName, runId);
      return row === undefined ? null : viewOf(connection, indexedRunOf(row));
    },

    async metricNames(testName) {
      const rows = connection.all(
        `SELECT metric_name, max(verdict IS NOT NULL) AS judged FROM metric_history WHERE test_name = ?
         GROUP BY metric_name ORDER BY judged DESC, metric_name`,
        testName,
      );
      return rows.map((row) => textOf(row, 'metric_name'));
    },

    async series(testName, metric, last) {
      const rows = connection.all(
        `SELECT m.*, j.job_status FROM metric_history AS m JOIN job_history AS j ON j.uuid = m.uuid
         WHERE m.test_name = ? AND m.metric_name = ?
         ORDER BY m.timestamp DESC, m.run_id DESC, m.uuid DESC LIMIT ?`,
        testName,
        metric,
        last,
      );
      return rows.map(pointOf).reverse();
    },

    async alerts(testName) {
      const rows =
        testName === null
          ? connection.all('SELECT * FROM alerts ORDER BY finished_at, test_name, id')
          : connection.all('SELECT * FROM alerts WHERE test_name = ? ORDER BY finished_at, id', testName);
      return rows.map(alertOf);
    },

    async counts() {
      const counts: Record<string, number> = {};
      for (const [name, sql] of COUNTS) counts[name] = numberOf(connection.first(sql)!, 'n');
      return counts;
    },

    query: async (sql) => queryFile(file, sql),
  };
}

const COUNTS = [
  ['tests', 'SELECT count(DISTINCT test_name) AS n FROM runs'],
  ['finished_runs', 'SELECT count(*) AS n FROM job_history'],
  ['open_runs', 'SELECT count(*) AS n FROM runs WHERE outcome IS NULL'],
  ['metric_rows', 'SELECT count(*) AS n FROM metric_history'],
  ['rejected_messages', 'SELECT count(*) AS n FROM rejected_messages'],
  ['mails_waiting', `SELECT count(*) AS n FROM alert_outbox WHERE status IN ('pending', 'sending')`],
  ['mails_failed', `SELECT count(*) AS n FROM alert_outbox WHERE status IN ('failed', 'uncertain')`],
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
