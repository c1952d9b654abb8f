import {
  type ActionKind,
  baselineTestOf,
  compareActions,
  type PersonAction,
  targetOf,
  targetText,
} from '../../core/person-action.ts';
import type { ActionStore } from '../../ports/history.ts';
import type { Connection, SqlRow } from './database.ts';
import { cascadeAfter } from './run-index.ts';
import { optionalText, optionalTimeOf, textOf, timeOf, timeText } from './values.ts';

export function actionStore(connection: Connection): ActionStore {
  return {
    async addAction(action) {
      connection.atomically(() => putAction(connection, action));
    },

    async actions({ kinds, testName } = {}) {
      const rows = connection.all(
        `SELECT * FROM alert_actions
         WHERE (?1 IS NULL OR kind IN (SELECT value FROM json_each(?1)))
           AND (?2 IS NULL OR target ->> '$.test_name' = ?2)`,
        kinds === undefined ? null : JSON.stringify(kinds),
        testName ?? null,
      );
      return rows.map(actionOf).sort(compareActions);
    },
  };
}

/** Part of a transaction of the caller's. */
export function putAction(connection: Connection, action: PersonAction): void {
  const { actionId, at, actor, via, kind, target, startsAt, endsAt, note } = action;
  if (connection.first('SELECT 1 FROM alert_actions WHERE action_id = ?', actionId) !== undefined) return;
  connection.run(
    `INSERT INTO alert_actions (action_id, at, actor, kind, target, starts_at, ends_at, note, via)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    actionId,
    timeText(at),
    actor,
    kind,
    targetText(target),
    timeText(startsAt),
    timeText(endsAt),
    note,
    via,
  );
  const testName = baselineTestOf(action);
  if (testName !== null) cascadeAfter(connection, testName, { finishedAt: at + 1, runId: '', uuid: '' });
}

function actionOf(row: SqlRow): PersonAction {
  return {
    actionId: textOf(row, 'action_id'),
    at: timeOf(row.at),
    actor: textOf(row, 'actor'),
    via: optionalText(row, 'via'),
    kind: textOf(row, 'kind') as ActionKind,
    target: targetOf(textOf(row, 'target')),
    startsAt: optionalTimeOf(row.starts_at),
    endsAt: optionalTimeOf(row.ends_at),
    note: optionalText(row, 'note'),
  };
}
