import type { EarlierNeed, EarlierSeries } from '../../core/baseline/question.ts';
import type { EarlierRun, EarlierRuns } from '../../ports/history.ts';
import type { Connection, SqlRow } from './database.ts';
import { EARLIER, NEWEST_FIRST, placeOf, sqlOfLabel, sqlOfNeed } from './earlier-question.ts';
import { jobOf, metricOf, OF_JOB, pointOf } from './rows.ts';
import { numberOf, optionalText, textOf } from './values.ts';

/** What was asked of each run, then which runs; the values for both, in order. */
export function sqlOfValues(need: EarlierNeed) {
  const version = need.version === undefined ? { text: 'NULL', values: [] } : sqlOfLabel(need.version);
  const of = sqlOfNeed(need);
  const text = `SELECT m.metric_value, m.run_id, ${version.text} AS version ${EARLIER} AND ${of.text} ${NEWEST_FIRST}`;
  return { text, values: [version.values, of.values] as const };
}

export function earlierRuns(connection: Connection): EarlierRuns {
  return {
    async earlierValues(testName, before, needs) {
      const found = new Map<string, EarlierSeries>();
      for (const [metric, need] of needs) {
        const { text, values } = sqlOfValues(need);
        const [ofVersion, ofNeed] = values;
        const rows = connection.all(
          text,
          ...ofVersion,
          testName,
          metric,
          ...placeOf(before),
          ...ofNeed,
          need.limit,
        );
        found.set(metric, {
          values: rows.map((row) => numberOf(row, 'metric_value')),
          runIds: rows.map((row) => textOf(row, 'run_id')),
          versions: rows.map((row) => optionalText(row, 'version')),
        });
      }
      return found;
    },

    async lastGoodRun(testName, before, metric) {
      if (metric !== null) {
        const sql = `SELECT m.* ${EARLIER} AND m.verdict = 'pass' ${NEWEST_FIRST}`;
        return earlierRunOf(connection, connection.first(sql, testName, metric, ...placeOf(before), 1));
      }
      const job = connection.first(
        `SELECT * FROM job_history
         WHERE test_name = ? AND (timestamp, run_id, uuid) < (?, ?, ?) AND job_status = 'success'
         ORDER BY timestamp DESC, run_id DESC, uuid DESC LIMIT 1`,
        testName,
        ...placeOf(before),
      );
      return job === undefined ? null : { job: jobOf(job), metric: null };
    },

    async runBack(testName, before, { metric, nth, need = {} }) {
      const { text, values } = sqlOfNeed(need);
      const sql = `SELECT m.* ${EARLIER} AND ${text} ${NEWEST_FIRST} OFFSET ?`;
      const row = connection.first(sql, testName, metric, ...placeOf(before), ...values, 1, nth - 1);
      return earlierRunOf(connection, row);
    },

    async recentPoints(testName, before, { metric, limit }) {
      const sql = `SELECT m.*, ${OF_JOB} ${EARLIER} ${NEWEST_FIRST}`;
      return connection
        .all(sql, testName, metric, ...placeOf(before), limit)
        .map(pointOf)
        .reverse();
    },

    async hasLater(testName, order) {
      const row = connection.first(
        'SELECT 1 FROM job_history WHERE test_name = ? AND (timestamp, run_id, uuid) > (?, ?, ?) LIMIT 1',
        testName,
        ...placeOf(order),
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
