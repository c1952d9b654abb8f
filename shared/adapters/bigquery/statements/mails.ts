import { type Statement, selectList } from '../statement.ts';
import { tableOf } from '../tables.ts';

const { columns } = tableOf('alert_outbox');

export const MAILS_BY_STATUS: Statement = {
  name: 'mails by status',
  sql: `SELECT ${selectList(columns, 'o')} FROM alert_outbox AS o WHERE o.status IN UNNEST(@statuses)`,
  parameters: { statuses: ['STRING'] },
  columns,
};

export const MAILS_BY_KEY: Statement = {
  name: 'mails by key',
  sql: `SELECT ${selectList(columns, 'o')} FROM alert_outbox AS o WHERE o.message_key IN UNNEST(@keys)`,
  parameters: { keys: ['STRING'] },
  columns,
};

const TOLD = [
  'message_key',
  'channel',
  'address',
  'kind',
  'episode_ids',
  'thread_id',
  'not_before',
  'status',
  'subject',
  'created_at',
];
const told = columns.filter(({ name }) => TOLD.includes(name));

/** Of mails about episodes, or of threads, what can be asked without reading the mails. */
export const DELIVERIES: Statement = {
  name: 'deliveries',
  sql: `SELECT ${selectList(told, 'o')} FROM alert_outbox AS o
WHERE o.thread_id IN UNNEST(@threads)
  OR EXISTS (SELECT 1 FROM UNNEST(JSON_VALUE_ARRAY(o.episode_ids)) AS e WHERE e IN UNNEST(@episodes))`,
  parameters: { threads: ['STRING'], episodes: ['STRING'] },
  columns: told,
};
