import { planMails } from '../core/delivery.ts';
import type { OutboxEntry } from '../ports/history.ts';
import type { Mail, SendResult } from '../ports/mailer.ts';
import { renderMail } from '../render/mail.ts';
import type { Ports, Settings } from './context.ts';

/** Attempts after which a mail whose fate is unknown is left alone. */
const MAX_UNCERTAIN_ATTEMPTS = 2;
/** A mail that could not be sent for this long is given up. */
const GIVE_UP_MS = 24 * 3_600_000;

/**
 * Puts every alert that waits into one mail per address, then sends what is due. The mail is in the outbox
 * before anything is sent and never changes there, so that a crash can only repeat the same mail.
 * Answers how many were sent.
 */
export async function notify(ports: Ports, settings: Settings, now: number): Promise<number> {
  await composeMails(ports, settings, now);
  return sendMails(ports, now);
}

async function composeMails({ history, log }: Ports, settings: Settings, now: number): Promise<void> {
  const alerts = await history.waitingAlerts();
  if (alerts.length === 0) return;
  const { drafts, unrouted } = planMails(alerts);
  const entries = drafts.map(({ key, recipient, alerts: of, suppressed }): OutboxEntry => {
    const mail: Mail = renderMail({
      items: of.map(({ item }) => item),
      to: [recipient],
      from: settings.from,
      key,
      date: now,
      unowned: of.map(({ item }) => item.testName).filter((name) => !settings.tests.get(name)?.owner),
      configFile: settings.configFile,
      command: settings.command,
    });
    return {
      mail,
      alertIds: of.map(({ id }) => id),
      status: suppressed ? 'suppressed' : 'pending',
      attempts: 0,
      detail: null,
    };
  });
  for (const testName of new Set(unrouted.map(({ item }) => item.testName))) {
    log.warn(
      `Test "${testName}" got worse and nobody is named to hear of it; give it an owner, or set alerting.fallback, in ${settings.configFile}`,
    );
  }
  await history.addMails(
    entries,
    alerts.map(({ id }) => id),
    now,
  );
}

async function sendMails({ history, mailer, log }: Ports, now: number): Promise<number> {
  let sent = 0;
  // `sending`: a process died in the middle of it; only the holder of the lease gets here, so it was not us.
  for (const entry of await history.mails(['pending', 'sending', 'uncertain'])) {
    const { mail, attempts, status } = entry;
    if (status !== 'pending' && attempts >= MAX_UNCERTAIN_ATTEMPTS) {
      if (status === 'sending') {
        await history.markMail(mail.key, { status: 'uncertain', detail: 'interrupted twice', at: now });
      }
      continue;
    }
    await history.markMail(mail.key, { status: 'sending', detail: null, at: now });
    const result = await mailer.send(mail);
    const after = afterSending(result, now - mail.date);
    await history.markMail(mail.key, { ...after, at: now });
    if (after.status === 'sent') sent += 1;
    else log.error(`Mail to ${mail.to.join(', ')} (${mail.subject}): ${after.status}: ${after.detail}`);
  }
  return sent;
}

function afterSending(result: SendResult, age: number): Pick<OutboxEntry, 'status' | 'detail'> {
  const { detail } = result;
  if (result.kind === 'retry') return { status: age > GIVE_UP_MS ? 'failed' : 'pending', detail };
  return { status: result.kind, detail };
}
