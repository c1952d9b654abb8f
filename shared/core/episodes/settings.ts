import type { Severity } from './episode.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The numbers of the state machine. Runs are counted in runs of the test, times in milliseconds. */
export interface EpisodeSettings {
  /** A closed episode that recovered opens again within so many runs, or so long. */
  readonly reopenRuns: number;
  readonly reopenWithin: number;
  /** So many falls back from `recovering` in so many runs are flapping, after which twice as many good runs close … */
  readonly flaps: number;
  readonly flapRuns: number;
  /** … but never more than these. */
  readonly mostRecover: number;
  /** An optional metric that so many runs in a row lack is gone. */
  readonly goneAfter: number;
  /** So many runs in a row in a new band of ordinary width look like a new normal. */
  readonly newNormalAfter: number;
  /** An improvement that lasted so many runs is accepted by itself. */
  readonly keptAfter: number;
  /** How far from the middle of the baseline the clear bound lies, as a share of the way to the firing bound. */
  readonly clearShare: number;
  /** How far inside a written threshold the clear bound lies, as a share of the way to the last good value. */
  readonly clearMargin: number;
  /** When reminders are due, counted from the FIRING. */
  readonly reminders: Readonly<Record<Severity, readonly number[]>>;
}

const REMINDERS = [DAY, 3 * DAY, 10 * DAY, 17 * DAY];

/** alerting.md §1.3 and §1.5: fire at 3 standard deviations, clear at 2; reminders after 24 h, 72 h, then weekly. */
export const EPISODE_SETTINGS: EpisodeSettings = {
  reopenRuns: 3,
  reopenWithin: 2 * DAY,
  flaps: 3,
  flapRuns: 20,
  mostRecover: 8,
  goneAfter: 10,
  newNormalAfter: 20,
  keptAfter: 20,
  clearShare: 2 / 3,
  clearMargin: 0.1,
  reminders: {
    info: [],
    warning: REMINDERS,
    critical: [4 * HOUR, ...REMINDERS.slice(0, 3)],
  },
};
