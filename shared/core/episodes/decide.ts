import type { EpisodeAction, EpisodeInput } from './actions.ts';
import { applyEffect, higher } from './effects.ts';
import type { Episode, EpisodeEvent, NoticeKind } from './episode.ts';
import { ordinaryWidth } from './frozen.ts';
import { episodeEventIdOf } from './identity.ts';
import { openedBy } from './opening.ts';
import type { EpisodeSettings } from './settings.ts';
import type { ClockSight, Sight } from './sight.ts';
import { EVENTS, type EventWord, type FromState, rowFor, type StateRow } from './table.ts';
import { reasonRank, stateFor, type Word, wordOfClock, wordOfPerson, wordOfSight } from './words.ts';

/** What an input did to an episode. */
export interface Decision {
  /** Null: there is none, and the input opens none. */
  readonly episode: Episode | null;
  /** Its steps, oldest first; empty: nothing changed. */
  readonly events: readonly EpisodeEvent[];
  /** What is to be told, with the step that says so. */
  readonly notices: readonly { readonly kind: NoticeKind; readonly event: EpisodeEvent }[];
  /** What happened, in words, or why nothing did. */
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
  const from = input.from === 'run' ? stateFor(episode, input, settings) : (episode?.state ?? 'ok');
  const word = wordFor(episode, input, settings);
  if ('ignored' in word) return { episode, events: [], notices: [], reason: word.ignored };
  const first = take(episode, { from, word: word.event, input, settings });
  if (first === null) return { episode, events: [], notices: [], reason: `nothing follows: ${from}` };
  const steps = [first];
  for (const next of input.from === 'run' ? followUps(episode, input, settings) : []) {
    const before = steps.at(-1)!.event.after;
    const more = next(before);
    const step = more === null ? null : take(before, { from: before.state, word: more, input, settings });
    if (step !== null) steps.push(step);
  }
  return {
    episode: steps.at(-1)!.event.after,
    events: steps.map(({ event }) => event),
    notices: steps.flatMap(({ row, event }) => (row.tells === null ? [] : [{ kind: row.tells, event }])),
    reason: EVENTS[word.event],
  };
}

function wordFor(episode: Episode | null, input: EpisodeInput, settings: EpisodeSettings): Word {
  if (input.from === 'run') return wordOfSight(episode, input, settings);
  if (episode === null || episode.episodeId !== input.episodeId) return { ignored: 'another episode' };
  return input.from === 'clock' ? wordOfClock(episode, input) : wordOfPerson(episode, input);
}

interface Taking {
  readonly from: FromState;
  readonly word: EventWord;
  readonly input: EpisodeInput;
  readonly settings: EpisodeSettings;
}

interface Step {
  readonly row: StateRow;
  readonly event: EpisodeEvent;
}

/** Takes the row of the table; null: there is none. */
function take(episode: Episode | null, { from, word, input, settings }: Taking): Step | null {
  const row = rowFor(from, word);
  if (row === null) return null;
  const [opens, ...rest] = row.does;
  const isNew = opens === 'open' && input.from === 'run';
  const before = isNew ? openedBy(input, settings) : episode;
  if (before === null) return null;
  const changed = (isNew ? rest : row.does).reduce(
    (so, effect) => applyEffect(effect, so, { input, settings }),
    before,
  );
  const after = { ...changed, ...stateAfter(row, changed, input.at), seq: before.seq + 1 };
  return { row, event: eventOf({ row, from: isNew ? 'ok' : before.state, after, input }) };
}

function stateAfter({ to }: StateRow, { state }: Episode, at: number): Partial<Episode> {
  if (to === 'same') return { state };
  if (to === 'suspect' || to === 'firing' || to === 'recovering') return { state: to };
  // From now on it counts the runs since it closed.
  return { state: 'closed', closedReason: to, closedAt: at, runsSince: 0, nextReminderAt: null };
}

interface Taken {
  readonly row: StateRow;
  readonly from: EpisodeEvent['fromState'];
  readonly after: Episode;
  readonly input: EpisodeInput;
}

function eventOf({ row, from, after, input }: Taken): EpisodeEvent {
  const person: EpisodeAction | null = input.from === 'person' ? input : null;
  return {
    eventId: episodeEventIdOf(after.episodeId, after.seq, row.name),
    at: input.at,
    runId: input.from === 'run' ? input.run.runId : null,
    kind: row.name,
    fromState: from,
    reason: reasonOf(input),
    actor: person?.actor ?? null,
    note: person?.note ?? null,
    after,
  };
}

function reasonOf(input: Sight | ClockSight | EpisodeAction): string | null {
  return input.from === 'run' && input.reason !== '' ? input.reason : null;
}

/** What the same run may mean beside its own row, each asked of the episode as the one before left it. */
function followUps(
  before: Episode | null,
  sight: Sight,
  settings: EpisodeSettings,
): ((episode: Episode) => EventWord | null)[] {
  const wasTold = before !== null && (before.state === 'firing' || before.state === 'recovering');
  return [
    (now) => (wasTold && isWorse(before, now) ? 'worse' : null),
    ({ flapRuns, runsSince, isFlapping }) => {
      const oldest = flapRuns.at(-settings.flaps);
      if (flapRuns.length < settings.flaps || oldest === undefined) return null;
      if (runsSince - oldest >= settings.flapRuns) return null;
      return isFlapping ? 'flaps_again' : 'flaps';
    },
    (now) => (isNewNormal(now, sight, settings) ? 'new_normal' : null),
  ];
}

function isWorse(before: Episode, now: Episode): boolean {
  if (now.state !== 'firing') return false;
  const isMoreSevere =
    now.severity !== before.severity && higher(before.severity, now.severity) === now.severity;
  return isMoreSevere || reasonRank(now.worstReason) > reasonRank(before.worstReason);
}

/** A band that its newest runs would make by themselves, were they taken for normal; a written threshold has none. */
function isNewNormal(now: Episode, { judge, confirmAfter }: Sight, settings: EpisodeSettings): boolean {
  if (now.looksLikeNewNormal) return false;
  if (confirmAfter === null) return judge === 'looks_normal';
  const width = ordinaryWidth(now);
  const { recent } = now;
  if (width === null || recent.length < settings.newNormalAfter) return false;
  return Math.max(...recent) - Math.min(...recent) <= width;
}
