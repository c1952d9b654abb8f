import type { Severity } from '../episodes/episode.ts';
import { type Recipient, recipientKey } from './policy.ts';

/** A conversation as its reader knows it. */
export interface Thread {
  readonly id: string;
  /** The word with which its subject begins, by which people filter; null: it begins with none. */
  readonly severity: Severity | null;
}

/** What of threads began for a recipient, by what went out to him. */
export interface KnownThreads {
  /** The one in which he was told last that an episode is open; null: in none. */
  readonly of: (recipient: Recipient, episodeId: string) => Thread | null;
  /** The one with this id; null: it has not begun. */
  readonly named: (recipient: Recipient, threadId: string) => Thread | null;
}

/** Where nobody was told of anything. */
export const NO_THREADS: KnownThreads = { of: () => null, named: () => null };

/** One word for a thread of one recipient. */
export function threadKey(recipient: Recipient, threadId: string): string {
  return `${recipientKey(recipient)} ${threadId}`;
}
