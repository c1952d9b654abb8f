import { column, type Statement, selectList } from '../statement.ts';
import { JOURNAL, tableOf } from '../tables.ts';

const { columns: threads } = tableOf('threads');
const { columns: runs } = tableOf('runs');
const { columns: alerts } = tableOf('alerts');
const { columns: actions } = tableOf('alert_actions');

/** Threads with messages that no tick has looked at. */
export const UNSETTLED_THREADS: Statement = {
  name: 'unsettled threads',
  sql: `SELECT ${selectList(threads, 't')} FROM threads AS t WHERE t.unsettled = 1`,
  parameters: {},
  columns: threads,
};

/** Runs that are open, or wait to be judged. */
export const ACTIVE_RUNS: Statement = {
  name: 'active runs',
  sql: `SELECT ${selectList(runs, 'r')} FROM runs AS r WHERE r.outcome IS NULL OR r.to_judge > 0`,
  parameters: {},
  columns: runs,
};

export const WAITING_ALERTS: Statement = {
  name: 'waiting alerts',
  sql: `SELECT ${selectList(alerts, 'a')} FROM alerts AS a WHERE a.waiting = 1`,
  parameters: {},
  columns: alerts,
};

/** Everything that people did: few rows, since each was typed by somebody. */
export const ACTIONS: Statement = {
  name: 'actions of people',
  sql: `SELECT ${selectList(actions, 'a')} FROM alert_actions AS a`,
  parameters: {},
  columns: actions,
};

/** Batches of the journal, oldest first, each by the row that says what it changes. */
export const JOURNALED: Statement = {
  name: 'batches of the journal',
  sql: `SELECT j.batch AS batch, MIN(j.change) AS change FROM ${JOURNAL.name} AS j
WHERE j.table_name = '' GROUP BY batch ORDER BY batch`,
  parameters: {},
  columns: [column('batch', 'STRING'), column('change', 'STRING')],
};
