import { compareRuns } from '../run.ts';
import type { EpisodeAction } from './actions.ts';
import type { Episode } from './episode.ts';
import { type Said, saidTo } from './frozen.ts';
import { isSameDemand } from './same-demand.ts';
import type { EpisodeSettings } from './settings.ts';
import type { ClockSight, Sight } from './sight.ts';
import type { EventWord, FromState } from './table.ts';

/** The event that an input is to an episode, or in words why it is none. */
export type Word = { readonly event: EventWord } | { readonly ignored: string };

/** The state that the table knows: an episode that closed too long ago to open again is as good as none. */
export function stateFor(episode: Episode | null, sight: Sight, settings: EpisodeSettings): FromState {
  if (episode === null) return 'ok';
  if (episode.state !== 'closed') return episode.state;
  if (wasNoNoise(episode, sight)) return 'noise';
  return mayReopen(episode, sight.at, settings) ? 'closed' : 'ok';
}

/** The change that the judge sees began where a suspect was taken for noise, or before. */
function wasNoNoise({ closedReason, firstBad }: Episode, { judge, firstBad: begun }: Sight): boolean {
  return closedReason === 'noise' && judge === 'alert' && begun !== null && begun.at <= firstBad.at;
}

/** Whether a bad run at this moment is the same incident again. */
export function mayReopen(episode: Episode, at: number, settings: EpisodeSettings): boolean {
  if (episode.closedReason !== 'recovered' || episode.closedAt === null) return false;
  return episode.runsSince < settings.reopenRuns || at - episode.closedAt <= settings.reopenWithin;
}

/** What a run's sight is to the newest episode of its subject. */
export function wordOfSight(episode: Episode | null, sight: Sight, settings: EpisodeSettings): Word {
  if (episode !== null && isBehind(episode, sight)) return { ignored: 'an earlier run, or the same again' };
  const isOpen = episode !== null && episode.state !== 'closed';
  const said = isOpen ? saidTo(episode, sight) : sight.says;
  if (isOpen && !isSameDemand(episode, sight) && (said === 'good' || said === 'between')) {
    return { event: 'config_passes' };
  }
  if (isOpen && isKept(episode, sight, settings)) return { event: 'kept' };
  // Its level is back, whatever this one run is like.
  if (sight.judge === 'recovered' && isOpen) return { event: 'enough_good' };
  if (sight.signal === 'schedule') return { event: wordOfSchedule(sight) };
  return { event: wordOf(said, { episode: isOpen ? episode : null, sight, settings }) };
}

/** A run that finishes ends an outage wherever it lies: what was late has come. */
function isBehind(episode: Episode, sight: Sight): boolean {
  const { closedAt, closedReason, lastRun, state } = episode;
  if (sight.signal === 'schedule' && sight.says === 'good' && state !== 'closed') return false;
  const byPerson = closedReason === 'accepted' || closedReason === 'dismissed';
  if (byPerson && closedAt !== null && sight.at < closedAt) return true;
  return compareRuns(place(sight.run), place(lastRun)) <= 0;
}

function place({ at, runId, uuid }: Sight['run']) {
  return { finishedAt: at, runId, uuid };
}

function isKept(episode: Episode, { judge, says }: Sight, { keptAfter }: EpisodeSettings): boolean {
  if (episode.polarity !== 'good') return false;
  return judge === 'accepted' || (says === 'bad' && episode.runsSince + 1 >= keptAfter);
}

function wordOfSchedule({ says, reason }: Sight): EventWord {
  if (says === 'good') return 'finished';
  if (says !== 'bad') return says === 'undemanded' ? 'undemanded' : 'neutral';
  return reason === 'overrun' ? 'overrun' : 'late';
}

interface Around {
  /** Null where none is open. */
  readonly episode: Episode | null;
  readonly sight: Sight;
  readonly settings: EpisodeSettings;
}

function wordOf(said: Said, { episode, sight, settings }: Around): EventWord {
  if (sight.judge === 'alert') return 'sure';
  // What is still better is news only of an improvement that the judge has seen.
  if (episode === null && sight.polarity === 'good') return 'neutral';
  switch (said) {
    case 'bad':
      return wordOfBad(sight, (episode?.badStreak ?? 0) + 1);
    case 'fail':
      return sight.instant ? 'sure' : 'fail';
    case 'good':
      return isEnough(episode, sight) ? 'enough_good' : 'good';
    case 'present':
      if (!isOnlyAboutPresence(episode)) return 'neutral';
      return isEnough(episode, sight) ? 'enough_good' : 'good';
    case 'absent':
      return (episode?.absentStreak ?? 0) + 1 >= settings.goneAfter ? 'gone' : 'neutral';
    default:
      return said;
  }
}

function wordOfBad({ instant, confirmAfter }: Sight, streak: number): EventWord {
  if (instant) return 'sure';
  return confirmAfter !== null && streak >= confirmAfter ? 'enough_bad' : 'bad';
}

function isEnough(episode: Episode | null, { recoverAfter }: Sight): boolean {
  const wanted = episode === null ? recoverAfter : episode.recoverAfter;
  return (episode?.goodStreak ?? 0) + 1 >= wanted;
}

/** It was about values that were not there or no numbers: one that is there again is what was waited for. */
function isOnlyAboutPresence(episode: Episode | null): boolean {
  return episode !== null && reasonRank(episode.worstReason) > 0 && episode.frozen === null;
}

const MISSING: ReadonlySet<string> = new Set(['missing', 'clock', 'not_reached']);

/** How bad a reason is: 0 a bound, 1 missing, 2 no number. */
export function reasonRank(reason: string): number {
  if (reason === 'nonfinite') return 2;
  return MISSING.has(reason) ? 1 : 0;
}

/** What the clock's word is to an episode. */
export function wordOfClock(episode: Episode, { kind, at }: ClockSight): Word {
  if (kind === 'reminder' && (episode.nextReminderAt === null || at < episode.nextReminderAt)) {
    return { ignored: 'no reminder is due' };
  }
  if (kind === 'ack_ended' && (episode.ack === null || at < episode.ack.until)) {
    return { ignored: 'no ack has ended' };
  }
  return { event: kind };
}

/** What a person's word is to an episode. */
export function wordOfPerson(episode: Episode, { kind }: EpisodeAction): Word {
  if (kind === 'unack' && episode.ack === null) return { ignored: 'nobody has acknowledged it' };
  return { event: kind };
}
