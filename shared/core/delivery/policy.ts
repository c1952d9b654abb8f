import type { Severity } from '../episodes/episode.ts';
import { EPISODE_SETTINGS } from '../episodes/settings.ts';

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

/** A moment of every week: day 0 is Sunday, minutes since local midnight. */
export interface WeeklyMoment {
  readonly day: number;
  readonly minute: number;
  readonly zone: string;
}

/** Who hears what, when: `alerting` of the config, with its defaults. */
export interface DeliveryPolicy {
  readonly fallback: readonly string[];
  /** Names of all other ways to be told than mail. */
  readonly channels: readonly string[];
  /** Those of them that page: they keep incidents of their own, one an episode. */
  readonly pagers: readonly string[];
  readonly routes: readonly Route[];
  readonly quiet: QuietHours | null;
  /** More tests than this for one recipient in one pass make one digest. */
  readonly digestAbove: number;
  /** When reminders are due, milliseconds since the FIRING. */
  readonly reminders: Readonly<Record<Severity, readonly number[]>>;
  readonly weekly: WeeklyMoment | null;
}

/** What holds where the config says nothing (alerting.md §1.5). */
export const DEFAULT_POLICY: DeliveryPolicy = {
  fallback: [],
  channels: [],
  pagers: [],
  routes: [],
  quiet: null,
  digestAbove: 3,
  reminders: EPISODE_SETTINGS.reminders,
  weekly: null,
};

/** One word for a recipient, to tell it from others. */
export function recipientKey({ channel, address }: Recipient): string {
  return `${channel} ${address}`;
}
