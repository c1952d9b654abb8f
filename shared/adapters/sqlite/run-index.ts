import type { Outcome } from '../../core/outcome.ts';
import type { RunOrder } from '../../core/run.ts';
import { MESSAGE_KINDS } from '../../core/run-event.ts';
import type { IndexedRun, RunIndex, SettledThread } from '../../ports/history.ts';
import type { Connection, SqlRow } from './database.ts';
import { putEvent } from './events.ts';
import { numberOf, optionalTimeOf, textOf, timeOf, timeText } from './values.ts';

/** Values of `runs.to_judge`: not at all, since an earlier run changed, since the run itself did. */
const CASCADE = 1;
const OWN = 2;

export function runIndex(connection: Connection): RunIndex {
  return {
    async unsettled(now, limit) {
      const rows = connection.all(
        `SELECT thread FROM threads WHERE unsettled = 1
         UNION SELECT thread FROM runs INDEXED BY runs_open WHERE outcome IS NULL AND check_at < ?
         ORDER BY thread LIMIT ?`,
        timeText(now),
        limit,
      );
      return rows.map((row) => textOf(row, 'thread'));
    },

    async settle(threads) {
      connection.atomically(() => {
        for (const thread of threads) settleThread(connection, thread);
      });
    },

    async threadsOf(uuids) {
      const rows = connection.all(
        'SELECT uuid, thread FROM runs WHERE uuid IN (SELECT value FROM json_each(?))',
        JSON.stringify(uuids),
      );
      return new Map(rows.map((row) => [textOf(row, 'uuid'), textOf(row, 'thread')]));
    },

    async toJudge(after, limit) {
      const rows = connection.all(
        `SELECT * FROM runs WHERE to_judge > 0 AND (finished_at, run_id, uuid) > (?, ?, ?)
         ORDER BY finished_at, run_id, uuid LIMIT ?`,
        after === null ? '' : timeText(after.finishedAt),
        after?.runId ?? '',
        after?.uuid ?? '',
        limit,
      );
      return rows.map((row) => ({
        uuid: textOf(row, 'uuid'),
        thread: textOf(row, 'thread'),
        runId: textOf(row, 'run_id'),
        finishedAt: timeOf(row.finished_at),
        why: numberOf(row, 'to_judge') === OWN ? ('own' as const) : ('cascade' as const),
      }));
    },

    async openRuns() {
      return connection
        .all('SELECT * FROM runs WHERE outcome IS NULL ORDER BY begun_at, uuid')
        .map(indexedRunOf);
    },

    async begunBetween(testName, { from, until }) {
      return connection.all(BEGUN_BETWEEN, testName, timeText(from), timeText(until)).map(indexedRunOf);
    },

    async rebuild() {
      connection.atomically(() => {
        connection.run('DELETE FROM threads');
        connection.run(
          `INSERT INTO threads (thread, unsettled) SELECT DISTINCT thread, 1 FROM run_events
           WHERE kind IN (SELECT value FROM json_each(?))`,
          JSON.stringify(MESSAGE_KINDS),
        );
        connection.run('DELETE FROM runs WHERE thread NOT IN (SELECT thread FROM threads)');
        for (const table of ['job_history', 'metric_history']) {
          connection.run(
            `DELETE FROM ${table} WHERE NOT EXISTS (SELECT 1 FROM runs AS r WHERE r.uuid = ${table}.uuid
               AND r.test_name = ${table}.test_name AND r.run_id = ${table}.run_id AND r.finished_at = ${table}.timestamp)`,
          );
        }
      });
    },
  };
}

export const BEGUN_BETWEEN = `SELECT * FROM runs INDEXED BY runs_newest
  WHERE test_name = ? AND started_at IS NOT NULL AND begun_at BETWEEN ? AND ? ORDER BY begun_at, uuid`;

