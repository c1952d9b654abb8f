import { fileEventFiles } from '../../shared/adapters/file/event-files.ts';
import { globMatcher } from '../../shared/core/glob.ts';
import { PortError } from '../../shared/ports/error.ts';
import type { EventFileListing } from '../../shared/ports/event-files.ts';
import { type RunSet, readRuns } from '../../shared/tfevents/read.ts';
import type { RestartPolicy } from '../../shared/tfevents/restart.ts';
import { pointLines, readDocument, readTable } from './read-output.ts';

export interface ReadOptions {
  /** One JSON document (contracts §6). */
  readonly json?: boolean;
  /** One JSON object a point and line. */
  readonly points?: boolean;
  /** A glob: `*` any characters, `?` one. */
  readonly tag?: string;
  readonly restart?: RestartPolicy;
  /** Makes damage, and files that could not be read, exit 1. */
  readonly strict?: boolean;
}

/** Where texts go, line breaks included: answers to `out`, words for people to `err`. */
export interface ReadIo {
  out(text: string): void;
  err(text: string): void;
}

/**
 * Reads event files and folders exactly and prints what they hold. Answers with the exit code: 0, 1 for damage
 * when `strict`, 2 when a path cannot be read at all; then nothing is printed on `out`.
 */
export async function read(paths: string[], options: ReadOptions, io: ReadIo): Promise<number> {
  const store = fileEventFiles();
  const listings: [path: string, listing: EventFileListing][] = [];
  for (const path of paths) {
    try {
      listings.push([path, await store.list(path)]);
    } catch (error) {
      return refuse(error, io);
    }
  }
  const sets: RunSet[] = [];
  let sound = true;
  for (const [path, { files, skipped }] of listings) {
    try {
      const opened = files.map((file) => ({ ...file, size: file.bytes, bytes: store.open(file) }));
      const set = await readRuns(opened, readerOptions(options));
      sets.push(set);
      sound &&= skipped.length === 0 && set.files.every((file) => file.damage === null);
      tell({ path, skipped, set }, io, options);
    } catch (error) {
      return refuse(error, io);
    }
  }
  print(sets, options, io);
  return options.strict && !sound ? 1 : 0;
}

function readerOptions({ restart = 'preempt', tag, points = false }: ReadOptions) {
  return { restart, wallTimes: points, ...(tag === undefined ? {} : { tag: globMatcher(tag) }) };
}

function print(sets: readonly RunSet[], options: ReadOptions, io: ReadIo): void {
  if (options.points) for (const set of sets) for (const lines of pointLines(set)) io.out(lines);
  else if (options.json) io.out(`${JSON.stringify(readDocument(sets))}\n`);
  else for (const set of sets) io.out(readTable(set));
}

function refuse(error: unknown, io: ReadIo): number {
  if (!(error instanceof PortError)) throw error;
  io.err(`tidemark: ${error.message}.\n`);
  return 2;
}

interface Told {
  readonly path: string;
  readonly skipped: EventFileListing['skipped'];
  readonly set: RunSet;
}

/** What a person should know besides the numbers; damage too, where the answer does not hold it. */
function tell({ path, skipped, set }: Told, io: ReadIo, options: ReadOptions): void {
  const say = (sentence: string) => io.err(`tidemark: ${sentence}.\n`);
  if (set.files.length === 0) say(`There are no event files in ${JSON.stringify(path)}`);
  for (const one of skipped) say(`Skipped ${JSON.stringify(one.path)}: ${one.reason}`);
  for (const note of set.notes) say(note);
  if (options.json && !options.points) return;
  for (const { path: file, damage } of set.files) {
    if (damage === null) continue;
    const lost = damage.recordsSkipped > 0 ? `; records skipped: ${damage.recordsSkipped}` : '';
    say(`${JSON.stringify(file)} is damaged: ${damage.kind} at byte ${damage.offset}${lost}`);
  }
}
