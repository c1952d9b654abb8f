import type { MetricRow } from '../../core/rows.ts';
import { compareText } from '../../core/text-order.ts';
import { VERSION_FACT, withoutBlanks } from '../../core/version.ts';
import type { GateViews, JudgedRun } from '../../ports/history.ts';
import type { Connection } from './database.ts';
import { jobOf, metricOf } from './rows.ts';
import { indexedRunOf } from './run-index.ts';
import { FACT_OF_JOB, VERSION_OF_JOB } from './schema.ts';
import { textOf } from './values.ts';

const NEWEST_FIRST = 'ORDER BY timestamp DESC, run_id DESC, uuid DESC LIMIT ?';

export const RUNS_OF_VERSION = `SELECT * FROM job_history
  WHERE test_name = ? AND ${VERSION_OF_JOB} = ? ${NEWEST_FIRST}`;

/**
 * Walks the runs of the test from the newest on, until enough are found. Most of those that do not say it are passed
 * over by their text, which costs a tenth of reading it.
 */
export const RUNS_WITH_FACT = `SELECT * FROM job_history INDEXED BY job_history_facts
  WHERE test_name = ? AND instr(labels, ?) > 0 AND ${FACT_OF_JOB} = ? ${NEWEST_FIRST}`;

const OF_RUNS = `SELECT m.* FROM json_each(?) AS wanted CROSS JOIN metric_history AS m ON m.uuid = wanted.value`;

export const DEMANDED_METRICS = `${OF_RUNS} WHERE m.verdict IS NOT NULL`;

export const NAMED_METRICS = `${OF_RUNS} WHERE m.metric_name IN (SELECT value FROM json_each(?))`;

export const UNJUDGED_RUNS = `SELECT * FROM runs INDEXED BY runs_unjudged
  WHERE test_name = ? AND judged = 0 ORDER BY begun_at DESC, uuid DESC LIMIT ?`;

/** What a gate asks of a file. */
export function gateViews(connection: Connection): GateViews {
  return {
    async runsWith(testName, { fact, value, limit, metrics }) {
      const wanted = withoutBlanks(value);
      return atOneMoment(connection, () => {
        const rows =
          fact === VERSION_FACT
            ? connection.all(RUNS_OF_VERSION, testName, wanted, limit)
            : connection.all(RUNS_WITH_FACT, testName, needleOf(fact, wanted), fact, fact, wanted, limit);
        const found = metricsOf(
          connection,
          rows.map((row) => textOf(row, 'uuid')),
          metrics,
        );
        return rows.map(jobOf).map((job): JudgedRun => ({ job, metrics: found.get(job.uuid) ?? [] }));
      });
    },

    async unjudgedRuns(testName, limit) {
      return connection.all(UNJUDGED_RUNS, testName, limit).map(indexedRunOf);
    },
  };
}

/** Metrics of runs, by uuid and then by name. */
function metricsOf(
  connection: Connection,
  uuids: readonly string[],
  metrics: readonly string[] | null,
): Map<string, MetricRow[]> {
  const wanted = JSON.stringify(uuids);
  const rows =
    metrics === null
      ? connection.all(DEMANDED_METRICS, wanted)
      : connection.all(NAMED_METRICS, wanted, JSON.stringify(metrics));
  const found = Map.groupBy(rows, (row) => textOf(row, 'uuid'));
  const byName = (a: MetricRow, b: MetricRow) => compareText(a.metricName, b.metricName);
  return new Map([...found].map(([uuid, own]) => [uuid, own.map(metricOf).sort(byName)]));
}

/** Facts that stand in columns of their own. */
const COLUMNS = new Set(['accelerator', 'framework_version', 'test_type']);
/** However JSON is written, these characters stand in it as they are. */
const AS_THEY_ARE = /^[A-Za-z0-9_.-]*$/;

/** A text without which no labels say this; empty where none can be told. */
function needleOf(fact: string, value: string): string {
  return !COLUMNS.has(fact) && AS_THEY_ARE.test(value) ? value : '';
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
