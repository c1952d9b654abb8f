import type { Severity } from '../episodes/episode.ts';

/** The channel of ordinary mails; every other name is one of `alerting.channels`. */
export const MAIL_CHANNEL = 'mail';

/** Somebody who hears of things: a mail address, or a channel by its name. */
export interface Recipient {
  /** `mail`, or a name of `alerting.channels`. */
  readonly channel: string;
  /** The address; of another channel its name. */
  readonly address: string;
}

/** Hours in which mails wait. `from` and `until` are minutes since local midnight; a span may cross midnight. */
export interface QuietHours {
  /** IANA name. */
  readonly zone: string;
  readonly from: number;
  readonly until: number;
  /** Saturday and Sunday wait as a whole. */
  readonly weekends: boolean;
  /** What does not wait. */
  readonly pass: readonly Severity[];
}

/** An entry of `alerting.routes`; what it does not name matches everything. */
export interface Route {
  /** Label name → globs of which one has to match. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** Globs of test names, of signals; empty: all. */
  readonly tests: readonly string[];
  readonly signals: readonly string[];
  readonly severities: readonly Severity[];
  readonly to: readonly Recipient[];
  /** Null: none, whatever `alerting.quiet` says; undefined: that one. */
  readonly quiet: QuietHours | null | undefined;
  /** Whether the routes behind it are looked at, too. */
  readonly goOn: boolean;
  /** Whether the test's owner hears of it beside this route. */
  readonly andOwner: boolean;
}

/** A moment of every week: 0 is Sunday, minutes since local midnight. */
export interface WeeklyMoment {
  readonly day: number;
  readonly minute: number;
  readonly zone: string;
}

/** Who hears what, when: `alerting` of the config, with its defaults. Durations are milliseconds. */
export interface DeliveryPolicy {
  readonly fallback: readonly string[];
  readonly routes: readonly Route[];
  readonly quiet: QuietHours | null;
  /** More tests than this for one recipient in one pass make one digest. */
  readonly digestAbove: number;
  /** Waits before each reminder, the first one behind FIRING; as many reminders as entries. */
  readonly reminders: readonly number[];
  /** The first wait of a critical one. */
  readonly criticalReminder: number;
  readonly weekly: WeeklyMoment | null;
}

/** What holds where the config says nothing (alerting.md §1.5). */
export const DEFAULT_POLICY: DeliveryPolicy = {
  fallback: [],
  routes: [],
  quiet: null,
  digestAbove: 3,
  reminders: [24, 72, 168, 168].map((hours) => hours * 3_600_000),
  criticalReminder: 4 * 3_600_000,
  weekly: null,
};
