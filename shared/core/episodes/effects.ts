import type { EpisodeAction, EpisodeInput } from './actions.ts';
import { type Episode, SEVERITIES, type Severity } from './episode.ts';
import { freeze } from './frozen.ts';
import { firstReminder, remindersAfter } from './reminders.ts';
import { isSameDemand } from './same-demand.ts';
import type { EpisodeSettings } from './settings.ts';
import type { ClockSight, Sight } from './sight.ts';
import type { EffectName } from './table.ts';
import { reasonRank } from './words.ts';

/** What an effect looks at beside the episode. */
export interface Cause {
  readonly input: EpisodeInput;
  readonly settings: EpisodeSettings;
}

type Change = Partial<Episode>;

/** What one effect changes in an episode; a row names only effects that its inputs can have. */
export function applyEffect(name: EffectName, episode: Episode, { input, settings }: Cause): Episode {
  return { ...episode, ...changeOf(name, episode, { input, settings }) };
}

function changeOf(name: EffectName, episode: Episode, { input, settings }: Cause): Change {
  if (input.from === 'clock') return clockChange(name, episode, { clock: input, settings });
  if (input.from === 'person') return personChange(name, input);
  return runChange(name, episode, { sight: input, settings });
}

function runChange(name: EffectName, episode: Episode, at: Seen): Change {
  const { sight, settings } = at;
  switch (name) {
    case 'bad':
      return { ...noted(episode, at), ...countedBad(episode, at) };
    case 'good':
      return { ...noted(episode, at), goodStreak: episode.goodStreak + 1, badStreak: 0, recent: [] };
    case 'note':
      return noted(episode, at);
    case 'fire':
      return { firedAt: episode.firedAt ?? sight.at, ...firstReminder(episode.severity, sight.at, settings) };
    case 'fall':
      return fallenBack(episode, settings);
    case 'flap':
      return {
        isFlapping: true,
        flapRuns: [],
        recoverAfter: Math.min(settings.mostRecover, 2 * episode.recoverAfter),
      };
    case 'reopen':
      return { ...REOPENED, reopened: episode.reopened + 1 };
    case 'revive':
      return { closedAt: null, closedReason: null };
    case 'worsen':
      return { ack: null };
    case 'offer':
      return { looksLikeNewNormal: true };
    default:
      return {};
  }
}

/** What an episode that opens again has put behind it. */
const REOPENED = { closedAt: null, closedReason: null, looksLikeNewNormal: false, ack: null } as const;

interface Seen {
  readonly sight: Sight;
  readonly settings: EpisodeSettings;
}

/** What every run that is looked at leaves behind. */
function noted(episode: Episode, { sight, settings }: Seen): Change {
  const { run, says } = sight;
  const isValue = run.value !== null && run.outcome === 'success';
  return {
    lastRun: run,
    runsSince: episode.runsSince + 1,
    absentStreak: says === 'absent' ? episode.absentStreak + 1 : 0,
    recent: isValue ? [...episode.recent, run.value].slice(-settings.newNormalAfter) : episode.recent,
    ...(says === 'neutral' || says === 'absent' ? {} : heldAgainst(episode, { sight, settings })),
  };
}

/** Bounds that nobody demands any more hold nothing: the run was bad by the new ones. */
function heldAgainst(episode: Episode, { sight, settings }: Seen): Change {
  const { configDigest, demand } = sight;
  if (isSameDemand(episode, sight)) return { configDigest };
  return { configDigest, demand, frozen: freeze(sight, settings) };
}

function countedBad(episode: Episode, { sight, settings }: Seen): Change {
  const { run, runsAgo, reason, recoverAfter } = sight;
  return {
    // Bad by the bounds that it froze, while the bounds of its own row have moved along.
    reason: reason === '' ? episode.reason : reason,
    lastBad: run,
    badStreak: Math.max(episode.badStreak, runsAgo) + 1,
    badTotal: Math.max(episode.badTotal, runsAgo) + 1,
    goodStreak: 0,
    worst: worse(episode, sight),
    worstReason: reasonRank(reason) > reasonRank(episode.worstReason) ? reason : episode.worstReason,
    severity: higher(episode.severity, sight.severity),
    recoverAfter: Math.max(episode.recoverAfter, recoverAfter),
    ...(episode.frozen === null ? { frozen: freeze(sight, settings) } : {}),
    // The judge looks further back than the run that was first suspected.
    ...(sight.judge === 'alert' && sight.firstBad !== null && episode.firedAt === null
      ? { firstBad: sight.firstBad, lastGood: sight.lastGood ?? episode.lastGood }
      : {}),
  };
}

function worse({ worst, frozen }: Episode, { run, better }: Sight): number | null {
  const { value } = run;
  if (value === null || worst === null) return worst ?? value;
  if (better !== null) return better === 'higher' ? Math.min(worst, value) : Math.max(worst, value);
  const centre = frozen?.centre ?? null;
  if (centre === null) return worst;
  return Math.abs(value - centre) > Math.abs(worst - centre) ? value : worst;
}

/** The higher of two severities. */
export function higher(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(other) > SEVERITIES.indexOf(one) ? other : one;
}

function fallenBack({ flaps, flapRuns, runsSince }: Episode, settings: EpisodeSettings): Change {
  return { flaps: flaps + 1, flapRuns: [...flapRuns, runsSince].slice(-settings.flaps) };
}

interface Ticked {
  readonly clock: ClockSight;
  readonly settings: EpisodeSettings;
}

function clockChange(name: EffectName, episode: Episode, { clock, settings }: Ticked): Change {
  if (name === 'group') return { incidentId: clock.incidentId };
  if (name === 'unacknowledge') return { ack: null, ...remindersAfter(episode, clock.at, settings) };
  return name === 'remind' ? remindersAfter(episode, clock.at, settings) : {};
}

function personChange(name: EffectName, { actor, until, note, at }: EpisodeAction): Change {
  if (name === 'acknowledge') return { ack: { by: actor, until: until ?? at, note } };
  return name === 'unacknowledge' ? { ack: null } : {};
}
