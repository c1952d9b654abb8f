import type { Point } from '../../shared/core/aggregate.ts';
import { type JsonNumber, toJsonNumber } from '../../shared/core/json.ts';
import type { FileReport } from '../../shared/core/series.ts';
import { compareText } from '../../shared/core/text-order.ts';
import { renderTable } from '../../shared/render/table.ts';
import type { RunSeries, RunSet } from '../../shared/tfevents/read.ts';
import { summarizeColumns } from '../../shared/tfevents/summary.ts';

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

/** All runs of all places, in the order the places were given. */
export function readDocument(sets: readonly RunSet[]): ReadDocument {
  return { runs: sets.flatMap(runsOf) };
}

function runsOf({ series, files }: RunSet): RunDocument[] {
  const tags = Map.groupBy(series, (one) => one.run);
  const reports = Map.groupBy(files, (file) => runOf(file.path));
  const runs = [...reports.keys()].sort(compareText);
  return runs.map((run) => ({
    run,
    tags: (tags.get(run) ?? []).map(tagDocument),
    files: (reports.get(run) ?? []).map(fileDocument),
  }));
}

function runOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash);
}

function tagDocument({ tag, columns }: RunSeries): TagDocument {
  const { count, nan, posinf, neginf, first, final, min, max, mean, median } = summarizeColumns(columns);
  const { removed } = columns;
  const ends = { first: pointDocument(first), final: pointDocument(final) };
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

/** Points a piece of output holds: a line at a time would cost a system call each, all at once the memory. */
const POINTS_PER_PIECE = 1024;

/** The points of `read --points`, in pieces of whole lines. */
export function* pointLines({ series }: RunSet): Generator<string> {
  for (const { run, tag, columns } of series) {
    const { steps, wallTimes, values } = columns.copy();
    const head = `{"run":${JSON.stringify(run)},"tag":${JSON.stringify(tag)},"step":`;
    for (let from = 0; from < values.length; from += POINTS_PER_PIECE) {
      let piece = '';
      const to = Math.min(values.length, from + POINTS_PER_PIECE);
      for (let at = from; at < to; at++)
        piece += `${head}${steps[at]!},"wall_time":${number(wallTimes[at]!)},"value":${number(values[at]!)}}\n`;
      yield piece;
    }
  }
}

function number(value: number): string {
  return JSON.stringify(toJsonNumber(value));
}

const COLUMNS = [
  { title: 'tag', min: 12 },
  ...['points', 'final', 'min', 'max', 'mean', 'median', 'not finite', 'removed'].map((title) => ({
    title,
    align: 'right' as const,
    min: 12,
  })),
];

/** A table for each run under its name. */
export function readTable({ series }: RunSet): string {
  const runs = Map.groupBy(series, (one) => one.run);
  return [...runs]
    .map(([run, members]) => {
      const table = renderTable(COLUMNS, members.map(tableRow), {
        width: Number.POSITIVE_INFINITY,
        color: false,
      });
      return `${visible(run)}\n${table}\n`;
    })
    .join('\n');
}

function tableRow({ tag, columns }: RunSeries): string[] {
  const { count, nan, posinf, neginf, final, min, max, mean, median } = summarizeColumns(columns);
  const figures = [final?.value ?? null, min, max, mean, median].map(figure);
  const [lost, removed] = [nan + posinf + neginf, columns.removed].map((n) => (n === 0 ? '' : String(n)));
  return [cut(visible(tag)), String(count), ...figures, lost ?? '', removed ?? ''];
}

/** Seven digits tell float32 values apart. */
function figure(value: number | null): string {
  return value === null ? '–' : String(Number(value.toPrecision(7)));
}

const LONGEST_SHOWN = 80;

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST_SHOWN ? text : `${characters.slice(0, LONGEST_SHOWN - 1).join('')}…`;
}

/** Controls, line breaks and marks that turn the direction of writing; a terminal would obey them. */
const UNSEEN = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** Shows them as escapes, so that no tag can pass for another one; an empty tag as `""`. */
function visible(text: string): string {
  if (text.trim() === '') return JSON.stringify(text);
  return text.replace(UNSEEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
