import { planMails } from '../core/delivery.ts';
import type { MailMark, OutboxEntry } from '../ports/history.ts';
import type { Mail, SendResult } from '../ports/mailer.ts';
import { renderMail } from '../render/mail.ts';
import type { Ports, Settings } from './context.ts';

/** A mail after which the other side fell silent so often has probably arrived, and is left alone. */
const MOST_DOUBTS = 2;
/** A mail that could not be sent for this long is given up. */
const GIVE_UP_MS = 24 * 3_600_000;

/**
 * Puts every alert that waits into one mail per address, dated `date`. The mail is in the outbox before anything
 * is sent and never changes there, so that a crash can only repeat the same mail.
 */
export async function composeMails(
  { history, clock, log }: Ports,
  settings: Settings,
  date: number,
): Promise<void> {
  const alerts = await history.waitingAlerts();
  if (alerts.length === 0) return;
  const { drafts, unrouted } = planMails(alerts);
  const entries = drafts.map(({ key, recipient, alerts: of, suppressed }): OutboxEntry => {
    const mail: Mail = renderMail({
      items: of.map(({ item }) => item),
      to: [recipient],
      from: settings.from,
      key,
      date,
      unowned: of.map(({ item }) => item.testName).filter((name) => !settings.tests.get(name)?.owner),
      configFile: settings.configFile,
      command: settings.command,
    });
    return {
      mail,
      channel: 'mail',
      address: recipient,
      kind: 'test',
      episodeIds: [],
      threadId: null,
      notBefore: null,
      atMostOnce: false,
      alertIds: of.map(({ id }) => id),
      status: suppressed ? 'suppressed' : 'pending',
      attempts: 0,
      doubts: 0,
      detail: null,
      addedAt: clock.now(),
    };
  });
  for (const testName of new Set(unrouted.map(({ item }) => item.testName))) {
    log.warn(
      `Test "${testName}" got worse and nobody is named to hear of it; give it an owner, or set alerting.fallback, in ${settings.configFile}`,
    );
  }
  await history.addMails(
    entries,
    { settled: alerts.map(({ id }) => id) },
  );
}

/**
 * Sends what is in the outbox, oldest first, until no mail can be sent this way now, or `stop` aborts. Answers how
 * many were sent. A group of mails is marked together, so a pass that dies in it may repeat each of the group.
 */
export async function sendMails(ports: Ports, { stop }: SendOptions = {}): Promise<number> {
  const { history, clock, log } = ports;
  let sent = 0;
  // `sending`: a process died in the middle of it, since only the holder of the lease gets here. Nobody may have
  // heard of it yet, so the same mail goes out again.
  const entries = await history.mails(['pending', 'sending', 'uncertain']);
  const waiting = entries
    .filter(({ status, doubts }) => status !== 'uncertain' || doubts < MOST_DOUBTS)
    .sort((a, b) => a.mail.date - b.mail.date);
  for (let from = 0; from < waiting.length && !stop?.aborted; from += history.mailsAtOnce) {
    const group = waiting.slice(from, from + history.mailsAtOnce);
    const at = clock.now();
    await history.markMails(
      group.map(({ mail }) => ({ key: mail.key, status: 'sending', detail: null, at })),
    );
    const { marks, unreachable } = await sendGroup(group, ports, { stop });
    await history.markMails(marks);
    sent += marks.filter(({ status }) => status === 'sent').length;
    if (!unreachable) continue;
    log.error('No mail can be sent now; those in the outbox wait for the next tick', {
      event: 'mail_failed',
    });
    break;
  }
  return sent;
}

export interface SendOptions {
  /** No further mail is taken up once it aborts. */
  readonly stop?: AbortSignal | undefined;
}

/** Sends mails one by one; those that it does not come to wait again. */
async function sendGroup(
  group: readonly OutboxEntry[],
  { mailer, clock, log }: Ports,
  { stop }: SendOptions,
) {
  const marks: MailMark[] = [];
  let unreachable = false;
  for (const { mail, addedAt } of group) {
    if (unreachable || stop?.aborted) {
      marks.push({ key: mail.key, status: 'pending', detail: null, at: clock.now() });
      continue;
    }
    const result = await mailer.send(mail);
    const after = afterSending(result, clock.now() - addedAt);
    marks.push({ key: mail.key, ...after, at: clock.now() });
    if (after.status !== 'sent')
      log.error(`Mail to ${mail.to.join(', ')} (${mail.subject}): ${after.status}: ${after.detail}`, {
        event: 'mail_failed',
      });
    unreachable = result.kind === 'unreachable';
  }
  return { marks, unreachable };
}

function afterSending(result: SendResult, age: number): Pick<OutboxEntry, 'status' | 'detail'> {
  const { kind, detail } = result;
  if (kind !== 'retry' && kind !== 'unreachable') return { status: kind, detail };
  return { status: age > GIVE_UP_MS ? 'failed' : 'pending', detail };
}
