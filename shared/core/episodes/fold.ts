import type { SightRecord } from './actions.ts';
import type { Decision } from './decide.ts';
import type { Episode, EpisodeEvent } from './episode.ts';
import type { EpisodeSettings } from './settings.ts';

/** What a record did to the episodes of its test. */
export interface EpisodeStep {
  /** Those that changed, as they are now. */
  readonly episodes: readonly Episode[];
  readonly events: readonly EpisodeEvent[];
  readonly notices: Decision['notices'];
}

/** Applies one record to the newest episodes of its test, one of every signal and polarity; for a live pass. */
export function applyRecord(
  episodes: readonly Episode[],
  record: SightRecord,
  settings: EpisodeSettings,
): EpisodeStep {
  throw new Error(`not there yet: ${episodes} ${record} ${settings}`);
}

/** All episodes and steps of one test from all that was learnt of it, in any order; for a replay. */
export function foldEpisodes(
  records: readonly SightRecord[],
  settings: EpisodeSettings,
): Pick<EpisodeStep, 'episodes' | 'events'> {
  throw new Error(`not there yet: ${records} ${settings}`);
}