/** Marks the judged runs of a test behind a place in the order: what they look back on has changed. */
export function cascadeAfter(connection: Connection, testName: string, order: RunOrder): void {
  connection.run(
    `UPDATE runs SET to_judge = ${CASCADE}
     WHERE test_name = ? AND judged = 1 AND to_judge = 0 AND (finished_at, run_id, uuid) > (?, ?, ?)`,
    testName,
    timeText(order.finishedAt),
    order.runId,
    order.uuid,
  );
}

function settleThread(connection: Connection, { thread, runs, learnt }: SettledThread): void {
  const standing = connection.all('SELECT * FROM runs WHERE thread = ?', thread).map(indexedRunOf);
  for (const { uuid } of runs) {
    // A run may come over from another thread, and may have moved on the way.
    const rows = connection.all('SELECT * FROM runs WHERE uuid = ? AND thread <> ?', uuid, thread);
    standing.push(...rows.map(indexedRunOf));
  }
  for (const before of standing) {
    const now = runs.find(({ uuid }) => uuid === before.uuid);
    if (now === undefined || moved(before, now)) removeRows(connection, before);
    if (now === undefined) connection.run('DELETE FROM runs WHERE uuid = ?', before.uuid);
  }
  for (const run of runs) upsertRun(connection, run);
  for (const event of learnt) putEvent(connection, event, event.time);
  connection.run('UPDATE threads SET unsettled = 0 WHERE thread = ?', thread);
}

function moved(before: IndexedRun, now: IndexedRun): boolean {
  return (
    before.ended?.finishedAt !== now.ended?.finishedAt ||
    before.runId !== now.runId ||
    before.testName !== now.testName
  );
}

/** Takes the rows of a run out of history; later runs may have looked back on it. */
function removeRows(connection: Connection, { uuid }: IndexedRun): void {
  // What the index says of its outcome may be newer than the rows.
  const row = connection.first('SELECT test_name, timestamp, run_id FROM job_history WHERE uuid = ?', uuid);
  if (row === undefined) return;
  connection.run('DELETE FROM job_history WHERE uuid = ?', uuid);
  connection.run('DELETE FROM metric_history WHERE uuid = ?', uuid);
  connection.run('UPDATE runs SET judged = 0 WHERE uuid = ?', uuid);
  const finishedAt = timeOf(row.timestamp);
  cascadeAfter(connection, textOf(row, 'test_name'), { finishedAt, runId: textOf(row, 'run_id'), uuid });
}

function upsertRun(connection: Connection, run: IndexedRun): void {
  const { uuid, thread, testName, runId, attempt, startedAt, ended, checkAt } = run;
  connection.run(
    `INSERT INTO runs (uuid, thread, test_name, run_id, attempt, begun_at, started_at, outcome, finished_at, check_at, to_judge, judged)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
     ON CONFLICT (uuid) DO UPDATE SET thread = excluded.thread, test_name = excluded.test_name,
       run_id = excluded.run_id, attempt = excluded.attempt, begun_at = excluded.begun_at,
       started_at = excluded.started_at, outcome = excluded.outcome, finished_at = excluded.finished_at,
       check_at = excluded.check_at, to_judge = excluded.to_judge`,
    uuid,
    thread,
    testName,
    runId,
    attempt,
    timeText(startedAt ?? ended?.finishedAt ?? 0),
    timeText(startedAt),
    ended?.outcome ?? null,
    timeText(ended?.finishedAt ?? null),
    timeText(checkAt),
    ended === null ? 0 : OWN,
  );
}

export function indexedRunOf(row: SqlRow): IndexedRun {
  const finishedAt = optionalTimeOf(row.finished_at);
  return {
    uuid: textOf(row, 'uuid'),
    thread: textOf(row, 'thread'),
    testName: textOf(row, 'test_name'),
    runId: textOf(row, 'run_id'),
    attempt: numberOf(row, 'attempt'),
    startedAt: optionalTimeOf(row.started_at),
    ended: finishedAt === null ? null : { outcome: row.outcome as Outcome, finishedAt },
    checkAt: optionalTimeOf(row.check_at),
  };
}
