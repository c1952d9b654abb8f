import type { Notice } from '../core/episodes/notice.ts';
import { isOfTidemark } from '../core/episodes/tidemark-itself.ts';
import type { Mail, MailEvent } from '../core/mail.ts';
import { formatTime } from '../core/time.ts';
import { headline } from './mail/headline.ts';
import { plain } from './plain.ts';

/** A mail as another channel is to have it: the same text, and what it tells of as data. */
export function channelMail(
  mail: Mail,
  { channel, notices }: { channel: string; notices: readonly Notice[] },
): Mail {
  const { attachments: _, ...rest } = mail;
  return { ...rest, to: [channel], channel, events: notices.map(eventOf) };
}

function eventOf(notice: Notice): MailEvent {
  const { kind, at, episode } = notice;
  const { frozen, lastBad, openedAt, lastGood } = episode;
  return {
    episode_id: episode.episodeId,
    kind,
    state: episode.state,
    severity: episode.severity,
    // Pagers want something that the news is of.
    test_name: isOfTidemark(episode) ? 'tidemark' : plain(episode.testName),
    signal: plain(episode.signal),
    polarity: episode.polarity,
    reason: plain(episode.reason),
    summary: plain(headline(notice)),
    value: lastBad.value,
    lower: frozen?.lower ?? null,
    upper: frozen?.upper ?? null,
    first_bad_run_id: plain(episode.firstBad.runId),
    last_good_run_id: lastGood === null ? null : plain(lastGood.runId),
    opened_at: formatTime(openedAt),
    at: formatTime(at),
  };
}
