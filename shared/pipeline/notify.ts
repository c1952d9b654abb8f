import { planMails } from '../core/delivery.ts';
import type { OutboxEntry } from '../ports/history.ts';
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
    alerts.map(({ id }) => id),
  );
}

/** Sends what is in the outbox, oldest first, until no mail can be sent this way now. Answers how many were sent. */
export async function sendMails({ history, mailer, clock, log }: Ports): Promise<number> {
  let sent = 0;
  // `sending`: a process died in the middle of it, since only the holder of the lease gets here. Nobody may have
  // heard of it yet, so the same mail goes out again.
  const waiting = await history.mails(['pending', 'sending', 'uncertain']);
  for (const entry of waiting.toSorted((a, b) => a.mail.date - b.mail.date)) {
    const { mail, status, doubts, addedAt } = entry;
    if (status === 'uncertain' && doubts >= MOST_DOUBTS) continue;
    await history.markMail(mail.key, { status: 'sending', detail: null, at: clock.now() });
    const result = await mailer.send(mail);
    const after = afterSending(result, clock.now() - addedAt);
    await history.markMail(mail.key, { ...after, at: clock.now() });
    if (after.status === 'sent') sent += 1;
    else log.error(`Mail to ${mail.to.join(', ')} (${mail.subject}): ${after.status}: ${after.detail}`);
    if (result.kind === 'unreachable') {
      log.error('No mail can be sent now; those in the outbox wait for the next tick');
      break;
    }
  }
  return sent;
}

function afterSending(result: SendResult, age: number): Pick<OutboxEntry, 'status' | 'detail'> {
  const { kind, detail } = result;
  if (kind !== 'retry' && kind !== 'unreachable') return { status: kind, detail };
  return { status: age > GIVE_UP_MS ? 'failed' : 'pending', detail };
}
