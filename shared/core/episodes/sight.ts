import type { Polarity, RunPoint, Severity, Signal } from './episode.ts';

/**
 * What a run says of a signal; of a `good` episode (an improvement) `bad` is "still better" and `good` is "as it was".
 * `fail`: bad for a rule that waits for its judge to call it a change, and of Tidemark itself for the first bad tick: it
 * opens a suspect at most. `between`: better than what fires, not as good
 * as what clears. `neutral`: nothing was said (the run did not succeed, too little history, a change that is going
 * on). `present`: a number again, which nobody can judge yet. `absent`: an optional metric that was not there.
 * `undemanded`: nobody demands anything of it any more.
 */
export type Says = 'bad' | 'fail' | 'good' | 'between' | 'neutral' | 'present' | 'absent' | 'undemanded';

/** Words of the judge of the recommended rule about a series, that move an episode by themselves. */
export type JudgeSays = 'alert' | 'recovered' | 'accepted' | 'looks_normal';

/** The bounds of a run, as an episode that opens in it freezes them. */
export interface SightBounds {
  readonly lower: number | null;
  readonly upper: number | null;
  /** The middle of the runs they came from; null for a threshold that is written in the config. */
  readonly centre: number | null;
  /** How many runs they came from; 0 for a threshold that is written in the config. */
  readonly baselineN: number;
}

/**
 * What one judged run, the clock about a run that did not come or does not end, or a tick about itself says of one
 * signal. It is plain JSON: what moved an episode is recorded as it is, and a replay applies it again.
 */
export interface Sight {
  readonly from: 'run';
  /** Empty: Tidemark itself. */
  readonly testName: string;
  readonly signal: Signal;
  readonly polarity: Polarity;
  /**
   * The run; its `at` orders the sights of a signal. Of a run that never came `uuid` says when it was expected; of
   * Tidemark itself it is the tick, and its facts say by the word of the trouble what was said.
   */
  readonly run: RunPoint;
  /** When it happened, milliseconds since the epoch: the end of the run; expected time and grace of a late one. */
  readonly at: number;
  readonly says: Says;
  readonly judge: JudgeSays | null;
  /** No second run need confirm it. */
  readonly instant: boolean;
  /** Bad runs in a row that fire; null: only its judge's alert does. */
  readonly confirmAfter: number | null;
  /** Good runs in a row that close. */
  readonly recoverAfter: number;
  /** Word, without detail: `below above not_equal changed nonfinite missing outcome late overrun …`; empty if not bad. */
  readonly reason: string;
  readonly severity: Severity;
  /** Null where the signal has no value, or nothing could be judged. */
  readonly bounds: SightBounds | null;
  /** Which values are good; null: neither side. Decides which value counts as the worst. */
  readonly better: 'higher' | 'lower' | null;
  /** What is demanded, in words. */
  readonly demand: string;
  /** How many runs before this one the judge saw the change begin; 0 where it did not look back. */
  readonly runsAgo: number;
  /** The run `runsAgo` before, and the last good one before that; filled in by `withPast`. */
  readonly firstBad: RunPoint | null;
  readonly lastGood: RunPoint | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Digest of what is demanded of the signal. */
  readonly configDigest: string | null;
  /** The one that episodes of before hold for the same demand, where it is another. */
  readonly formerDigest?: string;
}

/** What the clock, or the config file, says of one episode. */
export interface ClockSight {
  readonly from: 'clock';
  /**
   * `reminder`: it is still open; `ack_ended`, `silence_ended`: what kept it quiet is over; `expired`: its test is not
   * run any more; `removed`: its test is not in the config file any more; `incident`: it was told with others;
   * `corrected`: its only bad run has ended well after all, as a message says that came late.
   */
  readonly kind:
    | 'reminder'
    | 'ack_ended'
    | 'silence_ended'
    | 'expired'
    | 'removed'
    | 'incident'
    | 'corrected';
  readonly episodeId: string;
  /** When it was due, milliseconds since the epoch; never the clock of the pass. */
  readonly at: number;
  /** Of `incident`: its id. */
  readonly incidentId: string | null;
}
