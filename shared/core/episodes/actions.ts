import type { PersonAction } from '../person-action.ts';
import type { EpisodeSettings } from './settings.ts';
import type { ClockSight, Sight } from './sight.ts';

/** What a person can do to one episode; silences speak of matchers and move none, only who hears of it. */
export const EPISODE_ACTIONS = ['ack', 'unack', 'accept', 'close', 'comment'] as const;
export type EpisodeActionKind = (typeof EPISODE_ACTIONS)[number];

/** What a person did to one episode. */
export interface EpisodeAction {
  readonly from: 'person';
  readonly actionId: string;
  readonly kind: EpisodeActionKind;
  readonly episodeId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: string;
  /** Of `ack`: when it ends. */
  readonly until: number | null;
  readonly note: string | null;
}

/** What an action is to the episode it names; null if it names none, or does nothing to one. */
export function episodeActionOf({
  actionId,
  kind,
  target,
  at,
  actor,
  endsAt,
  note,
}: PersonAction): EpisodeAction | null {
  const known = EPISODE_ACTIONS.find((one) => one === kind);
  if (known === undefined || target.episodeId === null) return null;
  return {
    from: 'person',
    actionId,
    kind: known,
    episodeId: target.episodeId,
    at,
    actor,
    until: endsAt,
    note,
  };
}

/** Whatever can move an episode. */
export type EpisodeInput = Sight | ClockSight | EpisodeAction;

/**
 * What was learnt at one moment about the episodes of one test: the body of an event of kind `sighted`. `seq` counts
 * the records of the test from 1, in the order in which they were learnt; that order is what a replay goes by.
 */
export interface SightRecord {
  readonly seq: number;
  readonly inputs: readonly EpisodeInput[];
  /** When reminders were due by the config of that moment, where it differs from what holds without one. */
  readonly reminders?: EpisodeSettings['reminders'];
}
