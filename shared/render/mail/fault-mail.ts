import type { Mail, MailEvent } from '../../core/mail.ts';
import { formatTime } from '../../core/time.ts';
import type { MailDocument } from './document.ts';
import { mailHtml } from './html.ts';
import { mailText } from './text.ts';
import { shown } from './words.ts';

/** A way out that is closed. */
export interface ChannelFault {
  readonly key: string;
  readonly from: string;
  readonly to: readonly string[];
  /** Milliseconds since the epoch. */
  readonly date: number;
  /** `mail`, or a name of `alerting.channels`. */
  readonly channel: string;
  /** What the other side, or the network, said. */
  readonly detail: string;
  readonly waiting: number;
  /** What to type before a command. */
  readonly command: string;
}

/** Says by another way that one is closed. */
export function faultMail(fault: ChannelFault): Mail {
  const { key, from, to, date } = fault;
  const document = documentOf(fault);
  return {
    ...{ key, from, to, date },
    subject: document.subject,
    text: mailText(document),
    html: mailHtml(document, new Set()),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Tidemark-State': 'channel_fault' },
    events: [eventOf(fault, document.preheader)],
  };
}

/** For channels that take data: as if it were an episode of Tidemark itself. */
function eventOf({ channel, date }: ChannelFault, summary: string): MailEvent {
  return {
    episode_id: `channel-${channel}`,
    kind: 'firing',
    state: 'firing',
    severity: 'critical',
    test_name: 'tidemark',
    signal: 'pipeline',
    polarity: 'bad',
    reason: 'channel_fault',
    summary,
    value: null,
    lower: null,
    upper: null,
    first_bad_run_id: '',
    last_good_run_id: null,
    opened_at: formatTime(date),
    at: formatTime(date),
  };
}

function documentOf({ channel, detail, waiting, date, command }: ChannelFault): MailDocument {
  const what =
    channel === 'mail' ? 'Mails cannot be sent' : `The channel ${shown(channel, 60)} cannot be reached`;
  const count = `${waiting} ${waiting === 1 ? 'message waits' : 'messages wait'}`;
  return {
    subject: `[critical] Tidemark · ${what.toLowerCase()}`,
    title: what,
    preheader: `${what}; ${count} and nothing is lost`,
    date,
    sections: [
      {
        tone: 'bad',
        state: 'CHANNEL FAULT · critical',
        heading: what,
        blocks: [
          {
            kind: 'sentence',
            text: `${count}. They are tried again at every tick, and none of them is lost.`,
          },
          { kind: 'facts', facts: [{ label: 'said', parts: [shown(detail, 400)] }] },
          {
            kind: 'commands',
            commands: [{ what: 'what is wrong with the setup', command: `${command} doctor` }],
          },
        ],
      },
    ],
    footer: ['You get this because it is another way to reach somebody; it is said once a day.'],
  };
}
