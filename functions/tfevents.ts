import { fileEventFiles } from '../shared/adapters/file/event-files.ts';
import type { Point } from '../shared/core/aggregate.ts';
import type { Damage, DamageKind } from '../shared/core/series.ts';
import { PortError, type PortErrorCode } from '../shared/ports/error.ts';
import type { EventFile, EventFileListing, EventFiles } from '../shared/ports/event-files.ts';
import type { DuplicatePolicy } from '../shared/tfevents/duplicates.ts';
import type { VerifyPolicy } from '../shared/tfevents/frame.ts';
import { type ReadOptions, type RunSeries, readRuns as readFiles } from '../shared/tfevents/read.ts';
import type { RestartPolicy } from '../shared/tfevents/restart.ts';
import { type ColumnSummary, pointOf, summarizeColumns } from '../shared/tfevents/summary.ts';
import type { RunFileReport } from '../shared/tfevents/tally.ts';

export type {
  ColumnSummary,
  Damage,
  DamageKind,
  DuplicatePolicy,
  EventFile,
  EventFileListing,
  EventFiles,
  Point,
  PortErrorCode,
  ReadOptions,
  RestartPolicy,
  RunFileReport,
  VerifyPolicy,
};
export { PortError };

/** The bytes of one event file, wherever they come from. */
export interface EventBytes {
  /** What the report calls it, and what it is ordered by within its run. */
  readonly path: string;
  /** The folder of `path` unless said, `.` for none. */
  readonly run?: string;
  /** Chunks of any size; each is used only until the next one is asked for. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Where `bytes` begin in the file: the `resumeAt` of an earlier report. 0 unless said. */
  readonly offset?: number;
}

/** A place in any store that speaks the port `EventFiles`, as far as event files need it. */
export interface EventPlace {
  readonly store: Omit<EventFiles, 'find'>;
  readonly place: string;
}

/**
 * What to read: the path of an event file or of a folder of them, or a `file://` URL; a place in a store; or the bytes
 * of files.
 */
export type EventSource = string | URL | EventPlace | readonly EventBytes[];

/** What a series comes to, and where its extremes lie. */
export interface SeriesSummary extends ColumnSummary {
  /** The first point of the least and of the greatest finite value. */
  readonly minPoint: Point | null;
  readonly maxPoint: Point | null;
}

/** One scalar tag of one run. */
export interface TagSeries {
  readonly run: string;
  readonly tag: string;
  /** Which attempt wrote it, from 1; null unless `attempts` were told. */
  readonly attempt: number | null;
  /** Points that stay, that a restart took out, and for whose step another one stands. */
  readonly count: number;
  readonly removed: number;
  readonly merged: number;
  /** Over every point, the finite ones for `min max mean median`; the mean is right to 1e-12. */
  summary(): SeriesSummary;
  /** Every point in file order, as three columns of one length; wall times are NaN with `wallTimes: false`. */
  columns(): {
    readonly steps: Float64Array;
    readonly wallTimes: Float64Array;
    readonly values: Float64Array;
  };
}

/** One run: its series in byte order of their tags, its files in byte order of their paths. */
export interface Run {
  readonly run: string;
  readonly series: readonly TagSeries[];
  readonly files: readonly RunFileReport[];
  /** Things a person should know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads TensorBoard event files exactly: every scalar point, both checksums of every record, run after run in byte
 * order. Damage is passed over and told in the reports. Throws PortError, with a `code` and a sentence that names the
 * place, when something cannot be read at all.
 *
 *     for await (const { series } of readRuns('runs/mnist'))
 *       for (const one of series) console.log(one.tag, one.summary().mean);
 */
export async function* readRuns(source: EventSource, options: ReadOptions = {}): AsyncGenerator<Run> {
  const { files, concurrency } = await open(source);
  for await (const { run, series, files: reports, notes } of readFiles(files, { concurrency, ...options }))
    yield { run, series: series.map(seriesOf), files: reports, notes };
}

async function open(source: EventSource) {
  if (isBytes(source)) return { concurrency: 1, files: source.map(fileOf) };
  const { store, place } = placeOf(source);
  const { files } = await store.list(place);
  return { concurrency: store.concurrency, files: files.map((file) => storedFile(store, file)) };
}

function isBytes(source: EventSource): source is readonly EventBytes[] {
  return Array.isArray(source);
}

function placeOf(source: string | URL | EventPlace): EventPlace {
  if (typeof source === 'string') return { store: fileEventFiles(), place: source };
  return source instanceof URL ? { store: fileEventFiles(), place: source.href } : source;
}

function storedFile(store: EventPlace['store'], file: EventFile) {
  const { path, run, bytes: size } = file;
  return { path, run, size, bytes: store.open(file), from: (offset: number) => store.open(file, offset) };
}

function fileOf({ path, run, bytes, offset = 0 }: EventBytes) {
  const slash = path.lastIndexOf('/');
  return { path, run: run ?? (slash < 0 ? '.' : path.slice(0, slash)), bytes, offset };
}

function seriesOf({ run, tag, attempt, columns }: RunSeries): TagSeries {
  return {
    run,
    tag,
    attempt,
    count: columns.length,
    removed: columns.removed,
    merged: columns.merged,
    summary: () => {
      const summary = summarizeColumns(columns);
      return { ...summary, minPoint: pointOf(columns, summary.min), maxPoint: pointOf(columns, summary.max) };
    },
    columns: () => columns.copy(),
  };
}
