import { MAIL_CHANNEL } from '../core/delivery/policy.ts';
import { nextStep, statusAfter } from '../core/delivery/sending.ts';
import type { MailMark, OutboxEntry } from '../ports/history.ts';
import type { SendResult } from '../ports/mailer.ts';
import type { Ports, Settings } from './context.ts';
import { type Ended, endedBy, placesOf, withoutBeginning } from './ends-after-beginnings.ts';
import { passOn, tellFaults, untried } from './undelivered.ts';

export interface SendOptions {
  /** No further mail is taken up once it aborts. */
  readonly stop?: AbortSignal | undefined;
}

/** A channel that nothing gets out by now, and what was said. */
export type ClosedChannels = Map<string, string>;

/**
 * Sends what is in the outbox, oldest first, by every channel until nothing gets out by it now, or `stop` aborts.
 * Answers how many were sent. A group of mails is marked together before anything is sent, so a pass that dies in it
 * may repeat each of the group, but for those that must not come twice: they stay `uncertain`. What cannot be
 * delivered for good is passed on to the fallback, and a channel that stays closed is told by another one.
 */
export async function sendMails(
  ports: Ports,
  settings: Settings,
  { stop }: SendOptions = {},
): Promise<number> {
  const { history } = ports;
  const entries = await history.mails(['pending', 'sending', 'uncertain']);
  await doubt(entries, ports);
  const closed: ClosedChannels = new Map();
  const due = entries.filter((entry) => nextStep(entry) === 'send');
  const ended = await endedBy(due, ports);
  const waiting = await withoutBeginning(due, ended, ports);
  const sending = {
    ...{ ports, settings, closed, ended, stop },
    ...{ stuck: new Set<string>(), follows: new Set<string>(), moving: new Set<string>() },
  };
  const sent = await sendAll(waiting, sending);
  // What something got out by is only slow.
  const shut = new Map([...closed].filter(([channel]) => !sending.moving.has(channel)));
  for (const key of await tellFaults({ waiting, closed: shut }, sending)) sending.follows.add(key);
  // What follows from these goes out in the same pass, and nothing follows from that.
  return sent + (await sendAll(await untried(sending.follows, ports), sending));
}

/** A pass died while these were on their way, and they must not come twice. */
async function doubt(entries: readonly OutboxEntry[], { history, clock }: Ports): Promise<void> {
  const detail = 'the pass that sent it ended in the middle; it may have arrived';
  const marks = entries
    .filter((entry) => nextStep(entry) === 'doubt')
    .map(({ mail: { key } }): MailMark => ({ key, status: 'uncertain', detail, at: clock.now() }));
  if (marks.length > 0) await history.markMails(marks);
}

interface Sending {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly closed: ClosedChannels;
  readonly ended: Ended;
  /** Episodes, by recipient, of which what says that they are open did not get out in this pass. */
  readonly stuck: Set<string>;
  /** Channels by which something got out in this pass. */
  readonly moving: Set<string>;
  /** Keys of what was put into the outbox because something else could not be sent. */
  readonly follows: Set<string>;
  readonly stop: AbortSignal | undefined;
}

/** Answers how many were sent. */
async function sendAll(entries: readonly OutboxEntry[], sending: Sending): Promise<number> {
  const { history, clock } = sending.ports;
  const rest = [...entries].sort(
    (a, b) => a.mail.date - b.mail.date || Number(a.atMostOnce) - Number(b.atMostOnce),
  );
  let sent = 0;
  while (rest.length > 0 && !sending.stop?.aborted) {
    const group = rest.splice(0, history.mailsAtOnce).filter(({ channel }) => !sending.closed.has(channel));
    if (group.length === 0) continue;
    const at = clock.now();
    await history.markMails(group.map(({ mail: { key } }) => ({ key, status: 'sending', detail: null, at })));
    const marks = await sendGroup(group, sending);
    const failed = group.flatMap((entry, index) => {
      const { status, detail } = marks[index]!;
      return status === 'failed' ? [{ ...entry, detail }] : [];
    });
    // Before it counts as failed: a pass that dies in between fails with it once more, and passes on the same.
    for (const key of await passOn(failed, sending)) sending.follows.add(key);
    await history.markMails(marks);
    sent += marks.filter(({ status }) => status === 'sent').length;
  }
  return sent;
}

/** Sends mails one by one; those that it does not come to wait again. */
async function sendGroup(group: readonly OutboxEntry[], sending: Sending): Promise<MailMark[]> {
  const { ports, closed, ended, stuck, stop } = sending;
  const { mailer, clock } = ports;
  const marks: MailMark[] = [];
  for (const entry of group) {
    const { mail, channel, addedAt } = entry;
    const waitsBehind = placesOf(entry, ended.get(mail.key) ?? []).some((place) => stuck.has(place));
    if (stop?.aborted || closed.has(channel) || waitsBehind) {
      marks.push({ key: mail.key, status: 'pending', detail: closed.get(channel) ?? null, at: clock.now() });
      continue;
    }
    const result = await mailer.send(mail);
    const status = statusAfter(result.kind, clock.now() - addedAt);
    marks.push({ key: mail.key, status, detail: result.detail, at: clock.now() });
    if (result.kind === 'unreachable') closed.set(channel, result.detail);
    if (result.kind === 'sent') sending.moving.add(channel);
    const isOut = status !== 'pending' && status !== 'failed';
    for (const place of isOut ? [] : placesOf(entry, entry.episodeIds)) stuck.add(place);
    tell(entry, { result, status, ports });
  }
  return marks;
}

function tell(
  { mail, channel, address }: OutboxEntry,
  {
    result,
    status,
    ports: { log },
  }: { readonly result: SendResult; readonly status: string; readonly ports: Ports },
): void {
  const fields = { event: 'mail_failed' };
  const what = channel === MAIL_CHANNEL ? `Mail to ${address}` : `Message to ${channel}`;
  if (result.kind === 'sent' && result.refused.length > 0)
    log.error(
      `${what} (${mail.subject}): not taken for ${result.refused.join(', ')}: ${result.detail}`,
      fields,
    );
  if (status !== 'sent') log.error(`${what} (${mail.subject}): ${status}: ${result.detail}`, fields);
  if (result.kind !== 'unreachable') return;
  const all = channel === MAIL_CHANNEL ? 'No mail can be sent now' : `Nothing can be sent to ${channel} now`;
  log.error(`${all}; what is in the outbox for it waits for the next tick`, fields);
}
