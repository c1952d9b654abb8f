import type { Point } from '../../shared/core/aggregate.ts';
import { type JsonNumber, toJsonNumber } from '../../shared/core/json.ts';
import type { FileReport } from '../../shared/core/series.ts';
import type { RunSeries } from '../../shared/tfevents/read.ts';
import { summarizeColumns } from '../../shared/tfevents/summary.ts';
import type { ReadOutput, TextSink } from './read-output.ts';

/** The document of `read --json`, contracts §6. */
export interface ReadDocument {
  readonly runs: readonly RunDocument[];
}

interface RunDocument {
  readonly run: string;
  readonly tags: readonly TagDocument[];
  readonly files: readonly FileDocument[];
}

interface PointDocument {
  readonly step: number;
  readonly wall_time: JsonNumber;
  readonly value: JsonNumber;
}

interface TagDocument {
  readonly tag: string;
  readonly count: number;
  readonly nan: number;
  readonly posinf: number;
  readonly neginf: number;
  readonly removed: number;
  /** Null only when a restart removed every point. */
  readonly first: PointDocument | null;
  readonly final: PointDocument | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly median: number | null;
}

interface FileDocument {
  readonly path: string;
  readonly bytes: number;
  readonly records: number;
  readonly damage: {
    readonly offset: number;
    readonly kind: string;
    readonly records_skipped: number;
  } | null;
}

/** All runs as one document. */
export function jsonOutput({ out }: TextSink): ReadOutput {
  const runs: RunDocument[] = [];
  return {
    add: ({ run, series, files }) =>
      void runs.push({ run, tags: series.map(tagDocument), files: files.map(fileDocument) }),
    end: () => out(`${JSON.stringify({ runs } satisfies ReadDocument)}\n`),
  };
}

function tagDocument({ tag, columns }: RunSeries): TagDocument {
  const { count, nan, posinf, neginf, first, final, min, max, mean, median } = summarizeColumns(columns);
  const ends = { first: pointDocument(first), final: pointDocument(final) };
  const removed = columns.removed + columns.merged;
  return { tag, count, nan, posinf, neginf, removed, ...ends, min, max, mean, median };
}

function pointDocument(point: Point | null): PointDocument | null {
  if (point === null) return null;
  return { step: point.step, wall_time: toJsonNumber(point.wallTime), value: toJsonNumber(point.value) };
}

function fileDocument({ path, bytes, records, damage }: FileReport): FileDocument {
  const harm = damage && { offset: damage.offset, kind: damage.kind, records_skipped: damage.recordsSkipped };
  return { path, bytes, records, damage: harm };
}
