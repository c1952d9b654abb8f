import { column, type Statement, selectList } from '../statement.ts';
import { type Table, tableOf } from '../tables.ts';

const { columns: runs } = tableOf('runs');
const { columns: jobs } = tableOf('job_history');
const { columns: metrics } = tableOf('metric_history');
const { columns: alerts } = tableOf('alerts');
const { columns: events } = tableOf('run_events');

export const TEST_NAMES: Statement = {
  name: 'names of tests',
  sql: 'SELECT DISTINCT r.test_name AS test_name FROM runs AS r',
  parameters: {},
  columns: [column('test_name', 'STRING')],
};

/** The newest run of a test: by start, an open one first, then the last in the order of runs. */
export const NEWEST_RUN: Statement = {
  name: 'newest run',
  sql: `SELECT ${selectList(runs, 'r')} FROM runs AS r
WHERE r.test_name = @test_name AND (@run_id IS NULL OR r.run_id = @run_id)
ORDER BY r.begun_at DESC, IF(r.outcome IS NULL, 0, 1), r.finished_at DESC, r.run_id DESC, r.uuid DESC LIMIT 1`,
  parameters: { test_name: 'STRING', run_id: 'STRING' },
  columns: runs,
};

/** What was recorded of a run; its test keeps the read to few blocks. */
function rowsOfRun({ name, columns }: Table): Statement {
  return {
    name: `${name} of a run`,
    sql: `SELECT ${selectList(columns, 'h')} FROM ${name} AS h
WHERE h.test_name = @test_name AND h.uuid = @uuid AND h.run_id IS NOT NULL`,
    parameters: { test_name: 'STRING', uuid: 'STRING' },
    columns,
  };
}

export const ROWS_OF_RUN = {
  job_history: rowsOfRun(tableOf('job_history')),
  metric_history: rowsOfRun(tableOf('metric_history')),
} as const;

export const METRIC_NAMES: Statement = {
  name: 'names of metrics',
  sql: `SELECT m.metric_name AS metric_name, MAX(IF(m.verdict IS NULL, 0, 1)) AS judged
FROM metric_history AS m WHERE m.test_name = @test_name AND m.value_kind IS NOT NULL GROUP BY metric_name`,
  parameters: { test_name: 'STRING' },
  columns: [column('metric_name', 'STRING'), column('judged', 'INT64')],
};

const NEWEST_POINTS = `FROM metric_history AS m
WHERE m.test_name = @test_name AND m.metric_name = @metric AND m.value_kind IS NOT NULL
ORDER BY m.timestamp DESC, m.run_id DESC, m.uuid DESC LIMIT @last`;
const ofSeries = { test_name: 'STRING', metric: 'STRING', last: 'INT64' } as const;

export const POINTS: Statement = {
  name: 'points of a series',
  sql: `SELECT ${selectList(metrics, 'm')} ${NEWEST_POINTS}`,
  parameters: ofSeries,
  columns: metrics,
};

/** The runs of those points. */
export const JOBS_OF_POINTS: Statement = {
  name: 'runs of a series',
  sql: `WITH points AS (SELECT m.uuid AS uuid ${NEWEST_POINTS})
SELECT ${selectList(jobs, 'j')} FROM job_history AS j
WHERE j.test_name = @test_name AND j.uuid IN (SELECT p.uuid FROM points AS p)`,
  parameters: ofSeries,
  columns: jobs,
};

export const RUN_COUNTS: Statement = {
  name: 'counts of runs',
  sql: `SELECT j.test_name AS test_name, COUNTIF(j.timestamp > @since) AS recent, COUNT(*) AS runs
FROM job_history AS j WHERE j.timestamp <= @until AND j.run_id IS NOT NULL GROUP BY test_name`,
  parameters: { since: 'TIMESTAMP', until: 'TIMESTAMP' },
  columns: [column('test_name', 'STRING'), column('recent', 'INT64'), column('runs', 'INT64')],
};

export const ALERTS: Statement = {
  name: 'alerts',
  sql: `SELECT ${selectList(alerts, 'a')} FROM alerts AS a WHERE @test_name IS NULL OR a.test_name = @test_name`,
  parameters: { test_name: 'STRING' },
  columns: alerts,
};

/** Of every test its newest runs since a time. */
export const NEWEST_JOBS: Statement = {
  name: 'newest runs of tests',
  sql: `SELECT ${selectList(jobs, 'j')} FROM job_history AS j
WHERE j.timestamp >= @since AND j.run_id IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY j.test_name
  ORDER BY j.timestamp DESC, j.run_id DESC, j.uuid DESC) <= @limit`,
  parameters: { since: 'TIMESTAMP', limit: 'INT64' },
  columns: jobs,
};

