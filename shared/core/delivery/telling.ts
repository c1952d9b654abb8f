import type { ClosedReason, NoticeKind } from '../episodes/episode.ts';
import type { Notice } from '../episodes/notice.ts';
import type { Recipient } from './policy.ts';
import type { Reason } from './recipients.ts';

/** One notice for one recipient, on its way into a draft. */
export interface Telling {
  readonly notice: Notice;
  readonly recipient: Recipient;
  readonly reasons: readonly Reason[];
  /** The placeholder it comes from. */
  readonly heldBy: string | null;
  /** It began and ended while it was held: worth one line, no mail of its own. */
  readonly isBrief: boolean;
  readonly suppressedBy: string | null;
  readonly notBefore: number | null;
}

const ENDS: ReadonlySet<NoticeKind> = new Set(['recovered', 'closed']);
const REMINDERS: ReadonlySet<NoticeKind> = new Set(['reminder', 'ack_ended', 'silence_ended']);
/** Nobody may miss these; where it is unknown whether one arrived it is sent once more. */
const MUST_ARRIVE: ReadonlySet<NoticeKind> = new Set(['firing', 'escalated', 'again', 'silence_ended']);

/** Whether it says that an incident is over. */
export function isEnd({ kind }: Notice): boolean {
  return ENDS.has(kind);
}

/** Whether it says once more what is known. */
export function isReminder({ kind }: Notice): boolean {
  return REMINDERS.has(kind);
}

/** Whether it is for nobody but pagers. */
export function isForPagers({ kind }: Notice): boolean {
  return kind === 'acknowledged';
}

/** Whether it has to arrive, twice rather than not at all. */
export function mustArrive({ kind }: Notice): boolean {
  return MUST_ARRIVE.has(kind);
}

/** Improvements and remarks: they come with digests and the weekly summary and are no reason for a mail. */
export function isForDigests({ episode }: Notice): boolean {
  return episode.polarity === 'good' || episode.severity === 'info';
}

/** Reasons for which an incident is over although nobody did anything about it, and nothing is good again. */
const BY_THE_WAY: ReadonlySet<ClosedReason | null> = new Set([
  'config_changed',
  'test_removed',
  'series_gone',
  'expired',
]);

/** An end that is worth a line of a digest, and no mail of its own. */
export function isQuietEnd({ kind, episode }: Notice): boolean {
  return kind === 'closed' && BY_THE_WAY.has(episode.closedReason);
}
