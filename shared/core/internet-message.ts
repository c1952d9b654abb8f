import { domainOf, isAddress } from './address.ts';
import type { Mail } from './mail.ts';

/** Addresses as objects: a text is parsed by mail libraries, and a comma in it would be a second recipient. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** A message with everything fixed that mail libraries would otherwise make up, so that its bytes are too. */
export interface InternetMessage {
  readonly from: Mailbox;
  readonly to: Mailbox[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly date: Date;
  readonly messageId: string;
  readonly baseBoundary: string;
  readonly headers: Record<string, string>;
}

const KEY = /^[A-Za-z0-9_-]{8,128}$/;
/** A boundary has at most 70 characters (RFC 2046 §5.1.1), of which a library needs some for its part numbers. */
const BOUNDARY = 32;

/** Why a mail cannot be sent as it is, in a sentence; null if it can. */
export function mailProblem(mail: Mail): string | null {
  if (!KEY.test(mail.key)) return 'The key of the mail is not a digest';
  if (!isAddress(mail.from)) return `The sender ${JSON.stringify(mail.from)} is not a mail address`;
  const wrong = mail.to.find((address) => !isAddress(address));
  if (wrong !== undefined) return `The recipient ${JSON.stringify(wrong)} is not a mail address`;
  if (mail.to.length === 0) return 'The mail has no recipient';
  return Number.isFinite(new Date(mail.date).getTime()) ? null : 'The date of the mail is not a time';
}

/** The message of a mail that has no problem. Equal mails give equal messages; each address comes once. */
export function internetMessage(mail: Mail): InternetMessage {
  return {
    from: { name: 'Tidemark', address: mail.from },
    to: [...new Set(mail.to)].map((address) => ({ name: '', address })),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    date: new Date(mail.date),
    messageId: `<${mail.key}@${domainOf(mail.from)}>`,
    baseBoundary: mail.key.slice(0, BOUNDARY),
    headers: { ...mail.headers },
  };
}
