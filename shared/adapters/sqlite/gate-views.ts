import { VERSION_FACT, withoutBlanks } from '../../core/version.ts';
import type { GateViews, JudgedRun } from '../../ports/history.ts';
import type { Connection } from './database.ts';
import { jobOf, metricOf } from './rows.ts';
import { indexedRunOf } from './run-index.ts';
import { FACT_OF_JOB, VERSION_OF_JOB } from './schema.ts';

const NEWEST_FIRST = 'ORDER BY timestamp DESC, run_id DESC, uuid DESC LIMIT ?';

export const RUNS_OF_VERSION = `SELECT * FROM job_history
  WHERE test_name = ? AND ${VERSION_OF_JOB} = ? ${NEWEST_FIRST}`;

/** Walks the runs of the test from the newest on, until enough are found. */
export const RUNS_WITH_FACT = `SELECT * FROM job_history
  WHERE test_name = ? AND ${FACT_OF_JOB} = ? ${NEWEST_FIRST}`;

export const DEMANDED_METRICS =
  'SELECT * FROM metric_history WHERE uuid = ? AND verdict IS NOT NULL ORDER BY metric_name';

export const NAMED_METRICS = `SELECT * FROM metric_history
  WHERE uuid = ? AND metric_name IN (SELECT value FROM json_each(?)) ORDER BY metric_name`;

export const UNJUDGED_RUNS = `SELECT * FROM runs INDEXED BY runs_unjudged
  WHERE test_name = ? AND judged = 0 ORDER BY begun_at DESC, uuid DESC LIMIT ?`;

/** What a gate asks of a file. */
export function gateViews(connection: Connection): GateViews {
  return {
    async runsWith(testName, { fact, value, limit, metrics }) {
      const wanted = withoutBlanks(value);
      const metricsOf = (uuid: string) =>
        metrics === null
          ? connection.all(DEMANDED_METRICS, uuid)
          : connection.all(NAMED_METRICS, uuid, JSON.stringify(metrics));
      return atOneMoment(connection, () => {
        const rows =
          fact === VERSION_FACT
            ? connection.all(RUNS_OF_VERSION, testName, wanted, limit)
            : connection.all(RUNS_WITH_FACT, testName, fact, fact, wanted, limit);
        return rows.map(jobOf).map((job): JudgedRun => {
          return { job, metrics: metricsOf(job.uuid).map(metricOf) };
        });
      });
    },

    async unjudgedRuns(testName, limit) {
      return connection.all(UNJUDGED_RUNS, testName, limit).map(indexedRunOf);
    },
  };
}

/** All of it from one snapshot, whatever another process writes meanwhile. */
function atOneMoment<T>(connection: Connection, work: () => T): T {
  connection.exec('BEGIN');
  try {
    return work();
  } finally {
    connection.exec('COMMIT');
  }
}
