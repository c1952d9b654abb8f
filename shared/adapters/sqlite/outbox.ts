import type { Delivery, MailMark, MailStatus, Outbox, OutboxEntry } from '../../ports/history.ts';
import type { Mail } from '../../ports/mailer.ts';
import type { Connection, SqlRow } from './database.ts';
import { numberOf, optionalText, optionalTimeOf, textOf, timeOf, timeText } from './values.ts';

export function outbox(connection: Connection): Outbox {
  return {
    async addMails(entries, { settled = [], released = [] }) {
      connection.atomically(() => {
        for (const entry of entries) addMail(connection, entry);
        const told = entries.flatMap(({ alertIds }) => alertIds);
        for (const id of [...told, ...settled])
          connection.run('UPDATE alerts SET waiting = 0 WHERE id = ?', id);
        for (const key of released) connection.run(RELEASE, key);
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

    async deliveries({ episodeIds, threadIds }) {
      const rows = connection.all(DELIVERIES, JSON.stringify(episodeIds), JSON.stringify(threadIds));
      return rows.map(deliveryOf);
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

const RELEASE = `UPDATE alert_outbox SET status = 'suppressed', detail = 'released'
  WHERE message_key = ? AND status = 'pending' AND not_before IS NOT NULL`;

/** From an index that has all of it. */
export const DELIVERIES = `SELECT message_key, channel, address, kind, episode_ids, thread_id, not_before, status, subject,
    created_at
  FROM alert_outbox INDEXED BY alert_outbox_told
  WHERE thread_id IN (SELECT value FROM json_each(?2))
    OR EXISTS (SELECT 1 FROM json_each(episode_ids) WHERE value IN (SELECT value FROM json_each(?1)))
  ORDER BY created_at, message_key`;

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
    `INSERT INTO alert_outbox (message_key, recipients, subject, rendered, alert_ids, status, attempts, doubts, detail,
       created_at, channel, address, kind, episode_ids, thread_id, not_before, at_most_once)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_key) DO NOTHING`,
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
    entry.channel,
    entry.address,
    entry.kind,
    JSON.stringify(entry.episodeIds),
    entry.threadId,
    timeText(entry.notBefore),
    entry.atMostOnce ? 1 : 0,
  );
}

function entryOf(row: SqlRow): OutboxEntry {
  const mail = JSON.parse(textOf(row, 'rendered')) as Mail;
  return {
    mail,
    ...addressOf(row),
    // What version 1 wrote has one address, and says nothing else.
    address: optionalText(row, 'address') ?? mail.to[0] ?? '',
    atMostOnce: row.at_most_once === 1,
    alertIds: JSON.parse(textOf(row, 'alert_ids')) as string[],
    status: textOf(row, 'status') as MailStatus,
    attempts: numberOf(row, 'attempts'),
    doubts: numberOf(row, 'doubts'),
    detail: optionalText(row, 'detail'),
    addedAt: timeOf(row.created_at),
  };
}

/** What version 1 did not write is as it was then. */
function addressOf(row: SqlRow) {
  return {
    channel: optionalText(row, 'channel') ?? 'mail',
    kind: optionalText(row, 'kind') ?? 'test',
    episodeIds: JSON.parse(optionalText(row, 'episode_ids') ?? '[]') as string[],
    threadId: optionalText(row, 'thread_id'),
    notBefore: optionalTimeOf(row.not_before),
  };
}

function deliveryOf(row: SqlRow): Delivery {
  return {
    key: textOf(row, 'message_key'),
    subject: textOf(row, 'subject'),
    ...addressOf(row),
    address: textOf(row, 'address'),
    status: textOf(row, 'status') as MailStatus,
    addedAt: timeOf(row.created_at),
  };
}
