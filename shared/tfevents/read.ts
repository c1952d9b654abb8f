import type { FileReport, ScalarSet, Series } from '../core/series.ts';
import { compareText } from '../core/text-order.ts';
import { attemptAt } from './attempts.ts';
import type { Columns } from './columns.ts';
import { LONGEST_TAG } from './event.ts';
import { FileReader } from './file.ts';
import { type PointOptions, RunPoints } from './run-points.ts';
import type { FileOptions, ScalarFile } from './scalar-file.ts';
import type { RunFileReport } from './tally.ts';

/** What to read, and how. */
export interface ReadOptions extends PointOptions, FileOptions {
  /**
   * When the attempts of the runs began, in seconds, rising. The files of each are then read by themselves: a step
   * that a later attempt writes again takes nothing of an earlier one away.
   */
  readonly attempts?: readonly number[];
  /** How many runs are read at once, 1 unless said: more only helps where bytes are waited for. */
  readonly concurrency?: number;
}

/** One scalar tag of one run. */
export interface RunSeries {
  readonly run: string;
  readonly tag: string;
  /** From 1; null where the starts of attempts were not told. */
  readonly attempt: number | null;
  /** The points that stay, in file order, and how many do not. */
  readonly columns: Columns;
}

/** One run: its tags in byte order, its files in the byte order of their paths. */
export interface RunReading {
  readonly run: string;
  readonly series: readonly RunSeries[];
  readonly files: readonly RunFileReport[];
  /** Things a person should know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads every scalar point of the files, sampling nothing: run after run in byte order, its files in the byte order
 * of their paths, records in file order, both CRCs of each record checked. What is damaged is passed over and
 * reported per file; only what the source of the bytes throws is thrown.
 */
export function readRuns(
  files: readonly ScalarFile[],
  options: ReadOptions = {},
): AsyncGenerator<RunReading> {
  const readers: FileReader[] = [];
  const work = async ([run, members]: [string, ScalarFile[]]) => {
    const reader = readers.pop() ?? new FileReader(options);
    const reading = await readRun(reader, { run, files: members, options });
    readers.push(reader);
    return reading;
  };
  const end = () => {
    for (const reader of readers) reader.release();
  };
  return inOrder(byRun(files), { work, end, atOnce: options.concurrency ?? 1 });
}

/** The same at once, each series as three columns of doubles. */
export async function readScalars(
  files: readonly ScalarFile[],
  options: ReadOptions = {},
): Promise<ScalarSet> {
  const all = { series: [] as Series[], files: [] as FileReport[], notes: [] as string[] };
  // Run by run, so that both kinds of columns are held of one run only.
  for await (const { series, files: reports, notes } of readRuns(files, options)) {
    for (const { run, tag, columns } of series)
      all.series.push({ run, tag, ...columns.copy(), removed: columns.removed });
    all.files.push(...reports.map(baseReport));
    all.notes.push(...notes);
  }
  return all;
}

function baseReport({ path, bytes, records, damage }: RunFileReport): FileReport {
  return { path, bytes, records, damage };
}

/** The results of `work` in the order of the items, of which so many are worked on at once, and then `end`. */
async function* inOrder<T, R>(
  items: readonly T[],
  { work, end, atOnce }: { work: (item: T) => Promise<R>; end: () => void; atOnce: number },
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  try {
    for (const item of items) {
      const one = work(item);
      // Who waits for it hears of it, even when that is after another one has failed.
      one.catch(() => {});
      begun.push(one);
      if (begun.length >= atOnce) yield await begun.shift()!;
    }
    for (const one of begun) yield await one;
  } finally {
    end();
  }
}

interface RunTask {
  readonly run: string;
  readonly files: readonly ScalarFile[];
  readonly options: ReadOptions;
}

async function readRun(reader: FileReader, { run, files, options }: RunTask): Promise<RunReading> {
  const attempts = new Map<number | null, RunPoints>();
  let last: number | null = options.attempts === undefined ? null : 1;
  const choose = (firstWallTime: number) => {
    if (options.attempts !== undefined) last = attemptAt(options.attempts, firstWallTime) ?? last;
    const points = attempts.get(last) ?? new RunPoints(options);
    attempts.set(last, points);
    return points;
  };
  const reports: RunFileReport[] = [];
  for (const file of files) reports.push(await reader.read(file, choose));
  const series = [...attempts].flatMap(([attempt, points]) =>
    points.series().map(({ tag, columns }) => ({ run, tag, attempt, columns })),
  );
  const beyond = [...attempts.values()].reduce((sum, points) => sum + points.beyondTags, 0);
  return { run, series, files: reports, notes: notesOf(reports, beyond) };
}

function byRun(files: readonly ScalarFile[]): [string, ScalarFile[]][] {
  const groups = Map.groupBy(files, (file) => file.run);
  const runs = [...groups].sort(([a], [b]) => compareText(a, b));
  return runs.map(([run, members]) => [run, members.sort((a, b) => compareText(a.path, b.path))]);
}

function notesOf(files: readonly RunFileReport[], beyondTags: number): string[] {
  const overlong = files.filter(({ overlongTags }) => overlongTags > 0).map(overlongNote);
  return [...overlong, ...(beyondTags > 0 ? [beyondNote(beyondTags)] : []), ...outOfOrder(files)];
}

function overlongNote({ path, overlongTags: count }: RunFileReport): string {
  const what = count === 1 ? 'a point whose tag is' : `${count} points whose tags are`;
  return `${JSON.stringify(path)}: left out ${what} longer than ${LONGEST_TAG} bytes`;
}

function beyondNote(count: number): string {
  const what = count === 1 ? 'a point of a tag' : `${count} points of tags`;
  return `Left out ${what} that came when the run had as many tags as it may have`;
}

/** Names the first files of a run that begin in another order than they sort in. */
function outOfOrder(files: readonly RunFileReport[]): string[] {
  const begun = files.filter(({ firstWallTime }) => Number.isFinite(firstWallTime));
  const at = begun.findIndex((file, i) => i > 0 && file.firstWallTime < begun[i - 1]!.firstWallTime);
  if (at < 0) return [];
  const [before, after] = [JSON.stringify(begun[at - 1]!.path), JSON.stringify(begun[at]!.path)];
  return [
    `Files are read in the order of their names, but ${after} begins earlier than ${before}, which sorts before it`,
  ];
}
