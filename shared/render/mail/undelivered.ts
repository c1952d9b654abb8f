import type { Mail } from '../../core/mail.ts';
import { html } from '../html.ts';
import { shown } from './words.ts';

/** What a mail that says for another one that it did not arrive is told. */
export interface Undelivered {
  readonly key: string;
  readonly to: readonly string[];
  /** For whom the other one was, and what became of it. */
  readonly meantFor: string;
  readonly detail: string;
}

/** Marks a mail that was passed on, so that it is never passed on again. */
export const UNDELIVERED_HEADER = 'X-Tidemark-Undelivered';

/** The same mail for somebody else, with a first line that says why he gets it. */
export function passedOn(mail: Mail, { key, to, meantFor, detail }: Undelivered): Mail {
  const line = `This could not be delivered to ${shown(meantFor, 254)}: ${shown(detail, 400)}. You get it instead, as alerting.fallback.`;
  const box = html`<p style="margin:16px;font:14px/1.5 sans-serif"><b>${line}</b></p>`;
  const { channel: _, events: __, ...rest } = mail;
  return {
    ...rest,
    key,
    to,
    text: `${line}\n\n${mail.text}`,
    html: mail.html.replace(/<body[^>]*>/, (body) => `${body}\n${box}`),
    headers: { ...mail.headers, [UNDELIVERED_HEADER]: shown(meantFor, 254) },
  };
}
