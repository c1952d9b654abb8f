import { type Statement, selectList } from '../statement.ts';
import { tableOf } from '../tables.ts';

const { columns: metrics } = tableOf('metric_history');
const { columns: jobs } = tableOf('job_history');
const { columns: alerts } = tableOf('alerts');

/**
 * The tests asked for: all rows since `since`, and of what was before the newest `depth` of each series. Nothing
 * before `earliest` is looked at, which bounds the partitions that are read.
 */
const parameters = {
  tests: [{ test_name: 'STRING', since: 'TIMESTAMP', depth: 'INT64' }],
  names: ['STRING'],
  earliest: 'TIMESTAMP',
} as const;

/**
 * Rows of `metric_history` that a judge may ask for: the newest, and the last one that passed. Rows of a tool before
 * us, which say less, are left out.
 */
function chosen(columns: string): string {
  return `SELECT ${columns}, m.timestamp >= t.since AS later, t.depth AS depth,
    ROW_NUMBER() OVER (PARTITION BY m.test_name, m.metric_name, m.timestamp >= t.since
      ORDER BY m.timestamp DESC, m.run_id DESC, m.uuid DESC) AS nth,
    MAX(IF(m.timestamp < t.since AND m.verdict = 'pass', m.timestamp, NULL))
      OVER (PARTITION BY m.test_name, m.metric_name) AS passed
  FROM metric_history AS m JOIN UNNEST(@tests) AS t ON t.test_name = m.test_name
  WHERE m.timestamp >= @earliest AND m.test_name IN UNNEST(@names) AND m.value_kind IS NOT NULL`;
}

const IS_CHOSEN = `m.later OR m.nth <= m.depth OR (m.verdict = 'pass' AND m.timestamp = m.passed)`;

export const SERIES_METRICS: Statement = {
  name: 'metrics of tests',
  sql: `WITH ranked AS (
  ${chosen(metrics.map(({ name }) => `m.${name} AS ${name}`).join(', '))}
)
SELECT ${selectList(metrics, 'm')} FROM ranked AS m WHERE ${IS_CHOSEN}`,
  parameters,
  columns: metrics,
};

/** The runs of those rows, the newest runs of each test, and the last one that was a success. */
export const SERIES_JOBS: Statement = {
  name: 'runs of tests',
  sql: `WITH ranked AS (
  ${chosen('m.uuid AS uuid, m.timestamp AS timestamp, m.verdict AS verdict')}
), runs_of_tests AS (
  SELECT ${jobs.map(({ name }) => `j.${name} AS ${name}`).join(', ')},
    j.timestamp >= t.since AS later, t.depth AS depth,
    ROW_NUMBER() OVER (PARTITION BY j.test_name, j.timestamp >= t.since
      ORDER BY j.timestamp DESC, j.run_id DESC, j.uuid DESC) AS nth,
    MAX(IF(j.timestamp < t.since AND j.job_status = 'success', j.timestamp, NULL))
      OVER (PARTITION BY j.test_name) AS succeeded
  FROM job_history AS j JOIN UNNEST(@tests) AS t ON t.test_name = j.test_name
  WHERE j.timestamp >= @earliest AND j.test_name IN UNNEST(@names) AND j.run_id IS NOT NULL
)
SELECT ${selectList(jobs, 'j')} FROM runs_of_tests AS j
WHERE j.later OR j.nth <= j.depth OR j.timestamp = j.succeeded
  OR j.uuid IN (SELECT m.uuid FROM ranked AS m WHERE ${IS_CHOSEN})`,
  parameters,
  columns: jobs,
};

/** Notices of what happened since: those that recording a run may find there already. */
export const SERIES_ALERTS: Statement = {
  name: 'notices of tests',
  sql: `SELECT ${selectList(alerts, 'a')} FROM alerts AS a JOIN UNNEST(@tests) AS t ON t.test_name = a.test_name
WHERE a.test_name IN UNNEST(@names) AND a.finished_at >= t.since AND a.finished_at >= @earliest`,
  parameters,
  columns: alerts,
};
