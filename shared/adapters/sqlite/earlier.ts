import type { Outcome } from '../../core/outcome.ts';
import type { RunOrder } from '../../core/run.ts';
import type { EarlierRun, EarlierRuns } from '../../ports/history.ts';
import type { Connection, SqlRow } from './database.ts';
import { jobOf, metricOf, OF_JOB, pointOf } from './rows.ts';
import { numberOf, optionalNumber, textOf, timeOf, timeText } from './values.ts';

/** Walks `metric_history_series` backwards from one place: its cost is that of the rows it answers with. */
const EARLIER = `FROM metric_history AS m JOIN job_history AS j ON j.uuid = m.uuid
  WHERE m.test_name = ? AND m.metric_name = ? AND (m.timestamp, m.run_id, m.uuid) < (?, ?, ?)`;
const NEWEST_FIRST = 'ORDER BY m.timestamp DESC, m.run_id DESC, m.uuid DESC LIMIT ?';

export const EARLIER_VALUES = `SELECT m.metric_value ${EARLIER}
  AND m.value_kind = 'finite' AND j.job_status = 'success' ${NEWEST_FIRST}`;

const LAST_PASSED = `SELECT m.timestamp, m.run_id, m.uuid ${EARLIER} AND m.verdict = 'pass' ${NEWEST_FIRST}`;
/** More failing runs in a row than a person counts. */
const FAILED_SINCE = `SELECT 1 ${EARLIER}
  AND (m.timestamp, m.run_id, m.uuid) > (?, ?, ?) AND m.verdict = 'fail' LIMIT 1000`;
const TOLD_SINCE = `SELECT 1 FROM alerts WHERE test_name = ? AND signal = ?
  AND (finished_at, run_id, uuid) < (?, ?, ?) AND (finished_at, run_id, uuid) > (?, ?, ?) LIMIT 1`;
const BEGINNING = ['', '', ''] as const;

export function earlierRuns(connection: Connection): EarlierRuns {
  return {
    async earlierValues(testName, before, needs) {
      const values = new Map<string, number[]>();
      for (const [metric, limit] of needs) {
        const rows = connection.all(EARLIER_VALUES, testName, metric, ...place(before), limit);
        values.set(
          metric,
          rows.map((row) => numberOf(row, 'metric_value')),
        );
      }
      return values;
    },

    async failingStreak(testName, before, metric) {
      const passed = connection.first(LAST_PASSED, testName, metric, ...place(before), 1);
      const since = passed === undefined ? BEGINNING : placeOf(passed);
      const failing = connection.all(FAILED_SINCE, testName, metric, ...place(before), ...since);
      const signal = `metric:${metric}`;
      const told = connection.first(TOLD_SINCE, testName, signal, ...place(before), ...since);
      return { failing: failing.length, told: told !== undefined };
    },

    async lastOutcome(testName, before) {
      const row = connection.first(
        `SELECT job_status FROM job_history
         WHERE test_name = ? AND (timestamp, run_id, uuid) < (?, ?, ?)
           AND job_status NOT IN ('cancelled', 'preempted')
         ORDER BY timestamp DESC, run_id DESC, uuid DESC LIMIT 1`,
        testName,
        ...place(before),
      );
      return row === undefined ? null : (row.job_status as Outcome);
    },

    async lastGood(testName, before, metric) {
      const row =
        metric === null
          ? connection.first(
              `SELECT run_id, timestamp, NULL AS metric_value FROM job_history
               WHERE test_name = ? AND (timestamp, run_id, uuid) < (?, ?, ?) AND job_status = 'success'
               ORDER BY timestamp DESC, run_id DESC, uuid DESC LIMIT 1`,
              testName,
              ...place(before),
            )
          : connection.first(
              `SELECT m.run_id, m.timestamp, m.metric_value ${EARLIER} AND m.verdict = 'pass' ${NEWEST_FIRST}`,
              testName,
              metric,
              ...place(before),
              1,
            );
      if (row === undefined) return null;
      return {
        runId: textOf(row, 'run_id'),
        finishedAt: timeOf(row.timestamp),
        value: optionalNumber(row, 'metric_value'),
      };
    },

    async recentValues(testName, before, { metric, limit }) {
      const rows = connection.all(
        `SELECT m.metric_value ${EARLIER} ${NEWEST_FIRST}`,
        testName,
        metric,
        ...place(before),
        limit,
      );
      return rows.map((row) => optionalNumber(row, 'metric_value')).reverse();
    },

    async lastGoodRun(testName, before, metric) {
      if (metric !== null) {
        const sql = `SELECT m.* ${EARLIER} AND m.verdict = 'pass' ${NEWEST_FIRST}`;
        return earlierRunOf(connection, connection.first(sql, testName, metric, ...place(before), 1));
      }
      const job = connection.first(
        `SELECT * FROM job_history
         WHERE test_name = ? AND (timestamp, run_id, uuid) < (?, ?, ?) AND job_status = 'success'
         ORDER BY timestamp DESC, run_id DESC, uuid DESC LIMIT 1`,
        testName,
        ...place(before),
      );
      return job === undefined ? null : { job: jobOf(job), metric: null };
    },

    async runBack(testName, before, { metric, nth }) {
      const sql = `SELECT m.* ${EARLIER} AND m.value_kind = 'finite' AND j.job_status = 'success'
        ${NEWEST_FIRST} OFFSET ?`;
      const row = connection.first(sql, testName, metric, ...place(before), 1, nth - 1);
      return earlierRunOf(connection, row);
    },

    async recentPoints(testName, before, { metric, limit }) {
      const sql = `SELECT m.*, ${OF_JOB} ${EARLIER} ${NEWEST_FIRST}`;
      return connection
        .all(sql, testName, metric, ...place(before), limit)
        .map(pointOf)
        .reverse();
    },

    async hasLater(testName, order) {
      const row = connection.first(
        'SELECT 1 FROM job_history WHERE test_name = ? AND (timestamp, run_id, uuid) > (?, ?, ?) LIMIT 1',
        testName,
        ...place(order),
      );
      return row !== undefined;
    },
  };
}

/** The run that a row of `metric_history` belongs to. */
function earlierRunOf(connection: Connection, row: SqlRow | undefined): EarlierRun | null {
  if (row === undefined) return null;
  const job = connection.first('SELECT * FROM job_history WHERE uuid = ?', textOf(row, 'uuid'));
  return job === undefined ? null : { job: jobOf(job), metric: metricOf(row) };
}

function place({ finishedAt, runId, uuid }: RunOrder): [string | null, string, string] {
  return [timeText(finishedAt), runId, uuid];
}

/** The place of the run that a row of `metric_history` belongs to. */
function placeOf(row: SqlRow): [string, string, string] {
  return [textOf(row, 'timestamp'), textOf(row, 'run_id'), textOf(row, 'uuid')];
}
