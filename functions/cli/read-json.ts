import type { Point } from '../../shared/core/aggregate.ts';
import { type JsonNumber, toJsonNumber } from '../../shared/core/json.ts';
import type { FileReport } from '../../shared/core/series.ts';
import type { RunSeries } from '../../shared/tfevents/read.ts';
import { summarizeColumns } from '../../shared/tfevents/summary.ts';
import type { ReadOutput, TextSink } from './read-output.ts';

/** One of the `runs` of `read --json`, contracts §6. */
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

/** Characters that are written at once. */
const PIECE = 1 << 16;

/** All runs as one document, which is held as text until its end: a path that cannot be read leaves none. */
export function jsonOutput({ out }: TextSink): ReadOutput {
  const pieces: string[] = [];
  let text = '{"runs":[';
  let between = '';
  return {
    add: ({ run, series, files }) => {
      const document: RunDocument = { run, tags: series.map(tagDocument), files: files.map(fileDocument) };
      text += between + JSON.stringify(document);
      between = ',';
      if (text.length < PIECE) return;
      pieces.push(text);
      text = '';
    },
    end: () => {
      for (const piece of pieces) out(piece);
      out(`${text}]}\n`);
    },
  };
}

function tagDocument({ tag, columns }: RunSeries): TagDocument {
  const summary = summarizeColumns(columns);
  const { count, nan, posinf, neginf, min, max, mean, median } = summary;
  const removed = columns.removed + columns.merged;
  const first = pointDocument(summary.first);
  const final = pointDocument(summary.final);
  return { tag, count, nan, posinf, neginf, removed, first, final, min, max, mean, median };
}

function pointDocument(point: Point | null): PointDocument | null {
  if (point === null) return null;
  return { step: point.step, wall_time: toJsonNumber(point.wallTime), value: toJsonNumber(point.value) };
}

function fileDocument({ path, bytes, records, damage }: FileReport): FileDocument {
  const harm = damage && { offset: damage.offset, kind: damage.kind, records_skipped: damage.recordsSkipped };
  return { path, bytes, records, damage: harm };
}
