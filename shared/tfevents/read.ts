import type { FileReport, ScalarSet } from '../core/series.ts';
import { compareText } from '../core/text-order.ts';
import type { Columns } from './columns.ts';
import { LONGEST_TAG } from './event.ts';
import { FileReader } from './file.ts';
import { type PointOptions, RunPoints } from './run-points.ts';

/** One event file to read. A chunk of `bytes` is used only until the next one is asked for. */
export interface ScalarFile {
  /** Relative to the folder read. */
  readonly path: string;
  readonly run: string;
  /** In bytes, as listed. */
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What to read, and how. */
export interface ReadOptions extends PointOptions {
  /** Records up to this many bytes are held whole (1 MiB), longer ones are pruned as they stream by. */
  readonly wholeRecordBytes?: number;
}

/** One scalar tag of one run. */
export interface RunSeries {
  readonly run: string;
  readonly tag: string;
  /** The points that the restart policy kept, in file order, and how many it took out. */
  readonly columns: Columns;
}

/** What files gave. Series come in byte order of run and tag. */
export interface RunSet extends Omit<ScalarSet, 'series'> {
  readonly series: readonly RunSeries[];
}

/**
 * Reads every scalar point of the files, sampling nothing: per run in the byte order of the paths, records in
 * file order, both CRCs of each record checked. What is damaged is passed over and reported per file; only
 * what the source of the bytes throws is thrown.
 */
export async function readRuns(files: readonly ScalarFile[], options: ReadOptions = {}): Promise<RunSet> {
  const reader = new FileReader(options);
  const series: RunSeries[] = [];
  const reports: FileReport[] = [];
  const notes: string[] = [];
  for (const [run, members] of byRun(files)) {
    const points = new RunPoints(options);
    const begun: Begun[] = [];
    for (const file of members) {
      const { report, firstWallTime, overlongTags } = await reader.read(file, points);
      reports.push(report);
      if (overlongTags > 0) notes.push(overlong(file.path, overlongTags));
      if (Number.isFinite(firstWallTime)) begun.push({ path: file.path, at: firstWallTime });
    }
    notes.push(...outOfOrder(begun));
    for (const { tag, columns } of points.series()) series.push({ run, tag, columns });
  }
  return { series, files: reports, notes };
}

/** The same, each series as three columns of doubles. */
export async function readScalars(
  files: readonly ScalarFile[],
  options: ReadOptions = {},
): Promise<ScalarSet> {
  const { series, ...rest } = await readRuns(files, options);
  return {
    ...rest,
    series: series.map(({ run, tag, columns }) => ({
      run,
      tag,
      ...columns.copy(),
      removed: columns.removed,
    })),
  };
}

interface Begun {
  readonly path: string;
  readonly at: number;
}

function byRun(files: readonly ScalarFile[]): [string, ScalarFile[]][] {
  const groups = Map.groupBy(files, (file) => file.run);
  const runs = [...groups].sort(([a], [b]) => compareText(a, b));
  return runs.map(([run, members]) => [run, members.sort((a, b) => compareText(a.path, b.path))]);
}

function overlong(path: string, count: number): string {
  const what = count === 1 ? 'a point whose tag is' : `${count} points whose tags are`;
  return `${JSON.stringify(path)}: left out ${what} longer than ${LONGEST_TAG} bytes`;
}

/** Names the first files of a run that begin in another order than they sort in. */
function outOfOrder(begun: readonly Begun[]): string[] {
  const at = begun.findIndex((file, i) => i > 0 && file.at < begun[i - 1]!.at);
  if (at < 0) return [];
  const [before, after] = [JSON.stringify(begun[at - 1]!.path), JSON.stringify(begun[at]!.path)];
  return [
    `Files are read in the order of their names, but ${after} begins earlier than ${before}, which sorts before it`,
  ];
}
