import { type Statement, selectList } from '../statement.ts';
import { tableOf } from '../tables.ts';

const { columns: runs } = tableOf('runs');

export const RUNS: Statement = {
  name: 'runs by thread or uuid',
  sql: `SELECT ${selectList(runs, 'r')} FROM runs AS r
WHERE r.thread IN UNNEST(@threads) OR r.uuid IN UNNEST(@uuids)`,
  parameters: { threads: ['STRING'], uuids: ['STRING'] },
  columns: runs,
};

/** Runs of tests that ended at a time or later; `names` are those of `tests` once more, to read few blocks. */
export const RUNS_BEHIND: Statement = {
  name: 'runs behind a time',
  sql: `SELECT ${selectList(runs, 'r')} FROM runs AS r JOIN UNNEST(@tests) AS t ON t.test_name = r.test_name
WHERE r.test_name IN UNNEST(@names) AND r.finished_at >= t.since`,
  parameters: { tests: [{ test_name: 'STRING', since: 'TIMESTAMP' }], names: ['STRING'] },
  columns: runs,
};

/** Runs of a test that began between two times. */
export const RUNS_BEGUN: Statement = {
  name: 'runs that began between',
  sql: `SELECT ${selectList(runs, 'r')} FROM runs AS r
WHERE r.test_name = @test_name AND r.begun_at BETWEEN @since AND @until`,
  parameters: { test_name: 'STRING', since: 'TIMESTAMP', until: 'TIMESTAMP' },
  columns: runs,
};
