import type { Episode } from '../episodes/episode.ts';
import type { Notice } from '../episodes/notice.ts';
import type { CommonCause } from '../mail-request.ts';
import type { TestConfig } from '../schema/test-config.ts';
import type { KnownThreads } from './known-threads.ts';
import type { DeliveryPolicy, Recipient } from './policy.ts';

/** A row of the outbox whose hour has come: it was put there in quiet hours and never tried. */
export interface HeldRow extends Recipient {
  readonly key: string;
}

/** A notice that is to be told: to all whom the policy names, or again to the one for whom it was held. */
export interface NoticeToTell {
  readonly notice: Notice;
  /** Of a run that only a backfill or an import told of: recorded, never sent. */
  readonly suppressed: boolean;
  /** Null: it has been told to nobody yet. */
  readonly held: HeldRow | null;
}

/** A silence, however it was ended. Times are milliseconds since the epoch. */
export interface Silence {
  readonly id: string;
  /** Demands that all have to hold, as a person wrote them; `parseMatcher` reads each. */
  readonly matchers: readonly string[];
  readonly by: string;
  readonly startsAt: number;
  /** An `unsilence` moves it forward. */
  readonly endsAt: number;
  readonly note: string | null;
}

/**
 * What one recipient was told of one episode, by the rows of the outbox that say it is open. `delivered`: one went out,
 * or may have. `underway`: one waits to be sent, and goes before what is planned now. `held`: all there is is a
 * placeholder.
 */
export type Told =
  | { readonly state: 'delivered' }
  | { readonly state: 'underway' }
  | { readonly state: 'held'; readonly until: number };

/** Everything that decides who is told what now. */
export interface DeliveryInput {
  readonly notices: readonly NoticeToTell[];
  /** Open episodes of the tests that are told of: what else is still open. */
  readonly episodes: readonly Episode[];
  readonly silences: readonly Silence[];
  /** Asked for ends and reminders: what this recipient heard of the episode before; null: nothing. */
  readonly told: (recipient: Recipient, episodeId: string) => Told | null;
  /** All who heard of an episode before, or are about to. */
  readonly toldTo: (episodeId: string) => readonly Recipient[];
  /** In which threads what was told to whom. */
  readonly threads: KnownThreads;
  /** By incident id. */
  readonly causes: ReadonlyMap<string, CommonCause>;
  readonly policy: DeliveryPolicy;
  readonly tests: ReadonlyMap<string, TestConfig>;
  /** As the person knows it. */
  readonly configFile: string;
  /** The clock of the pass; of a backfill the end of its run. */
  readonly now: number;
}

/** One mail or message to be. */
export interface DeliveryDraft extends Recipient {
  /** Deterministic: the same notices for the same recipient give the same key. */
  readonly key: string;
  readonly kind: 'test' | 'digest' | 'incident' | 'reminder';
  readonly notices: readonly Notice[];
  /** Ids of the episodes of which it says that they are open. */
  readonly episodeIds: readonly string[];
  readonly stillOpen: readonly Episode[];
  /** Of an `incident`. */
  readonly cause: CommonCause | null;
  readonly threadId: string | null;
  /** Threads beside its own in which something ends with it. */
  readonly alsoEnds: readonly string[];
  /** Null: at once. Until then it is a placeholder: when its hour comes its notices are planned anew (`held`). */
  readonly notBefore: number | null;
  /** Why this recipient: a whole sentence without its full stop. */
  readonly why: string;
  /** Why it is never sent, in a word or two (`backfill`, `silence <id>`, `info`, `not told`, `not sent yet`); null: it is sent. */
  readonly suppressedBy: string | null;
  /** Ends and reminders: where nobody knows whether it arrived it is not sent again. */
  readonly atMostOnce: boolean;
}

/** What comes of a pass's notices. */
export interface DeliveryPlan {
  readonly drafts: readonly DeliveryDraft[];
  /** Placeholders that these drafts replace; they become `suppressed`, by `released`. */
  readonly released: readonly string[];
  /** Notices for which nobody is named. */
  readonly unrouted: readonly Notice[];
}
