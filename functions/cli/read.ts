import { fileEventFiles } from '../../shared/adapters/file/event-files.ts';
import { globMatcher } from '../../shared/core/glob.ts';
import { PortError } from '../../shared/ports/error.ts';
import type { EventFileListing, EventFiles } from '../../shared/ports/event-files.ts';
import type { DuplicatePolicy } from '../../shared/tfevents/duplicates.ts';
import type { VerifyPolicy } from '../../shared/tfevents/frame.ts';
import { type ReadOptions as ReaderOptions, type RunReading, readRuns } from '../../shared/tfevents/read.ts';
import type { RestartPolicy } from '../../shared/tfevents/restart.ts';
import { jsonOutput } from './read-json.ts';
import type { ReadOutput } from './read-output.ts';

export interface ReadOptions {
  /** One JSON document (contracts §6). */
  readonly json?: boolean;
  /** Every point, one JSON object a line, or with `csv` one line. */
  readonly points?: boolean;
  readonly csv?: boolean;
  /** A glob: `*` any characters, `?` one. */
  readonly tag?: string;
  readonly restart?: RestartPolicy;
  readonly duplicates?: DuplicatePolicy;
  readonly verify?: VerifyPolicy;
  /** How many MiB behind a damaged length to look for the next record; `true` for 64. */
  readonly resync?: number | true;
  /** Makes damage, and files that could not be read, exit 1. */
  readonly strict?: boolean;
}

/** Where texts go, line breaks included: answers to `out`, words for people to `err`. */
export interface ReadIo {
  out(text: string): void;
  err(text: string): void;
  /** Opens where the paths lie; without it all are on this machine. */
  readonly open?: (paths: readonly string[]) => Promise<EventFiles>;
}

/**
 * Reads event files and folders exactly and prints what they hold. Answers with the exit code: 0, 1 for damage
 * when `strict`, 2 when a path cannot be read at all; then nothing is printed on `out`, but for points that were
 * there before.
 */
export async function read(paths: string[], options: ReadOptions, io: ReadIo): Promise<number> {
  try {
    const store = (await io.open?.(paths)) ?? fileEventFiles();
    const listings: [path: string, listing: EventFileListing][] = [];
    for (const path of paths) listings.push([path, await store.list(path)]);
    const output = await outputOf(options, io);
    let sound = true;
    for (const [path, listing] of listings) {
      tellListing(path, listing, io);
      sound &&= listing.skipped.length === 0;
      for await (const reading of readRuns(opened(listing, store), readerOptions(options, store))) {
        output.add(reading);
        sound &&= reading.files.every((file) => file.damage === null);
        tell(reading, io, options);
      }
    }
    output.end();
    return options.strict && !sound ? 1 : 0;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    io.err(`tidemark: ${error.message}.\n`);
    return 2;
  }
}

/** One way of showing is loaded, and not the others. */
async function outputOf({ json, csv, points }: ReadOptions, io: ReadIo): Promise<ReadOutput> {
  if (points) return (await import('./read-points.ts')).pointsOutput(io, { csv: csv === true });
  if (csv) return (await import('./read-csv.ts')).csvOutput(io);
  if (json) return jsonOutput(io);
  return (await import('./read-table.ts')).tableOutput(io);
}

function opened({ files }: EventFileListing, store: EventFiles) {
  return files.map((file) => ({
    path: file.path,
    run: file.run,
    size: file.bytes,
    bytes: store.open(file),
    from: (offset: number) => store.open(file, offset),
  }));
}

const MIB = 1 << 20;
const RESYNC_MIB = 64;

function readerOptions(options: ReadOptions, { concurrency }: EventFiles): ReaderOptions {
  const { restart = 'preempt', duplicates = 'all', verify = 'full', tag, resync, points = false } = options;
  return {
    restart,
    duplicates,
    verify,
    concurrency,
    wallTimes: points,
    ...(tag === undefined ? {} : { tag: globMatcher(tag) }),
    ...(resync === undefined ? {} : { resync: (resync === true ? RESYNC_MIB : resync) * MIB }),
  };
}

function sayer({ err }: ReadIo): (sentence: string) => void {
  return (sentence) => err(`tidemark: ${sentence}.\n`);
}

function tellListing(path: string, { files, skipped }: EventFileListing, io: ReadIo): void {
  const say = sayer(io);
  if (files.length === 0) say(`There are no event files in ${JSON.stringify(path)}`);
  for (const one of skipped) say(`Skipped ${JSON.stringify(one.path)}: ${one.reason}`);
}

/** What a person should know besides the numbers; damage too, where the answer does not hold it. */
function tell({ notes, files }: RunReading, io: ReadIo, { json, points }: ReadOptions): void {
  const say = sayer(io);
  for (const note of notes) say(note);
  for (const file of files) {
    const name = JSON.stringify(file.path);
    if (file.unverifiedBytes > 0) say(`${name}: ${file.unverifiedBytes} bytes were not verified`);
    if (file.looksLike !== null) say(`${name} begins like ${file.looksLike}`);
    if (file.resyncs > 0) say(`${name}: records were found again ${times(file.resyncs)} behind damage`);
    if (file.hugeSteps > 0) say(`${name}: points whose steps beyond 2^53 are rounded: ${file.hugeSteps}`);
    if (file.otherTensors > 0 && !json) say(`${name}: tensors that are no scalars: ${file.otherTensors}`);
    if ((json && !points) || file.damage === null) continue;
    const { records, bytes } = file.skipped;
    const lost = records > 0 ? `; records skipped: ${records}` : '';
    say(
      `${name} is damaged: ${file.damage.kind} at byte ${file.damage.offset}${lost}; ${bytes} of ${file.bytes} bytes are of no use`,
    );
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
