import { setTimeout } from 'node:timers/promises';
import type { Mail, MailEvent } from '../../core/mail.ts';
import { PortError } from '../../ports/error.ts';
import type { Mailer, SendResult } from '../../ports/mailer.ts';
import { post } from './post.ts';

/** Settings of `pagerDutyChannel`. */
export interface PagerDutyOptions {
  /** The routing key of an Events API v2 integration: 32 letters and digits. */
  readonly secret: string;
  readonly url?: string;
  readonly timeout?: number;
  /** Waits so many milliseconds; for tests. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

const EVENTS_API = 'https://events.pagerduty.com/v2/enqueue';
const ROUTING_KEY = /^[A-Za-z0-9]{32}$/;
/** Nobody is helped by more pages at once; the first says how many were left out. */
const MOST_EVENTS = 20;
/** So long one message waits in all where the other side asks for it; more is a matter of the next pass. */
const PATIENCE = 10_000;
/** PagerDuty's own limit. */
const MOST_SUMMARY = 1_024;

const RESOLVES: ReadonlySet<string> = new Set(['recovered', 'closed']);
const ACKNOWLEDGES: ReadonlySet<string> = new Set(['acknowledged']);
const TRIGGERS: ReadonlySet<string> = new Set(['firing', 'again', 'escalated', 'ack_ended', 'silence_ended']);

/**
 * Opens, acknowledges and resolves incidents of PagerDuty by Events API v2: one for each episode, whose id is the
 * `dedup_key`. What is only a reminder or a remark, and what is for information, pages nobody. Throws a PortError for a
 * key that is none.
 */
export function pagerDutyChannel({
  secret,
  url = EVENTS_API,
  timeout,
  wait = setTimeout,
}: PagerDutyOptions): Mailer {
  routingKey(secret);
  const closed = new AbortController();
  const sendOne = (body: object) =>
    post(new URL(url), {
      body: JSON.stringify(body),
      secrets: [secret],
      knowsTwice: true,
      signal: closed.signal,
      ...(timeout === undefined ? {} : { timeout }),
    });
  return {
    async send(mail) {
      let last: SendResult = { kind: 'sent', detail: 'nothing in it is for a pager', refused: [] };
      let patience = PATIENCE;
      for (const body of pagerDutyEvents(mail, secret)) {
        let posted = await sendOne(body);
        while (posted.kind !== 'sent' && posted.retryAfter !== undefined && posted.retryAfter < patience) {
          // At least a second, or an answer of 0 would be asked for ever.
          const pause = Math.max(1000, posted.retryAfter);
          patience -= pause;
          await wait(pause);
          posted = await sendOne(body);
        }
        const { retryAfter: _, ...result } = posted;
        last = result;
        // Those before it are known by their key when they come again.
        if (last.kind !== 'sent') return last;
      }
      return last;
    },
    close: async () => closed.abort(),
  };
}

/** The key, if it is one. Throws a PortError `invalid` that does not repeat it. */
export function routingKey(secret: string): string {
  if (ROUTING_KEY.test(secret)) return secret;
  throw new PortError(
    'invalid',
    'The routing key of PagerDuty is none: wanted the 32 letters and digits of an Events API v2 integration',
  );
}

/** What PagerDuty is sent, one request each. */
export function pagerDutyEvents({ events = [] }: Mail, secret: string): object[] {
  const wanted = events.filter(
    ({ kind, severity, polarity }) =>
      polarity === 'bad' &&
      severity !== 'info' &&
      [RESOLVES, ACKNOWLEDGES, TRIGGERS].some((of) => of.has(kind)),
  );
  const triggers = wanted.filter(({ kind }) => TRIGGERS.has(kind));
  const [first] = triggers;
  const rest = triggers.slice(MOST_EVENTS);
  // Every end is sent: a page that nobody ends stays open, and one that was never made takes it for nothing.
  return wanted
    .filter((event) => !rest.includes(event))
    .map((event) => ({
      routing_key: secret,
      dedup_key: event.episode_id,
      ...(TRIGGERS.has(event.kind)
        ? { event_action: 'trigger', payload: payloadOf(event, event === first ? rest.length : 0) }
        : { event_action: RESOLVES.has(event.kind) ? 'resolve' : 'acknowledge' }),
    }));
}

function payloadOf(event: MailEvent, leftOut: number): object {
  const { test_name, summary, severity, signal, at, reason, value, lower, upper } = event;
  return {
    summary: [...`${test_name}: ${summary}`].slice(0, MOST_SUMMARY).join(''),
    source: test_name.slice(0, 255).toWellFormed(),
    severity,
    timestamp: at,
    component: signal.slice(0, 255).toWellFormed(),
    class: reason,
    custom_details: {
      ...{
        value,
        lower,
        upper,
        first_bad_run_id: event.first_bad_run_id,
        last_good_run_id: event.last_good_run_id,
      },
      ...(leftOut === 0 ? {} : { more_episodes: leftOut }),
    },
  };
}
