/**
 * One scalar tag of one run folder, every point kept by the restart policy, in file order.
 * The three columns have the same length.
 */
export interface Series {
  /** Folder relative to the model directory, `.` for itself, `/` between parts. */
  readonly run: string;
  readonly tag: string;
  readonly steps: Float64Array;
  /** Seconds since the epoch, as the writer gave them; may be NaN or go backwards. */
  readonly wallTimes: Float64Array;
  readonly values: Float64Array;
  /** Points that a restart superseded and that are not in the columns. */
  readonly removed: number;
}

const DAMAGE_KINDS = [
  'truncated',
  'length-crc',
  'data-crc',
  'bad-record',
  'oversized',
  'zero-filled',
  'not-an-event-file',
] as const;
export type DamageKind = (typeof DAMAGE_KINDS)[number];

/** The first damage of a file; `recordsSkipped` counts records that could not be used in the whole file. */
export interface Damage {
  readonly offset: number;
  readonly kind: DamageKind;
  readonly recordsSkipped: number;
}

/** What reading one event file gave. `path` is relative to the folder read. */
export interface FileReport {
  readonly path: string;
  readonly bytes: number;
  readonly records: number;
  readonly damage: Damage | null;
}

/** Everything scalar that a model directory holds. */
export interface ScalarSet {
  readonly series: readonly Series[];
  readonly files: readonly FileReport[];
  /** Things a person should know, one sentence each: files whose order and times disagree, tags left out. */
  readonly notes: readonly string[];
}
