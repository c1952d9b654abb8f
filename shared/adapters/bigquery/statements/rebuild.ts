import type { Statement } from '../statement.ts';

/**
 * Marks every thread with messages unsettled, and drops rows that do not stand where the index has their run; one
 * transaction over whole tables, since a replay looks at everything anyway.
 */
export function rebuildIndex(messageKinds: readonly string[]): Statement {
  const kinds = messageKinds.map((kind) => `'${kind}'`).join(', ');
  const misplaced = (table: string) => `DELETE FROM ${table} AS h WHERE NOT EXISTS (
  SELECT 1 FROM runs AS r WHERE r.uuid = h.uuid AND r.test_name = h.test_name AND r.run_id = h.run_id
    AND r.finished_at = h.timestamp)`;
  const steps = [
    'DELETE FROM threads WHERE TRUE',
    `INSERT INTO threads (thread, unsettled)
SELECT DISTINCT e.thread, 1 FROM run_events AS e WHERE e.kind IN (${kinds})`,
    'DELETE FROM runs AS r WHERE NOT EXISTS (SELECT 1 FROM threads AS t WHERE t.thread = r.thread)',
    misplaced('job_history'),
    misplaced('metric_history'),
  ];
  return {
    name: 'rebuild index',
    sql: `BEGIN TRANSACTION;\n${steps.join(';\n')};\nCOMMIT TRANSACTION;`,
    parameters: {},
    columns: [],
  };
}
