import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { PATIENCE, type Patience } from './client.ts';
import type { Access } from './kubeconfig.ts';
import type { Listing } from './list.ts';

/** One kind of object, in one namespace or in all. */
export interface WatchTarget extends Listing {
  /** For people, such as `Jobs of namespace "a"`. */
  readonly what: string;
  /** Whether the server may not know this kind at all. */
  readonly isOptional: boolean;
}

/** Who is told. Every object that is there is seen at least once after each list, and may be seen again. */
export interface WatchSink {
  seen(object: unknown): void;
  /** It was removed; this is how it last stood. */
  deleted(object: unknown): void;
  /** A list was read to its end: what is not among these uids is not there. */
  listed(uids: ReadonlySet<string>): void;
}

/** How a watch goes about its work. Milliseconds. */
export interface WatchPace {
  /** After this the server ends a watch, and the next one begins. */
  readonly watchMs: number;
  /** How much longer than that no byte may come. */
  readonly silenceMs: number;
  /** After a first failure; it doubles. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
  /** Until a kind that the server does not know is asked for again. */
  readonly absentMs: number;
  readonly patience: Patience;
}

/** What is waited for unless told otherwise. */
export const WATCH_PACE: WatchPace = {
  watchMs: 290_000,
  silenceMs: 20_000,
  pauseMs: 500,
  longestPauseMs: 30_000,
  absentMs: 600_000,
  patience: { ...PATIENCE, clusterMs: 300_000, attempts: 1 },
};

/** How a watch stands. Times are milliseconds since the epoch. */
export interface WatchStatus {
  readonly what: string;
  /** `absent`: the server does not know this kind. */
  readonly phase: 'listing' | 'watching' | 'waiting' | 'absent';
  /** When it last made a step, be it a failure. */
  readonly movedAt: number;
  /** Whether one list was read to its end. */
  readonly hasListed: boolean;
  /** Since when nothing succeeds, and why; null when all is well. */
  readonly failing: { readonly since: number; readonly why: string } | null;
  readonly lists: number;
  readonly watches: number;
  readonly lines: number;
}

/** What a watch needs. `connect` is asked before each request: mounted tokens and authorities are replaced. */
export interface WatchDeps {
  readonly cluster: string;
  readonly connect: () => Promise<Access>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1, so that watches do not end at one moment. */
  readonly chance: () => number;
  readonly pace?: Partial<WatchPace>;
}

/** A watch at work. */
export interface Watch {
  status(): WatchStatus;
  /** Lists again, as soon as may be. */
  relist(): void;
  /** Resolves when the signal has ended it. */
  readonly done: Promise<void>;
}
