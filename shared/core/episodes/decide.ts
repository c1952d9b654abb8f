import type { EpisodeInput } from './actions.ts';
import type { Episode, EpisodeEvent, NoticeKind } from './episode.ts';
import type { EpisodeSettings } from './settings.ts';

/** What an input did to an episode. */
export interface Decision {
  /** Null: there is none, and the input opens none. */
  readonly episode: Episode | null;
  /** Its steps, oldest first; empty: nothing changed. */
  readonly events: readonly EpisodeEvent[];
  /** What is to be told, with the step that says so. */
  readonly notices: readonly { readonly kind: NoticeKind; readonly event: EpisodeEvent }[];
  /** The row of the state table in words, or why nothing changed. */
  readonly reason: string;
}

/**
 * One step of the state machine. `episode`: the newest of the input's test, signal and polarity, open or closed; null
 * if there never was one. An input that was applied before, or that is of an earlier run, changes nothing.
 */
export function decideEpisode(
  episode: Episode | null,
  input: EpisodeInput,
  settings: EpisodeSettings,
): Decision {
  throw new Error(`not there yet: ${episode} ${input} ${settings}`);
}