/** Decisions of a kind whose id begins so, of one subject or of all. */
export const DECISIONS: Statement = {
  name: 'decisions',
  sql: `SELECT ${selectList(events, 'e')} FROM run_events AS e
WHERE e.kind = @kind AND STARTS_WITH(e.id, @id) AND (@subject IS NULL OR e.test_name = @subject)
ORDER BY e.time DESC, e.id LIMIT @limit`,
  parameters: { kind: 'STRING', id: 'STRING', subject: 'STRING', limit: 'INT64' },
  columns: events,
};

/** The characters that `withoutBlanks` of the core takes off. */
const BLANKS = String.raw`' \t\r\n'`;

/** What a run says of itself under a name, as `factOf` of the core says; NULL where it says nothing. */
const FACT_OF_JOB = `IF(@fact = 'version',
    COALESCE(NULLIF(TRIM(JSON_VALUE(j.labels[@fact]), ${BLANKS}), ''), NULLIF(TRIM(j.framework_version, ${BLANKS}), '')),
    TRIM(COALESCE(CASE @fact WHEN 'accelerator' THEN j.accelerator WHEN 'framework_version' THEN j.framework_version
      WHEN 'test_type' THEN j.test_type END, JSON_VALUE(j.labels[@fact])), ${BLANKS}))`;

const RUNS_WITH = `FROM job_history AS j
WHERE j.test_name = @test_name AND j.run_id IS NOT NULL AND ${FACT_OF_JOB} = @value
ORDER BY j.timestamp DESC, j.run_id DESC, j.uuid DESC LIMIT @limit`;
const ofFact = { test_name: 'STRING', fact: 'STRING', value: 'STRING', limit: 'INT64' } as const;

/** The newest runs of a test that say this of themselves. */
export const JOBS_WITH_FACT: Statement = {
  name: 'runs with a fact',
  sql: `SELECT ${selectList(jobs, 'j')} ${RUNS_WITH}`,
  parameters: ofFact,
  columns: jobs,
};

/** Metrics of those runs: those named, or with @named = 0 those about which something was demanded. */
export const METRICS_WITH_FACT: Statement = {
  name: 'metrics of runs with a fact',
  sql: `WITH chosen AS (SELECT j.uuid AS uuid ${RUNS_WITH})
SELECT ${selectList(metrics, 'm')} FROM metric_history AS m
WHERE m.test_name = @test_name AND m.value_kind IS NOT NULL AND m.uuid IN (SELECT c.uuid FROM chosen AS c)
  AND (m.metric_name IN UNNEST(@metrics) OR (@named = 0 AND m.verdict IS NOT NULL))`,
  parameters: { ...ofFact, metrics: ['STRING'], named: 'INT64' },
  columns: metrics,
};

export const UNJUDGED_RUNS: Statement = {
  name: 'runs that were never judged',
  sql: `SELECT ${selectList(runs, 'r')} FROM runs AS r WHERE r.test_name = @test_name AND r.judged = 0
ORDER BY r.begun_at DESC, r.uuid DESC LIMIT @limit`,
  parameters: { test_name: 'STRING', limit: 'INT64' },
  columns: runs,
};

const COUNTED = {
  tests: 'SELECT COUNT(DISTINCT r.test_name) FROM runs AS r',
  finished_runs: 'SELECT COUNT(*) FROM job_history AS j',
  open_runs: 'SELECT COUNT(*) FROM runs AS r WHERE r.outcome IS NULL',
  unjudged_runs: 'SELECT COUNT(*) FROM runs AS r WHERE r.to_judge > 0',
  metric_rows: 'SELECT COUNT(*) FROM metric_history AS m',
  rejected_messages: 'SELECT COUNT(*) FROM rejected_messages AS m',
  mails_waiting: "SELECT COUNT(*) FROM alert_outbox AS o WHERE o.status IN ('pending', 'sending')",
  mails_failed: "SELECT COUNT(*) FROM alert_outbox AS o WHERE o.status IN ('failed', 'uncertain')",
  open_episodes: "SELECT COUNT(*) FROM alert_episodes AS e WHERE e.state <> 'closed'",
};

export const COUNTS: Statement = {
  name: 'counts',
  sql: `SELECT ${Object.entries(COUNTED)
    .map(([name, sql]) => `(${sql}) AS ${name}`)
    .join(',\n  ')}`,
  parameters: {},
  columns: Object.keys(COUNTED).map((name) => column(name, 'INT64')),
};
