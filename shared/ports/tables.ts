import type { History } from './history.ts';

/** Every table of a history, in the order in which they are copied: sources before what is derived from them. */
export const TABLE_NAMES = [
  'run_events',
  'rejected_messages',
  'metric_history',
  'job_history',
  'runs',
  'threads',
  'alerts',
  'alert_outbox',
  'alert_episodes',
  'alert_episode_events',
  'alert_actions',
  'ticks',
] as const;
/** A table of a history. */
export type TableName = (typeof TABLE_NAMES)[number];

/** The columns that tell a row from all others; all of them are text. */
export const TABLE_KEYS: Readonly<Record<TableName, readonly [string] | readonly [string, string]>> = {
  run_events: ['event_key'],
  rejected_messages: ['id'],
  metric_history: ['uuid', 'metric_name'],
  job_history: ['uuid'],
  runs: ['uuid'],
  threads: ['thread'],
  alerts: ['id'],
  alert_outbox: ['message_key'],
  alert_episodes: ['episode_id'],
  alert_episode_events: ['event_id'],
  alert_actions: ['action_id'],
  ticks: ['tick_id'],
};

/** The moment a row is about, in tables that grow without end; they are laid out by it. */
export const TABLE_TIMES: Readonly<Partial<Record<TableName, string>>> = {
  run_events: 'time',
  metric_history: 'timestamp',
  job_history: 'timestamp',
};

/** Times are ISO 8601 text of fixed width, JSON is text, truth is 0 or 1: as SQLite stores them. */
export type Cell = null | number | string | Uint8Array;
/** One row, by column. */
export type TableRow = Readonly<Record<string, Cell>>;

/** Whole tables as data, to copy a history from one store to another. */
export interface TableStore {
  /**
   * All rows of a table, a page at a time, in the order of their keys (by code point). Throws PortError as a
   * history does.
   */
  rowsOf(table: TableName): AsyncIterable<readonly TableRow[]>;
  /** Puts rows where their keys say, and replaces what stands there; putting them again changes nothing. */
  putRows(table: TableName, rows: readonly TableRow[]): Promise<void>;
}

/** What became of one row since it was loaded. */
export interface RowChange {
  readonly key: readonly string[];
  /** The row as it is now; null: it is gone. */
  readonly row: TableRow | null;
  /** The least and the greatest of its times (`TABLE_TIMES`) since; null in tables without one. */
  readonly between: readonly [string, string] | null;
}

/** Changed rows by table; tables without changes are left out. */
export type TableChanges = ReadonlyMap<TableName, readonly RowChange[]>;

/**
 * A history that holds some rows of another, larger one, and knows what became of them. It answers from the rows
 * it was given: who loads them says which suffice. Nothing of it is waited for.
 */
export interface WorkingCopy extends History {
  /** Takes rows in, unless a row with their key is there or was there: what was changed here is newer. */
  load(table: TableName, rows: readonly TableRow[]): void;
  /** The rows here whose `column` is one of `values`. */
  rowsWith(table: TableName, column: string, values: readonly string[]): TableRow[];
  /** What was changed since `clean`, in the order of keys. */
  changes(): TableChanges;
  /** Forgets what was changed: it is written where it belongs. */
  clean(): void;
}
