import type { Episode, EpisodeEvent } from '../core/episodes/episode.ts';
import type { Notice } from '../core/episodes/notice.ts';
import type { PersonAction } from '../core/person-action.ts';
import type { RunEvent } from '../core/run-event.ts';

/** A notice on its way into mails. */
export interface WaitingNotice {
  readonly notice: Notice;
  /** Of a run that only a backfill or an import told of: recorded, never sent. */
  readonly suppressed: boolean;
}

/** What one run, the clock or a person did to episodes; written together with what caused it. */
export interface EpisodeChanges {
  /** Episodes as they are now; each replaces what stood there of it. */
  readonly episodes: readonly Episode[];
  readonly events: readonly EpisodeEvent[];
  /** A notice that is there already stays as it is, told or not. */
  readonly notices: readonly WaitingNotice[];
}

/** Changes that come from no run: what was learnt of the clock or a person, and what it did. */
export interface EpisodeRecord extends EpisodeChanges {
  readonly learnt: readonly RunEvent[];
  /** What people did that caused it; one that is there already stays as it is. */
  readonly actions: readonly PersonAction[];
  /** The clock when it was written. */
  readonly ingestedAt: number;
}

/** Which episodes are asked for; a test that is left out means every test. */
export interface EpisodeFilter {
  readonly testName?: string;
  /** True: only those that are not closed. */
  readonly open?: boolean;
}

/** How often a test was judged. */
export interface RunCount {
  readonly testName: string;
  /** Runs that ended behind `from`, up to and at `until`. */
  readonly recent: number;
  /** All runs that ended up to and at `until`. */
  readonly all: number;
}

/** Incidents: a pure fold over what was learnt (`sighted` events), kept as rows. */
export interface EpisodeStore {
  /** The newest episode of every signal and polarity of a test, open or closed, in the order in which they opened. */
  episodesOf(testName: string): Promise<readonly Episode[]>;
  /** Says of which tests will be asked: where the way to the store is long, theirs are brought at once. */
  expectEpisodesOf(testNames: readonly string[]): Promise<void>;
  /** The greatest `record` among the episodes of a test; 0: it has none. */
  lastRecord(testName: string): Promise<number>;
  /** Episodes in the order in which they opened. */
  episodes(filter: EpisodeFilter): Promise<readonly Episode[]>;
  /** The steps of an episode, oldest first; empty: there is no such episode. */
  episodeEvents(episodeId: string): Promise<readonly EpisodeEvent[]>;
  /** Writes changes that come from no run, and what was learnt; as one. */
  recordEpisodes(entry: EpisodeRecord): Promise<void>;
  /** Every event of kind `sighted`, by test name; those of one test by their keys. */
  sightings(): Promise<readonly RunEvent[]>;
  /** Puts these in the place of all episodes and steps, as one; notices stay as they are. */
  replaceEpisodes(all: Pick<EpisodeChanges, 'episodes' | 'events'>): Promise<void>;
  /** Notices that are in no mail yet, oldest first. */
  waitingNotices(): Promise<readonly WaitingNotice[]>;
  /** Notices by id, oldest first; those that are not there are left out. */
  noticesWith(ids: readonly string[]): Promise<readonly WaitingNotice[]>;
  /** All notices, or those of one test, oldest first. */
  notices(testName: string | null): Promise<readonly WaitingNotice[]>;
  /** Judged runs of every test that has any up to `until`, by name; both milliseconds since the epoch. */
  runCounts(span: { readonly from: number; readonly until: number }): Promise<readonly RunCount[]>;
}
