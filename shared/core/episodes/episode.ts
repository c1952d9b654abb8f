import type { ValueKind } from '../metric.ts';
import type { Outcome } from '../outcome.ts';

/**
 * What of a test an episode is about. `metrics`: half or more of what is demanded is missing; `infra`: the run had no
 * machine (preempted again and again, out of reach); `schedule`: a run that did not come, or does not end; `pipeline`:
 * Tidemark itself, with no test.
 */
export type Signal = `metric:${string}` | 'metrics' | 'job' | 'infra' | 'schedule' | 'pipeline';

/** `good` ones are improvements: they run the same course, are told in digests only, and close no `bad` one. */
export type Polarity = 'bad' | 'good';

/** A test × signal × polarity without an open episode is `ok`; that has no row. */
export const EPISODE_STATES = ['suspect', 'firing', 'recovering', 'closed'] as const;
export type EpisodeState = (typeof EPISODE_STATES)[number];

/** Why an episode is over; `dismissed`: a person closed it without taking the new level for normal. */
export type ClosedReason =
  | 'noise'
  | 'recovered'
  | 'accepted'
  | 'dismissed'
  | 'config_changed'
  | 'test_removed'
  | 'series_gone'
  | 'expired';

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One run as an episode remembers it. Times are milliseconds since the epoch. */
export interface RunPoint {
  readonly uuid: string;
  readonly runId: string;
  /** When it ended; of a run that never came, when it was expected. */
  readonly at: number;
  readonly outcome: Outcome | null;
  readonly value: number | null;
  readonly valueKind: ValueKind | null;
  /** What may explain a change: labels, accelerator, framework version, cluster, attempt, … by name. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Bounds as they were when the episode opened: what its runs are held against until it is over. */
export interface FrozenBounds {
  readonly lower: number | null;
  readonly upper: number | null;
  /** Narrower: a value has to be inside these to count as good again. */
  readonly clearLower: number | null;
  readonly clearUpper: number | null;
  /** How many runs they came from; 0 for a threshold that is written in the config. */
  readonly baselineN: number;
  /** The middle of those runs, where it is known. */
  readonly centre: number | null;
}

/** A person has seen it: no reminders until then. */
export interface Acknowledgement {
  readonly by: string;
  readonly until: number;
  readonly note: string | null;
}

/** One incident of one test and signal, from its first bad run to recovery, acceptance or closure. */
export interface Episode {
  /** Digest of the fingerprint and of the run in which it opened: a repeated pass gives the same. */
  readonly episodeId: string;
  /** Digest of test, signal and polarity: what two episodes of the same thing share. */
  readonly fingerprint: string;
  readonly testName: string;
  readonly signal: Signal;
  readonly polarity: Polarity;
  readonly state: EpisodeState;
  readonly closedReason: ClosedReason | null;
  /** Word of the newest bad run: `below above not_equal nonfinite missing outcome late overrun …`. */
  readonly reason: string;
  /** The highest so far. */
  readonly severity: Severity;
  /** End of the run that opened, fired, closed it; or the moment of the person or the clock that did. */
  readonly openedAt: number;
  readonly firedAt: number | null;
  readonly closedAt: number | null;
  readonly firstBad: RunPoint;
  readonly lastBad: RunPoint;
  /** Worst value so far, where the metric has a direction. */
  readonly worst: number | null;
  /** The last good run before the first bad one. */
  readonly lastGood: RunPoint | null;
  /** The last run that was looked at for it; earlier runs that come late move nothing. */
  readonly lastRun: RunPoint;
  readonly badStreak: number;
  readonly goodStreak: number;
  readonly badTotal: number;
  /** Runs looked at since it opened, neutral ones included; since it closed, once it is closed. */
  readonly runsSince: number;
  /** How often it fell back from `recovering`, counted from 0. */
  readonly flaps: number;
  /** It fell back so often in so few runs that more good runs close it. */
  readonly isFlapping: boolean;
  /** `runsSince` at its newest falls back, at most as many as make it flap. */
  readonly flapRuns: readonly number[];
  /** Runs in a row that lacked the metric. */
  readonly absentStreak: number;
  /** Finite values of its newest runs since the last good one, oldest first, at most as many as make a new normal. */
  readonly recent: readonly number[];
  /** Its worst reason so far: a bound, then `missing` and its like, then `nonfinite`. */
  readonly worstReason: string;
  readonly reopened: number;
  /** Good runs in a row that close it; grows when it flaps. */
  readonly recoverAfter: number;
  readonly frozen: FrozenBounds | null;
  /** What was demanded, in words. */
  readonly demand: string;
  readonly looksLikeNewNormal: boolean;
  readonly ack: Acknowledgement | null;
  /** Names the mail thread; the same for all episodes of a test that opened in one run. */
  readonly threadId: string;
  /** The common cause it was told under; null when it was told by itself. */
  readonly incidentId: string | null;
  /** Of a FIRING that was to be told: how many reminders went out since, and when the next one is due. */
  readonly reminders: number;
  readonly nextReminderAt: number | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly configDigest: string | null;
  /** Number of its last event; its events count from 1. */
  readonly seq: number;
  /**
   * `SightRecord.seq` of the last record of its test that changed it, set by `applyRecord` and `foldEpisodes` alike: the
   * greatest among the episodes of a test is the number of its last record, and the next one is numbered by it.
   */
  readonly record: number;
}

/** What can be said of an episode to people; each one is told once. `acknowledged` is for pagers alone, where there are any. */
export const NOTICE_KINDS = [
  'firing',
  'escalated',
  'again',
  'flapping',
  'new_normal',
  'recovered',
  'closed',
  'reminder',
  'ack_ended',
  'silence_ended',
  'acknowledged',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** A row of `alert_episode_events`: one step of an episode, and the whole of what the episode was after it. */
export interface EpisodeEvent {
  /** Digest of episode, seq and kind. */
  readonly eventId: string;
  readonly at: number;
  readonly runId: string | null;
  /** What happened: the row of the state table, in words. */
  readonly kind: string;
  readonly fromState: EpisodeState | 'ok';
  readonly reason: string | null;
  /** Who did it; null for a run or the clock. */
  readonly actor: string | null;
  readonly note: string | null;
  readonly after: Episode;
}
