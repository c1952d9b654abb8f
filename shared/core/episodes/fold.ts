import type { EpisodeInput, SightRecord } from './actions.ts';
import { type Decision, decideEpisode } from './decide.ts';
import type { Episode, EpisodeEvent } from './episode.ts';
import { fingerprintOf } from './identity.ts';
import type { EpisodeSettings } from './settings.ts';

/** What a record did to the episodes of its test. */
export interface EpisodeStep {
  /** Those that changed, as they are now. */
  readonly episodes: readonly Episode[];
  readonly events: readonly EpisodeEvent[];
  readonly notices: Decision['notices'];
}

/**
 * Applies one record to the newest episodes of its test, one of every signal and polarity; for a live pass. A record
 * that changes nothing need not be kept.
 */
export function applyRecord(
  episodes: readonly Episode[],
  { seq, inputs, reminders }: SightRecord,
  defaults: EpisodeSettings,
): EpisodeStep {
  const settings = reminders === undefined ? defaults : { ...defaults, reminders };
  const newest = new Map(episodes.map((episode) => [episode.fingerprint, episode]));
  const changed = new Map<string, Episode>();
  const events: EpisodeEvent[] = [];
  const notices: Decision['notices'][number][] = [];
  for (const input of inputs) {
    const before = subjectOf(input, newest);
    const decision = decideEpisode(before, input, settings);
    const marked = new Map(
      decision.events.map((event) => [event, { ...event, after: { ...event.after, record: seq } }]),
    );
    const last = [...marked.values()].at(-1);
    if (last === undefined) continue;
    newest.set(last.after.fingerprint, last.after);
    changed.set(last.after.episodeId, last.after);
    events.push(...marked.values());
    notices.push(...decision.notices.map(({ kind, event }) => ({ kind, event: marked.get(event)! })));
  }
  return { episodes: [...changed.values()], events, notices };
}

/** The newest episode that an input speaks of. */
function subjectOf(input: EpisodeInput, newest: ReadonlyMap<string, Episode>): Episode | null {
  if (input.from === 'run') return newest.get(fingerprintOf(input)) ?? null;
  for (const episode of newest.values()) if (episode.episodeId === input.episodeId) return episode;
  return null;
}

/** All episodes and steps of one test from all that was learnt of it, in any order; for a replay. */
export function foldEpisodes(
  records: readonly SightRecord[],
  settings: EpisodeSettings,
): Pick<EpisodeStep, 'episodes' | 'events'> {
  const newest = new Map<string, Episode>();
  const all = new Map<string, Episode>();
  const events: EpisodeEvent[] = [];
  for (const record of [...records].sort((one, other) => one.seq - other.seq)) {
    const step = applyRecord([...newest.values()], record, settings);
    for (const episode of step.episodes) {
      newest.set(episode.fingerprint, episode);
      all.set(episode.episodeId, episode);
    }
    events.push(...step.events);
  }
  return { episodes: [...all.values()], events };
}
