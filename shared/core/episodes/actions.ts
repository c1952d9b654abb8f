import type { ClockSight, Sight } from './sight.ts';

/** What a person can do to one episode. */
export const EPISODE_ACTIONS = ['ack', 'unack', 'accept', 'close', 'comment'] as const;
export type EpisodeActionKind = (typeof EPISODE_ACTIONS)[number];

/** Everything a person can do; silences speak of matchers and move no episode, only who hears of it. */
export const ACTION_KINDS = [...EPISODE_ACTIONS, 'silence', 'unsilence'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** What a person did to one episode. */
export interface PersonAction {
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

/** Whatever can move an episode. */
export type EpisodeInput = Sight | ClockSight | PersonAction;

/**
 * What was learnt at one moment about the episodes of one test: the body of an event of kind `sighted`. `seq` counts
 * the records of the test from 1, in the order in which they were learnt; that order is what a replay goes by.
 */
export interface SightRecord {
  readonly seq: number;
  readonly inputs: readonly EpisodeInput[];
}
