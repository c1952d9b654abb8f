import { MAIL_CHANNEL, type Recipient, recipientKey } from '../core/delivery/policy.ts';
import { faultKey, isLastingFault, otherWays, passedOnKey } from '../core/delivery/sending.ts';
import type { Mail } from '../core/mail.ts';
import type { OutboxEntry } from '../ports/history.ts';
import { faultMail } from '../render/mail/fault-mail.ts';
import { passedOn, UNDELIVERED_HEADER } from '../render/mail/undelivered.ts';
import type { Ports, Settings } from './context.ts';

/** What a pass could not send. */
export interface NotSent {
  /** Rows that will never arrive. */
  readonly failed: readonly OutboxEntry[];
  /** All rows that the pass wanted to send. */
  readonly waiting: readonly OutboxEntry[];
  /** By channel: what was said when nothing got out by it. */
  readonly closed: ReadonlyMap<string, string>;
}

/** Puts into the outbox what follows from what could not be sent, and answers with what of it was not there yet. */
export async function entriesAfter(
  { failed, waiting, closed }: NotSent,
  { ports, settings }: { readonly ports: Ports; readonly settings: Settings },
): Promise<readonly OutboxEntry[]> {
  const around = { settings, now: ports.clock.now() };
  const faults = [...closed].flatMap(([channel, detail]) => {
    const rows = waiting.filter((row) => row.channel === channel);
    return isLastingFault(rows.map(({ attempts }) => ({ attempts: attempts + 1 })))
      ? faultsOf({ channel, detail, waiting: rows.length }, around)
      : [];
  });
  const entries = [...failed.flatMap((row) => passedOnRows(row, around)), ...faults];
  if (entries.length === 0) return [];
  await ports.history.addMails(entries, {});
  // One that was there already has been sent, or waits with its own history.
  const added = new Set(entries.map(({ mail: { key } }) => key));
  const pending = await ports.history.mails(['pending']);
  return pending.filter(({ mail: { key }, attempts }) => added.has(key) && attempts === 0);
}

interface Around {
  readonly settings: Settings;
  readonly now: number;
}

/** Only what somebody must not miss is worth another address, and only once. */
function passedOnRows(row: OutboxEntry, { settings, now }: Around): OutboxEntry[] {
  if (row.atMostOnce || UNDELIVERED_HEADER in row.mail.headers) return [];
  const others = settings.policy.fallback.map((address) => ({ channel: MAIL_CHANNEL, address }));
  return others
    .filter((to) => recipientKey(to) !== recipientKey(row))
    .map((to) => {
      const about = { meantFor: row.address, detail: row.detail ?? '' };
      const mail = passedOn(row.mail, { key: passedOnKey(row.mail.key, to), to: [to.address], ...about });
      return entryOf(mail, { to, now, kind: row.kind });
    });
}

function faultsOf(fault: { channel: string; detail: string; waiting: number }, { settings, now }: Around) {
  const { from, command, policy } = settings;
  return otherWays(fault.channel, policy).map((to) => {
    const key = faultKey(fault.channel, { to, now });
    const mail = faultMail({ ...fault, key, from, command, date: now, to: [to.address] });
    const isMail = to.channel === MAIL_CHANNEL;
    return entryOf(isMail ? mail : { ...mail, channel: to.channel }, { to, now, kind: 'fault' });
  });
}

function entryOf(mail: Mail, { to, now, kind }: { to: Recipient; now: number; kind: string }): OutboxEntry {
  return {
    mail,
    channel: to.channel,
    address: to.address,
    kind,
    alertIds: [],
    episodeIds: [],
    threadId: null,
    notBefore: null,
    atMostOnce: kind === 'fault',
    status: 'pending',
    attempts: 0,
    doubts: 0,
    detail: null,
    addedAt: now,
  };
}
