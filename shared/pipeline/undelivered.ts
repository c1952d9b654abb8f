import { MAIL_CHANNEL, type Recipient, recipientKey } from '../core/delivery/policy.ts';
import { faultKey, isLastingFault, otherWays, passedOnKey } from '../core/delivery/sending.ts';
import type { Mail } from '../core/mail.ts';
import type { OutboxEntry } from '../ports/history.ts';
import { faultMail } from '../render/mail/fault-mail.ts';
import { passedOn, UNDELIVERED_HEADER } from '../render/mail/undelivered.ts';
import type { Ports, Settings } from './context.ts';

interface Passing {
  readonly ports: Ports;
  readonly settings: Settings;
}

/** Puts into the outbox what goes to the fallback because it never arrives where it should; answers with the keys. */
export async function passOn(
  failed: readonly OutboxEntry[],
  { ports, settings }: Passing,
): Promise<readonly string[]> {
  const around = { settings, now: ports.clock.now() };
  return added(
    failed.flatMap((row) => passedOnRows(row, around)),
    ports,
  );
}

/** Puts into the outbox what tells by other ways that one stays closed; answers with the keys. */
export async function tellFaults(
  {
    waiting,
    closed,
  }: { readonly waiting: readonly OutboxEntry[]; readonly closed: ReadonlyMap<string, string> },
  { ports, settings }: Passing,
): Promise<readonly string[]> {
  const around = { settings, now: ports.clock.now() };
  const faults = [...closed].flatMap(([channel, detail]) => {
    const rows = waiting.filter((row) => row.channel === channel);
    const tried = rows.map(({ attempts }) => ({ attempts: attempts + 1 }));
    return isLastingFault(tried) ? faultsOf({ channel, detail, waiting: rows.length }, around) : [];
  });
  return added(faults, ports);
}

async function added(entries: readonly OutboxEntry[], { history }: Ports): Promise<readonly string[]> {
  if (entries.length > 0) await history.addMails(entries, {});
  return entries.map(({ mail: { key } }) => key);
}

/** Those of the keys that were never tried; one that was there already has been sent, or waits with its own history. */
export async function untried(
  keys: ReadonlySet<string>,
  { history }: Ports,
): Promise<readonly OutboxEntry[]> {
  if (keys.size === 0) return [];
  const pending = await history.mails(['pending']);
  return pending.filter(({ mail: { key }, attempts }) => keys.has(key) && attempts === 0);
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
