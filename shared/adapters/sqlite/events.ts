import type { EventKind, RejectedMessage, RunEvent } from '../../core/run-event.ts';
import { conflictId, keepOne, reinstated } from '../../core/same-key.ts';
import type { EventStore } from '../../ports/history.ts';
import type { Connection, SqlRow } from './database.ts';
import { textOf, timeOf, timeText } from './values.ts';

/** SQLite's limit of parameters is far higher; this keeps statements few and their text small. */
const IDS_A_QUERY = 500;

export function eventStore(connection: Connection): EventStore {
  return {
    async append({ events, rejected, at }) {
      return connection.atomically(() => {
        const conflicts = events.flatMap((event) => addMessage(connection, event, at) ?? []);
        for (const message of rejected) addRejected(connection, message, at);
        return conflicts;
      });
    },

    async eventsOf(threads) {
      const found = new Map<string, RunEvent[]>();
      for (let from = 0; from < threads.length; from += IDS_A_QUERY) {
        const ids = JSON.stringify(threads.slice(from, from + IDS_A_QUERY));
        const rows = connection.all(
          'SELECT * FROM run_events WHERE thread IN (SELECT value FROM json_each(?)) ORDER BY event_key',
          ids,
        );
        for (const row of rows) {
          const event = eventOf(row);
          const known = found.get(event.thread);
          if (known === undefined) found.set(event.thread, [event]);
          else known.push(event);
        }
      }
      return found;
    },

    async rejected() {
      const rows = connection.all('SELECT * FROM rejected_messages ORDER BY publish_time, id');
      return rows.map(rejectedOf);
    },

    async forgetRejected(ids) {
      connection.atomically(() => {
        for (const id of ids) connection.run('DELETE FROM rejected_messages WHERE id = ?', id);
      });
    },
  };
}

const PUT_EVENT = `INSERT INTO run_events
    (event_key, thread, kind, test_name, source, id, time, publish_time, body, ingested_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (event_key) DO UPDATE SET thread = excluded.thread, kind = excluded.kind,
    test_name = excluded.test_name, source = excluded.source, id = excluded.id, time = excluded.time,
    publish_time = excluded.publish_time, body = excluded.body`;

/** Puts an event where its key says; what a tick learns again is the same row, ingested when it first was. */
export function putEvent(connection: Connection, event: RunEvent, at: number): void {
  connection.run(PUT_EVENT, ...eventValues(event), timeText(at));
}

/** Answers with the message that lost, when two claim one key. */
function addMessage(connection: Connection, event: RunEvent, at: number): RejectedMessage | null {
  const row = connection.first('SELECT * FROM run_events WHERE event_key = ?', event.eventKey);
  if (row === undefined) {
    putEvent(connection, event, at);
    markUnsettled(connection, event.thread);
    return null;
  }
  const stored = eventOf(row);
  const { kept, conflict } = keepOne(stored, event);
  if (conflict !== null) addRejected(connection, conflict, at);
  if (kept === stored) return conflict;
  putEvent(connection, withdrawn(connection, kept), at);
  markUnsettled(connection, kept.thread);
  // The thread of the one that is gone has changed as well.
  markUnsettled(connection, stored.thread);
  return conflict;
}

/** The event, with its earlier rejection taken back when it had lost before. */
function withdrawn(connection: Connection, event: RunEvent): RunEvent {
  const id = conflictId(event);
  const row = connection.first('SELECT * FROM rejected_messages WHERE id = ?', id);
  if (row === undefined) return event;
  connection.run('DELETE FROM rejected_messages WHERE id = ?', id);
  return reinstated(event, rejectedOf(row));
}

function markUnsettled(connection: Connection, thread: string): void {
  connection.run(
    'INSERT INTO threads (thread, unsettled) VALUES (?, 1) ON CONFLICT (thread) DO UPDATE SET unsettled = 1',
    thread,
  );
}

function addRejected(connection: Connection, message: RejectedMessage, at: number): void {
  const { id, reason, detail, name, publishTime, body } = message;
  connection.run(
    `INSERT INTO rejected_messages (id, reason, detail, name, publish_time, body, ingested_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET publish_time = min(publish_time, excluded.publish_time)`,
    id,
    reason,
    detail,
    name,
    timeText(publishTime),
    body,
    timeText(at),
  );
}

function eventValues(event: RunEvent) {
  const { eventKey, thread, kind, testName, source, id, time, publishTime, body } = event;
  return [eventKey, thread, kind, testName, source, id, timeText(time), timeText(publishTime), body] as const;
}

export function eventOf(row: SqlRow): RunEvent {
  return {
    eventKey: textOf(row, 'event_key'),
    thread: textOf(row, 'thread'),
    kind: textOf(row, 'kind') as EventKind,
    testName: textOf(row, 'test_name'),
    source: textOf(row, 'source'),
    id: textOf(row, 'id'),
    time: timeOf(row.time),
    publishTime: timeOf(row.publish_time),
    body: textOf(row, 'body'),
  };
}

function rejectedOf(row: SqlRow): RejectedMessage {
  return {
    id: textOf(row, 'id'),
    reason: textOf(row, 'reason'),
    detail: textOf(row, 'detail'),
    name: textOf(row, 'name'),
    publishTime: timeOf(row.publish_time),
    body: row.body as Uint8Array | null,
  };
}
