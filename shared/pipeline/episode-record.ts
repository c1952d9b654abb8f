import type { EpisodeInput, SightRecord } from '../core/episodes/actions.ts';
import type { Episode, NoticeKind } from '../core/episodes/episode.ts';
import { applyRecord } from '../core/episodes/fold.ts';
import { noticeIdOf } from '../core/episodes/identity.ts';
import type { Notice, NoticeEvidence } from '../core/episodes/notice.ts';
import { EPISODE_SETTINGS } from '../core/episodes/settings.ts';
import { learntEvent } from '../core/parse-message.ts';
import type { RunEvent } from '../core/run-event.ts';
import type { EpisodeChanges } from '../ports/episodes.ts';
import type { Settings } from './context.ts';

/** What a record did, ready to be written: the record itself, and what came of it. */
export interface Recorded extends EpisodeChanges {
  readonly learnt: readonly RunEvent[];
}

/** Nothing happened to any episode. */
export const NOTHING_RECORDED: Recorded = { learnt: [], episodes: [], events: [], notices: [] };

/** A record as it is kept: with what the config file says, so that a replay under another one gives the same. */
export function sightRecord(
  seq: number,
  inputs: readonly EpisodeInput[],
  { policy: { reminders } }: Pick<Settings, 'policy'>,
): SightRecord {
  return reminders === EPISODE_SETTINGS.reminders ? { seq, inputs } : { seq, inputs, reminders };
}

/** Where a record is kept among what was learnt. */
export interface RecordPlace {
  readonly testName: string;
  readonly thread: string;
  /** What makes it this record and no other of its thread. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export interface RecordOptions {
  readonly place: RecordPlace;
  /** Of each notice: whether it is never to be sent. */
  readonly isSuppressed: (episode: Episode) => boolean;
  /** What a reader needs beside the episode; asked for only where something is told. `newest`: all as they are now. */
  readonly evidence: (
    episode: Episode,
    about: { readonly kind: NoticeKind; readonly newest: readonly Episode[] },
  ) => Promise<NoticeEvidence>;
}

/**
 * Applies a record to the newest episodes of its test. One that changes none of them is not kept, since a replay would
 * not miss it.
 */
export async function recordSights(
  episodes: readonly Episode[],
  record: SightRecord,
  { place, isSuppressed, evidence }: RecordOptions,
): Promise<Recorded> {
  const step = applyRecord(episodes, record, EPISODE_SETTINGS);
  if (step.episodes.length === 0) return NOTHING_RECORDED;
  const newest = newestOf(episodes, step.episodes);
  const notices = [];
  for (const { kind, event } of step.notices) {
    const { at, actor, note, after: episode } = event;
    const id = noticeIdOf(episode.episodeId, episode.seq, kind);
    const seen = await evidence(episode, { kind, newest });
    const notice: Notice = { id, kind, at, episode, evidence: seen, actor, note };
    notices.push({ notice, suppressed: isSuppressed(episode) });
  }
  const learnt = [learntEvent({ ...place, kind: 'sighted', body: record })];
  return { learnt, episodes: step.episodes, events: step.events, notices };
}

/** The newest episode of every signal, after a step. */
function newestOf(before: readonly Episode[], changed: readonly Episode[]): Episode[] {
  return [...new Map([...before, ...changed].map((episode) => [episode.fingerprint, episode])).values()];
}
