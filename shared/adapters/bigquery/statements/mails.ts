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
