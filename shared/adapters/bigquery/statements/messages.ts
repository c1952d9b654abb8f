import { column, type Statement, selectList } from '../statement.ts';
import { tableOf } from '../tables.ts';

const { columns: events } = tableOf('run_events');
const { columns: rejections } = tableOf('rejected_messages');

/** All events of some threads; the table is clustered by thread. */
export const EVENTS_OF_THREADS: Statement = {
  name: 'events of threads',
  sql: `SELECT ${selectList(events, 'e')} FROM run_events AS e WHERE e.thread IN UNNEST(@threads)`,
  parameters: { threads: ['STRING'] },
  columns: events,
};

/** Threads, besides those given, that hold an event with one of these keys: they are rare, so this reads two columns only. */
export const OTHER_THREADS_OF_KEYS: Statement = {
  name: 'other threads of keys',
  sql: `SELECT DISTINCT e.thread AS thread FROM run_events AS e
WHERE e.event_key IN UNNEST(@keys) AND e.thread NOT IN UNNEST(@threads)`,
  parameters: { keys: ['STRING'], threads: ['STRING'] },
  columns: [column('thread', 'STRING')],
};

export const REJECTIONS_BY_ID: Statement = {
  name: 'rejected messages by id',
  sql: `SELECT ${selectList(rejections, 'm')} FROM rejected_messages AS m WHERE m.id IN UNNEST(@ids)`,
  parameters: { ids: ['STRING'] },
  columns: rejections,
};

export const ALL_REJECTIONS: Statement = {
  name: 'all rejected messages',
  sql: `SELECT ${selectList(rejections, 'm')} FROM rejected_messages AS m`,
  parameters: {},
  columns: rejections,
};
