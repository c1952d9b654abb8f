import type { EarlierNeed, EarlierSeries } from '../core/baseline/question.ts';
import type { Decision } from '../core/decision-record.ts';
import type { Outcome } from '../core/outcome.ts';
import type { ActionKind, PersonAction } from '../core/person-action.ts';
import type { JobRow, MetricRow, SeriesPoint } from '../core/rows.ts';
import type { RunOrder } from '../core/run.ts';
import type { DecisionKind, RejectedMessage, RunEvent } from '../core/run-event.ts';
import type { EpisodeChanges, EpisodeStore } from './episodes.ts';
import type { Mail } from './mailer.ts';

/** A run as the index of runs knows it. Times are milliseconds since the epoch. */
export interface IndexedRun {
  readonly uuid: string;
  readonly thread: string;
  readonly testName: string;
  readonly runId: string;
  readonly attempt: number;
  readonly startedAt: number | null;
  /** Null while the run is open. */
  readonly ended: { readonly outcome: Outcome; readonly finishedAt: number } | null;
  /** Of an open run: when its end may be inferred. */
  readonly checkAt: number | null;
}

/** What the messages of one thread amount to now. */
export interface SettledThread {
  readonly thread: string;
  readonly runs: readonly IndexedRun[];
  readonly learnt: readonly RunEvent[];
}

/** A finished run that waits to be judged. `own`: something about itself is new; `cascade`: an earlier run changed. */
export interface JudgeTask extends RunOrder {
  readonly thread: string;
  readonly why: 'own' | 'cascade';
}

/** All that judging one run produced; written as one. */
export interface RunRecord {
  readonly job: JobRow;
  readonly metrics: readonly MetricRow[];
  readonly learnt: readonly RunEvent[];
  /** What the run did to episodes. */
  readonly told: EpisodeChanges;
  /** The clock when it was written. */
  readonly ingestedAt: number;
}

export const MAIL_STATUSES = ['pending', 'sending', 'sent', 'uncertain', 'failed', 'suppressed'] as const;
/** How far a mail is on its way; `suppressed` ones are never sent. */
export type MailStatus = (typeof MAIL_STATUSES)[number];

/** A mail in the outbox. The mail itself never changes once it is there. */
export interface OutboxEntry {
  readonly mail: Mail;
  /** `mail`, or the name of another channel. */
  readonly channel: string;
  /** Whom it is for: an address; of another channel its name. */
  readonly address: string;
  /** `test`, `digest`, `incident`, `reminder` or `weekly`. */
  readonly kind: string;
  /** The notices in it. */
  readonly alertIds: readonly string[];
  /** Episodes that it says are open. */
  readonly episodeIds: readonly string[];
  readonly threadId: string | null;
  /** Not null: it holds a place until then, and is never tried; its notices are then put into a mail anew. */
  readonly notBefore: number | null;
  /** Where nobody knows whether it arrived, it is not sent again. */
  readonly atMostOnce: boolean;
  readonly status: MailStatus;
  /** How often sending it began. */
  readonly attempts: number;
  /** How often nobody could say whether it was sent. */
  readonly doubts: number;
  /** What the other side said last; of a mail that is never sent, why. */
  readonly detail: string | null;
  /** When it was put into the outbox, milliseconds since the epoch; of a backfill not the mail's `Date`. */
  readonly addedAt: number;
}

/** What the outbox knows of a mail, without the mail. */
export interface Delivery
  extends Pick<
    OutboxEntry,
    'channel' | 'address' | 'kind' | 'episodeIds' | 'threadId' | 'notBefore' | 'status' | 'addedAt'
  > {
  readonly key: string;
  readonly subject: string;
}

/** What happens together with new mails. */
export interface MailsAlso {
  /** Notices that need no mail: they are taken off the waiting list. */
  readonly settled?: readonly string[];
  /** Keys of mails that only held a place (`notBefore`) and are `pending`: they become `suppressed`, `released`. */
  readonly released?: readonly string[];
}

/** How far a mail is now. */
export interface MailMark {
  readonly key: string;
  readonly status: MailStatus;
  readonly detail: string | null;
  /** The clock. */
  readonly at: number;
}

/** A row of `ticks`: one pass and what it came to. */
export interface TickRow {
  readonly tickId: string;
  readonly command: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly runs: number;
  readonly waiting: number;
  readonly rejected: number;
  readonly mails: number;
}

/** The newest state of a run, for people who ask. `job` is null while it is open. */
export interface RunView {
  readonly run: IndexedRun;
  readonly job: JobRow | null;
  readonly metrics: readonly MetricRow[];
}

