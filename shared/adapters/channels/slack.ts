import type { Mail, MailEvent } from '../../core/mail.ts';
import { PortError } from '../../ports/error.ts';
import type { Mailer } from '../../ports/mailer.ts';
import { post } from './post.ts';

/** Settings of `slackChannel`. */
export interface SlackOptions {
  /** The whole address of the incoming webhook: whoever knows it may post, so it is the secret. */
  readonly secret: string;
  readonly timeout?: number;
}

/** Slack takes 50 blocks and 3,000 characters a section; a message of about 13,000 is refused as a whole. */
const MOST_EVENTS = 10;
const MOST_SUMMARY = 800;
const MOST_NAME = 240;
const MOST_TEXT = 2_800;

/** Posts what is told to an incoming webhook of Slack. Throws a PortError for an address that is none. */
export function slackChannel({ secret, timeout }: SlackOptions): Mailer {
  const url = slackUrl(secret);
  const closed = new AbortController();
  return {
    send: (mail) =>
      post(url, {
        body: JSON.stringify(slackMessage(mail)),
        secrets: [secret, url.pathname, ...url.pathname.split('/').filter((part) => part.length > 7)],
        knowsTwice: false,
        signal: closed.signal,
        ...(timeout === undefined ? {} : { timeout }),
      }),
    close: async () => closed.abort(),
  };
}

/** The address, read. Throws a PortError `invalid` that does not repeat it. */
export function slackUrl(secret: string): URL {
  const url = URL.canParse(secret) ? new URL(secret) : null;
  const isHere = url !== null && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isHere))) return url;
  throw new PortError(
    'invalid',
    'The address of the Slack webhook is none: wanted https://HOST/PATH as Slack gives it',
  );
}

/** What Slack is sent: a text for notifications, and blocks for the channel. */
export function slackMessage({ subject, text, events = [] }: Mail): object {
  const shown = events.slice(0, MOST_EVENTS);
  const sections =
    shown.length === 0 ? [section(`\`\`\`${escaped(text, MOST_TEXT)}\`\`\``)] : shown.map(eventSection);
  const rest = events.length - shown.length;
  return {
    text: escaped(subject, MOST_NAME),
    unfurl_links: false,
    blocks: [
      section(`*${escaped(subject, MOST_NAME)}*`),
      ...sections,
      ...(rest === 0 ? [] : [section(`… and ${rest} more: \`tidemark episodes --open\``)]),
    ],
  };
}

function eventSection({ kind, severity, test_name, summary, episode_id }: MailEvent): object {
  const state = kind.toUpperCase().replaceAll('_', ' ');
  const line = `*${state}* · ${severity} · ${escaped(test_name, MOST_NAME)}\n${escaped(summary, MOST_SUMMARY)}\n\`tidemark ack ${escaped(episode_id, MOST_NAME)}\``;
  return section(line);
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

const MEANING: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '`': 'ˋ' };

/**
 * A text in which nothing means anything to Slack, neither a mention nor a link, cut to so many characters as it is
 * sent. Of its other marks only the looks could change.
 */
function escaped(text: string, most: number): string {
  let shown = '';
  for (const character of text) {
    const next = MEANING[character] ?? character;
    if (shown.length + next.length >= most) return `${shown}…`;
    shown += next;
  }
  return shown;
}
