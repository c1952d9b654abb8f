import type { Assessment } from '../assess.ts';
import type { EffectiveConfig } from '../effective-config.ts';
import type { JobRow } from '../rows.ts';
import type { Episode, Polarity, RunPoint, Signal } from './episode.ts';
import type { Sight } from './sight.ts';

/** A run as it was judged. */
export interface JudgedRun {
  readonly job: JobRow;
  readonly assessment: Assessment;
  readonly config: EffectiveConfig;
}

/**
 * What a judged run says of the signals of its test, only as far as it matters: all that is bad, and whatever an open
 * episode, or one closed short ago, has to hear. Empty for a quiet run of a quiet test. Not for a run that others of
 * its test were judged behind, nor for one that is judged again for the sake of others.
 * `episodes`: the newest of every signal and polarity of the test.
 */
export function sightsOf(judged: JudgedRun, episodes: readonly Episode[]): Sight[] {
  throw new Error(`not there yet: ${judged} ${episodes}`);
}

/** A sight whose past has to be looked up before it is recorded. */
export interface PastWanted {
  readonly signal: Signal;
  readonly polarity: Polarity;
  /** The metric; null for a signal without one. */
  readonly metric: string | null;
  /** The first bad run is so many finite successful runs of the metric before this one; 0: this one itself. */
  readonly runsAgo: number;
}

/** The sights that open or confirm an episode: what `withPast` is to bring for them. */
export function pastWanted(sights: readonly Sight[], episodes: readonly Episode[]): PastWanted[] {
  throw new Error(`not there yet: ${sights} ${episodes}`);
}

/** The sight with its first bad run (null: itself) and the last good run before that one. */
export function withPast(
  sight: Sight,
  past: { readonly firstBad: RunPoint | null; readonly lastGood: RunPoint | null },
): Sight {
  return { ...sight, ...past };
}
