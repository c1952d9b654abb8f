import type { DeliveryPolicy } from '../core/delivery/policy.ts';
import type { DecodeV2 } from '../core/message-v2.ts';
import type { TestConfig } from '../core/schema/test-config.ts';
import type { Charts } from '../ports/charts.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventFiles } from '../ports/event-files.ts';
import type { History } from '../ports/history.ts';
import type { Lease } from '../ports/lease.ts';
import type { Log } from '../ports/log.ts';
import type { Mailer } from '../ports/mailer.ts';
import type { Outcomes } from '../ports/outcomes.ts';
import type { Queue } from '../ports/queue.ts';
import type { RemoteSource } from '../ports/source.ts';

/** Every way the pipeline can reach the world. */
export interface Ports {
  readonly queue: Queue;
  readonly history: History;
  readonly eventFiles: EventFiles;
  /** Servers that sources name; without it none is known. */
  readonly remote?: RemoteSource;
  /** Null: no cluster can be asked, and a run that nobody tells the end of waits for its deadline. */
  readonly outcomes: Outcomes | null;
  /** Loads what reads v2 messages, when one has come; without it they are rejected and kept for later. */
  readonly decodeV2?: () => Promise<DecodeV2>;
  readonly mailer: Mailer;
  /** Draws the charts of mails; without it they have none. */
  readonly charts?: Charts;
  readonly lease: Lease;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the config file says, as far as the pipeline asks. */
export interface Settings {
  readonly tests: ReadonlyMap<string, TestConfig>;
  /** The sender of mails. */
  readonly from: string;
  /** Who hears of tests that name no owner. */
  readonly fallback: readonly string[];
  /** Who hears what, and when. */
  readonly policy: DeliveryPolicy;
  /** The config file as its reader knows it, for the last line of a mail. */
  readonly configFile: string;
  /** What to type before a command to reach this state. */
  readonly command: string;
}

/** How far a pass may go beside judging. */
export interface PassOptions {
  /**
   * `live`: decide alerts; those of runs that only a backfill told of are recorded and never sent, whichever pass
   * meets them. `all`: send those too. `none`: rebuild rows only.
   */
  readonly alerts: 'live' | 'all' | 'none';
  /** Open the event files again although what they hold was recorded. */
  readonly reread: boolean;
}
