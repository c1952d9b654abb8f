import type { AlertItem } from '../../core/alert-item.ts';
import type { Alert, MailMark, MailStatus, Outbox, OutboxEntry } from '../../ports/history.ts';
import type { Mail } from '../../ports/mailer.ts';
import type { Connection, SqlRow } from './database.ts';
import { numberOf, optionalText, textOf, timeOf, timeText } from './values.ts';

export function outbox(connection: Connection): Outbox {
  return {
    async waitingAlerts() {
      return connection
        .all(
          'SELECT * FROM alerts WHERE waiting = 1 AND episode_id IS NULL ORDER BY finished_at, test_name, id',
        )
        .map(alertOf);
    },

    async addMails(entries, settled) {
      connection.atomically(() => {
        for (const entry of entries) addMail(connection, entry);
        const told = entries.flatMap(({ alertIds }) => alertIds);
        for (const id of [...told, ...settled])
          connection.run('UPDATE alerts SET waiting = 0 WHERE id = ?', id);
      });
    },

    async mails(statuses) {
      const rows = connection.all(
        `SELECT * FROM alert_outbox WHERE status IN (SELECT value FROM json_each(?))
         ORDER BY created_at, message_key`,
        JSON.stringify(statuses),
      );
      return rows.map(entryOf);
    },

    // The file is here: marking a mail costs next to nothing.
    mailsAtOnce: 1,

    async markMails(marks) {
      connection.atomically(() => {
        for (const mark of marks) markMail(connection, mark);
      });
    },
  };
}

function markMail(connection: Connection, { key, status, detail, at }: MailMark): void {
  connection.run(
    `UPDATE alert_outbox SET status = ?, detail = ?, attempts = attempts + ?, doubts = doubts + ?,
       sent_at = CASE WHEN ? = 'sent' THEN ? ELSE sent_at END WHERE message_key = ?`,
    status,
    detail,
    status === 'sending' ? 1 : 0,
    status === 'uncertain' ? 1 : 0,
    status,
    timeText(at),
    key,
  );
}

function addMail(connection: Connection, entry: OutboxEntry): void {
  const { mail, alertIds, status, attempts, doubts, detail, addedAt } = entry;
  connection.run(
    `INSERT INTO alert_outbox (message_key, recipients, subject, rendered, alert_ids, status, attempts, doubts, detail, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_key) DO NOTHING`,
    mail.key,
    JSON.stringify(mail.to),
    mail.subject,
    JSON.stringify(mail),
    JSON.stringify(alertIds),
    status,
    attempts,
    doubts,
    detail,
    timeText(addedAt),
  );
}

function entryOf(row: SqlRow): OutboxEntry {
  return {
    mail: JSON.parse(textOf(row, 'rendered')) as Mail,
    alertIds: JSON.parse(textOf(row, 'alert_ids')) as string[],
    status: textOf(row, 'status') as MailStatus,
    attempts: numberOf(row, 'attempts'),
    doubts: numberOf(row, 'doubts'),
    detail: optionalText(row, 'detail'),
    addedAt: timeOf(row.created_at),
  };
}

export function alertOf(row: SqlRow): Alert {
  return {
    id: textOf(row, 'id'),
    uuid: textOf(row, 'uuid'),
    recipients: JSON.parse(textOf(row, 'recipients')) as string[],
    suppressed: row.suppressed === 1,
    item: JSON.parse(textOf(row, 'item')) as AlertItem,
  };
}