/** The record of messages: `run_events` and `rejected_messages`. */
export interface EventStore {
  /**
   * Adds messages and marks their threads unsettled; as one. A message that is already there changes nothing,
   * but the smaller publish time is kept. Of two with one key, `prefersNew` says which is kept; if they say
   * different things and are no heartbeats, the other goes to the rejected ones with reason `conflict`, and
   * is answered with.
   */
  append(batch: {
    readonly events: readonly RunEvent[];
    readonly rejected: readonly RejectedMessage[];
    /** The clock. */
    readonly at: number;
  }): Promise<readonly RejectedMessage[]>;
  /** All events of each thread; threads without any are left out. */
  eventsOf(threads: readonly string[]): Promise<ReadonlyMap<string, readonly RunEvent[]>>;
  rejected(): Promise<readonly RejectedMessage[]>;
  forgetRejected(ids: readonly string[]): Promise<void>;
}

/** The index of runs: derived from the events, never a source. */
export interface RunIndex {
  /** Threads with new messages, or with an open run whose `checkAt` is past at `now` (not at it); up to `limit`. */
  unsettled(now: number, limit: number): Promise<readonly string[]>;
  /**
   * Replaces what the index says of these threads; as one. Ended runs are then to be judged for their own
   * sake. A run that is gone, open again or has moved loses its rows, if it had any, and then the runs of
   * its test that were judged after it are to be judged again (`cascade`).
   */
  settle(threads: readonly SettledThread[]): Promise<void>;
  /** Which thread holds each of these uuids; those nobody holds are left out. */
  threadsOf(uuids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Finished runs to judge behind `after`, in the order of `compareRuns`, up to `limit`. */
  toJudge(after: RunOrder | null, limit: number): Promise<readonly JudgeTask[]>;
  openRuns(): Promise<readonly IndexedRun[]>;
  /** Runs of a test that began at `from` or later and at `until` or earlier, first begun first (ties by uuid). */
  begunBetween(
    testName: string,
    time: { readonly from: number; readonly until: number },
  ): Promise<readonly IndexedRun[]>;
  /** Marks every thread with messages unsettled, and drops rows that do not stand where the index has their run. */
  rebuild(): Promise<void>;
}

/** An earlier run and what it said of the metric that was asked for; null where none was. */
export interface EarlierRun {
  readonly job: JobRow;
  readonly metric: MetricRow | null;
}

/** Reads what earlier runs said; every answer looks only at runs of the test before `before`. */
export interface EarlierRuns {
  /** For every metric asked for, what those earlier runs said that the need lets through. */
  earlierValues(
    testName: string,
    before: RunOrder,
    needs: ReadonlyMap<string, EarlierNeed>,
  ): Promise<ReadonlyMap<string, EarlierSeries>>;
  /** The last run in which the metric passed; with metric null, the last successful run. */
  lastGoodRun(testName: string, before: RunOrder, metric: string | null): Promise<EarlierRun | null>;
  /**
   * Of the successful runs with a finite value of the metric the `nth`, counted backwards from 1; with `need` only of
   * those that it lets through, as `earlierValues` counts them.
   */
  runBack(
    testName: string,
    before: RunOrder,
    options: { readonly metric: string; readonly nth: number; readonly need?: EarlierNeed | undefined },
  ): Promise<EarlierRun | null>;
  /** The last `limit` rows of a metric, oldest first. */
  recentPoints(
    testName: string,
    before: RunOrder,
    options: { readonly metric: string; readonly limit: number },
  ): Promise<readonly SeriesPoint[]>;
  /** Whether a run of the test was judged after this place in the order. */
  hasLater(testName: string, order: RunOrder): Promise<boolean>;
}

/** Writes what judging produced. */
export interface RunRecorder {
  /**
   * Writes the rows of one run, what was learnt, and what it did to episodes, and marks the run as judged; as one.
   * What stood there of the run is replaced; notices that are there already stay as they are. If the values that
   * later runs look back on changed, the later runs of the test that were judged are marked `cascade`.
   */
  record(entry: RunRecord): Promise<void>;
  recordTick(row: TickRow): Promise<void>;
}

/** Mails on their way out. */
export interface Outbox {
  /** Puts mails into the outbox and takes their notices off the waiting list; as one with `also`. */
  addMails(entries: readonly OutboxEntry[], also: MailsAlso): Promise<void>;
  /** Mails whose status is one of these, oldest first. */
  mails(statuses: readonly MailStatus[]): Promise<readonly OutboxEntry[]>;
  /** Mails that say of one of these episodes that it is open, or are of one of these threads; oldest first. */
  deliveries(about: {
    readonly episodeIds: readonly string[];
    readonly threadIds: readonly string[];
  }): Promise<readonly Delivery[]>;
  /**
   * Sets how far mails are, in the order given and as one; counts up `attempts` when the status is `sending`,
   * `doubts` when it is `uncertain`.
   */
  markMails(marks: readonly MailMark[]): Promise<void>;
  /** How many mails it pays to mark together, because each marking costs as much as sending several. */
  readonly mailsAtOnce: number;
}

/** What people did about runs and episodes. */
export interface ActionStore {
  /**
   * Adds an action, unless one with its id is there. If it changes baselines (`baselineTestOf`), the runs of its
   * test that ended after it and were judged without it are to be judged again (`cascade`).
   */
  addAction(action: PersonAction): Promise<void>;
  /** Actions in the order in which they were done; only of these kinds, and only those that name this test. */
  actions(only?: {
    readonly kinds?: readonly ActionKind[];
    readonly testName?: string;
  }): Promise<readonly PersonAction[]>;
}

/** Which decisions: what is left out does not narrow. */
export interface DecisionQuestion {
  readonly kind: DecisionKind;
  /** The beginning of an id. */
  readonly id?: string;
  readonly subject?: string;
  readonly limit: number;
}

/** Which judged runs of a test. */
export interface RunQuestion {
  /**
   * A label, `accelerator`, `framework_version` or `test_type`; `version` is the label of that name, else the
   * framework's version.
   */
  readonly fact: string;
  /** Compared whole, without the white space around it on either side. */
  readonly value: string;
  readonly limit: number;
  /** Rows of these metrics come along; null: of those about which something was demanded. */
  readonly metrics: readonly string[] | null;
}

/** A judged run with rows of its metrics, by name. */
export interface JudgedRun {
  readonly job: JobRow;
  readonly metrics: readonly MetricRow[];
}

/** What a gate asks. */
export interface GateViews {
  /** Runs of a test that say this of themselves, newest first, as they stood at one moment. */
  runsWith(testName: string, question: RunQuestion): Promise<readonly JudgedRun[]>;
  /**
   * Runs of a test that were never judged, open or ended, those that began last first. Ask this before `runsWith`:
   * then a run that is judged between the two is in both answers, and never in none.
   */
  unjudgedRuns(testName: string, limit: number): Promise<readonly IndexedRun[]>;
}

/** Answers to people. */
export interface HistoryViews extends GateViews {
  testNames(): Promise<readonly string[]>;
  /** The newest run of a test (by start, ties by the order of runs), or the one with this run id; null: none. */
  findRun(testName: string, runId: string | null): Promise<RunView | null>;
  /** Names of the metrics that the test's runs have, those with a condition first, then by name. */
  metricNames(testName: string): Promise<readonly string[]>;
  /** The newest `last` points of a metric, oldest first. */
  series(testName: string, metric: string, last: number): Promise<readonly SeriesPoint[]>;
  /** Of every test the newest `limit` judged runs that ended at `since` (ms) or later, newest first; those without any are left out. */
  newestRuns(only: {
    readonly since: number;
    readonly limit: number;
  }): Promise<ReadonlyMap<string, readonly JobRow[]>>;
  /** Decisions of a kind that begin with an id or are about a subject, newest first (ties by id), up to `limit`. */
  decisions(only: DecisionQuestion): Promise<readonly Decision[]>;
  /** Counts by kind of thing, for `status` and `doctor`. */
  counts(): Promise<Readonly<Record<string, number>>>;
  /**
   * Runs one read-only SQL statement over the tables of contracts §5; every row is an array in the order of
   * `columns`. The rows are to be iterated, to the end or not, because what reads them is open until then. Throws PortError `invalid` for anything that is not one reading statement.
   */
  query(
    sql: string,
  ): Promise<{ readonly columns: readonly string[]; readonly rows: Iterable<readonly unknown[]> }>;
}

/**
 * History and state. Every method that writes is atomic and idempotent: repeating it after a crash changes
 * nothing (but `markMails` counts). Only the holder of the lease writes. All throw PortError: `invalid` (not our
 * store, or damaged), `newer`, `full`, `busy`, `denied`, `unavailable`.
 *
 * What `settle` and `record` wrote is in every answer at once, and may be held back from the store until `flush`
 * or another method that writes answers; `close` drops what is held back. So a pass that dies finds those runs
 * still to be settled or judged.
 */
export interface History
  extends EventStore,
    RunIndex,
    EarlierRuns,
    RunRecorder,
    EpisodeStore,
    ActionStore,
    Outbox,
    HistoryViews {
  flush(): Promise<void>;
  close(): Promise<void>;
}
