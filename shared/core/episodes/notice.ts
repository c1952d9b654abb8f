import type { Outcome } from '../outcome.ts';
import type { Episode, NoticeKind } from './episode.ts';

/** One run on the chart and in the little table of a mail, oldest first. */
export interface NoticePoint {
  readonly runId: string;
  readonly at: number;
  /** Null where it was missing or not finite. */
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly isBad: boolean;
}

/** What became of another metric in the run that is told of. */
export interface Sibling {
  readonly metric: string;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly verdict: 'pass' | 'fail' | 'inconclusive' | null;
  /** It has an incident of its own that is not over; bounds and verdict are by what that froze. */
  readonly isOpen?: boolean;
}

/** What a reader needs beside the episode itself, as it was when it was told. */
export interface NoticeEvidence {
  /** The last runs up to the one that is told of, at most 60; empty for signals without a value. */
  readonly points: readonly NoticePoint[];
  readonly siblings: readonly Sibling[];
  readonly outcome: Outcome | null;
  readonly attempt: number | null;
  readonly logsLink: string | null;
  readonly workloadLink: string | null;
  readonly modelDir: string | null;
  /** What the run, or who waited for it, says to people; notices of before have none. */
  readonly message?: string | null;
  /** One in how many ordinary runs would be as bad; null where nobody knows. */
  readonly oneIn: number | null;
}

/** One thing to tell people: a row of `alerts`, written in the transaction that changed the episode. */
export interface Notice {
  /** Digest of episode, seq and kind. */
  readonly id: string;
  readonly kind: NoticeKind;
  /** The moment of the change, milliseconds since the epoch. */
  readonly at: number;
  /** The episode after the change. */
  readonly episode: Episode;
  readonly evidence: NoticeEvidence;
  /** Who did it, and what they said; null for a run or the clock. */
  readonly actor: string | null;
  readonly note: string | null;
}
