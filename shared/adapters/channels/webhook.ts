import { createHmac } from 'node:crypto';
import type { Mail } from '../../core/mail.ts';
import { formatTime } from '../../core/time.ts';
import { PortError } from '../../ports/error.ts';
import type { Mailer } from '../../ports/mailer.ts';
import { post } from './post.ts';

/** Settings of `webhookChannel`. */
export interface WebhookOptions {
  readonly url: string;
  /** `whsec_` and base64 of 24 to 64 bytes. */
  readonly secret: string;
  /** The clock: receivers refuse what was signed long ago. */
  readonly now: () => number;
  readonly allowPrivate?: boolean;
  readonly timeout?: number;
}

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Standard Webhooks asks for less than 20 KB. */
const MOST_BYTES = 19_000;
const MOST_TEXT = 6_000;

/**
 * Posts what is told as JSON, signed as Standard Webhooks 1.0 has it: `webhook-signature` is the HMAC-SHA256 of id,
 * time and body. The id is that of the message, so whoever keeps ids knows one that comes twice. Throws a PortError for
 * a secret that is none.
 */
export function webhookChannel({ url, secret, now, allowPrivate = false, timeout }: WebhookOptions): Mailer {
  const key = signingKey(secret);
  const closed = new AbortController();
  return {
    send: (mail) => {
      const body = webhookBody(mail);
      const time = Math.floor(now() / 1000);
      return post(new URL(url), {
        body,
        headers: {
          'webhook-id': mail.key,
          'webhook-timestamp': String(time),
          'webhook-signature': signature({ id: mail.key, time, body }, key),
        },
        secrets: [secret],
        publicOnly: !allowPrivate,
        knowsTwice: true,
        signal: closed.signal,
        ...(timeout === undefined ? {} : { timeout }),
      });
    },
    close: async () => closed.abort(),
  };
}

/** The bytes of a secret. Throws a PortError `invalid` that does not repeat it. */
export function signingKey(secret: string): Buffer {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const key = Buffer.from(text, 'base64');
  if (BASE64.test(text) && key.length >= 24 && key.length <= 64) return key;
  throw new PortError(
    'invalid',
    'The secret of the webhook is none: wanted whsec_ and base64 of 24 to 64 bytes, such as whsec_$(openssl rand -base64 32)',
  );
}

/** `v1,` and base64. `time` in seconds. */
export function signature(
  { id, time, body }: { readonly id: string; readonly time: number; readonly body: string },
  key: Buffer,
): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')}`;
}

/** The same message always gives the same body; events that do not fit are counted. */
export function webhookBody({ subject, text, date, events = [] }: Mail): string {
  const of = (kept: number) =>
    JSON.stringify({
      type: 'io.tidemark.alert.v1',
      timestamp: formatTime(date),
      data: {
        subject,
        text: text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT).toWellFormed()}…` : text,
        events: events.slice(0, kept),
        events_left_out: events.length - kept,
      },
    });
  let kept = events.length;
  let body = of(kept);
  while (kept > 0 && Buffer.byteLength(body) > MOST_BYTES) {
    kept = Math.floor(kept * 0.8);
    body = of(kept);
  }
  return body;
}
