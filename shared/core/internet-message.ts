import { domainOf, isAddress } from './address.ts';
import type { Mail, MailAttachment } from './mail.ts';

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
  readonly attachments: InlineFile[];
}

/** A file that the HTML shows: `related` to it and marked inline, or Outlook lists it apart. */
export interface InlineFile {
  readonly cid: string;
  readonly filename: string;
  readonly contentType: string;
  readonly contentDisposition: 'inline';
  readonly content: string;
  readonly encoding: 'base64';
}

const CONTENT_ID = /^[A-Za-z0-9._-]{1,80}@[A-Za-z0-9.-]{1,80}$/;
const FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
const TYPE = /^[a-z]+\/[a-z0-9.+-]+$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const KEY = /^[A-Za-z0-9_-]{8,128}$/;
/** A boundary has at most 70 characters (RFC 2046 §5.1.1), of which a library needs some for its part numbers. */
const BOUNDARY = 32;

/** Why a mail cannot be sent as it is, in a sentence; null if it can. */
export function mailProblem(mail: Mail): string | null {
  if (!KEY.test(mail.key)) return 'The key of the mail is not a digest';
  if (!isAddress(mail.from)) return `The sender ${JSON.stringify(mail.from)} is not a mail address`;
  const odd = (mail.attachments ?? []).find((file) => !isAttachment(file));
  if (odd !== undefined) return `The picture ${JSON.stringify(odd.cid)} of the mail cannot be sent`;
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
    subject: undecodable(mail.subject),
    text: mail.text,
    html: mail.html,
    date: new Date(mail.date),
    messageId: `<${mail.key}@${domainOf(mail.from)}>`,
    baseBoundary: mail.key.slice(0, BOUNDARY),
    headers: Object.fromEntries(
      Object.entries(mail.headers).map(([name, value]) => [name, undecodable(value)]),
    ),
    attachments: (mail.attachments ?? []).map(({ cid, filename, contentType, content }) => ({
      cid,
      filename,
      contentType,
      contentDisposition: 'inline',
      content,
      encoding: 'base64',
    })),
  };
}

/**
 * Text that no mail program takes for an encoded word (RFC 2047): `=?utf-8?Q?=0D=0ABcc:?=` in the name of a test would
 * be shown as what it hides.
 */
function undecodable(text: string): string {
  return text.replaceAll('=?', '= ?');
}

function isAttachment({ cid, filename, contentType, content }: MailAttachment): boolean {
  return CONTENT_ID.test(cid) && FILE.test(filename) && TYPE.test(contentType) && BASE64.test(content);
}
