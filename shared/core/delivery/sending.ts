import { digestOf } from '../digest.ts';
import { MAIL_CHANNEL, type Recipient } from './policy.ts';

/** A message after which the other side fell silent so often has probably arrived, and is left alone. */
const MOST_DOUBTS = 2;
/** A message that is put off again and again for this long is given up. */
const GIVE_UP_MS = 24 * 3_600_000;
/** A way out that was closed so often in a row is told by another one: once may be a moment's trouble. */
const FAULT_ATTEMPTS = 2;
const DAY_MS = 86_400_000;

/** What a row of the outbox says about its sending. */
export interface SendingRow {
  readonly status: string;
  readonly notBefore: number | null;
  readonly atMostOnce: boolean;
  readonly attempts: number;
  readonly doubts: number;
}

/**
 * What is done with a row at the beginning of a pass. `send`. `doubt`: a process died while it was on its way, so it
 * may have arrived, and it is one that must not come twice. `leave`: it has arrived, or probably has, or its hour has
 * not come.
 */
export function nextStep({ status, notBefore, atMostOnce, doubts }: SendingRow): 'send' | 'doubt' | 'leave' {
  if (notBefore !== null) return 'leave';
  // Only the holder of the lease gets here, so whoever was sending it is dead.
  if (status === 'sending') return atMostOnce ? 'doubt' : 'send';
  if (status === 'uncertain') return atMostOnce || doubts >= MOST_DOUBTS ? 'leave' : 'send';
  return status === 'pending' ? 'send' : 'leave';
}

/** What became of one attempt, as the port says it. */
export type AttemptKind = 'sent' | 'retry' | 'unreachable' | 'failed' | 'uncertain';

/**
 * The status after an attempt; `age` since it was put into the outbox. What the other side puts off is given up after a
 * day. While nothing at all gets out (a password that was changed, a server that is down) everything waits.
 */
export function statusAfter(kind: AttemptKind, age: number): 'sent' | 'pending' | 'failed' | 'uncertain' {
  if (kind === 'unreachable') return 'pending';
  if (kind === 'retry') return age > GIVE_UP_MS ? 'failed' : 'pending';
  return kind;
}

/** Whether a closed way is worth telling by another one. */
export function isLastingFault(rows: readonly Pick<SendingRow, 'attempts'>[]): boolean {
  return rows.some(({ attempts }) => attempts >= FAULT_ATTEMPTS);
}

/** Who can be told that a channel is closed: of mail every other channel, of another channel the fallback. */
export function otherWays(
  channel: string,
  { channels, fallback }: { readonly channels: readonly string[]; readonly fallback: readonly string[] },
): readonly Recipient[] {
  if (channel === MAIL_CHANNEL) return channels.map((name) => ({ channel: name, address: name }));
  return fallback.map((address) => ({ channel: MAIL_CHANNEL, address }));
}

/** Names the telling of a closed channel, so that it is told once a day to each. */
export function faultKey(
  channel: string,
  { to, now }: { readonly to: Recipient; readonly now: number },
): string {
  return digestOf('fault', channel, to.channel, to.address, String(Math.floor(now / DAY_MS)));
}

/** Names a message that is passed on to somebody else. */
export function passedOnKey(key: string, to: Recipient): string {
  return digestOf('passed on', key, to.channel, to.address);
}
