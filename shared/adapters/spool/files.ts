import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { PortError, type PortErrorCode } from '../../ports/error.ts';

/** What the spool asks of a file's description. */
export interface FileStat {
  readonly size: number;
  readonly mtimeMs: number;
  isFile(): boolean;
}

/** The effects a spool has on a disk; narrow, so that a test can fail each of them. */
export interface SpoolFiles {
  /** Makes the folder and those above it; answers with the topmost one it made. */
  mkdir(path: string, options: { recursive: true }): Promise<string | undefined>;
  readdir(path: string): Promise<string[]>;
  lstat(path: string): Promise<FileStat>;
  /** At most `bytes` bytes of a regular file and what it is now; never waits for a writer. */
  readRegular(path: string, bytes: number): Promise<{ body: Uint8Array; stat: FileStat } | null>;
  /** Writes a new file and waits until its bytes are on the disk. */
  writeDurably(path: string, body: Uint8Array): Promise<void>;
  /** Sets the time of a file, in milliseconds since the epoch. */
  setTime(path: string, ms: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Waits until the entries of a folder are on the disk. */
  syncFolder(path: string): Promise<void>;
}

export const nodeFiles: SpoolFiles = {
  mkdir: (path, options) => fs.mkdir(path, options),
  readdir: (path) => fs.readdir(path),
  // Not by the promise: thousands are asked for at a time, and each would cost a turn of another thread.
  lstat: async (path) => lstatSync(path),
  readRegular,
  writeDurably: (path, body) => fs.writeFile(path, body, { flag: 'wx', flush: true }),
  setTime,
  rename: (from, to) => fs.rename(from, to),
  unlink: (path) => fs.unlink(path),
  syncFolder,
};

// NONBLOCK and NOFOLLOW: between listing and opening, the name may have become a FIFO or a link.
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Synchronous inside: a message takes less time than handing each of four calls to another thread. */
async function readRegular(path: string, bytes: number) {
  const handle = openSync(path, READ_FLAGS);
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return null;
    const buffer = new Uint8Array(Math.min(bytes, stat.size));
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(handle, buffer, filled, buffer.length - filled, null);
      if (count === 0) break;
      filled += count;
    }
    return { body: buffer.subarray(0, filled), stat };
  } finally {
    closeSync(handle);
  }
}

/** A millisecond that is no exact binary fraction of a second must not be cut to the one before. */
function setTime(path: string, ms: number): Promise<void> {
  const seconds = (ms + 0.001) / 1000;
  return fs.utimes(path, seconds, seconds);
}

async function syncFolder(path: string): Promise<void> {
  const handle = await fs.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const CODES: ReadonlyMap<string, PortErrorCode> = new Map([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EACCES', 'denied'],
  ['EPERM', 'denied'],
  ['EROFS', 'denied'],
]);

/** The system's word for an error, `ENOENT` and the like. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Translates an error of the disk; `doing` reads "write to /path". */
export function diskError(error: unknown, doing: string): PortError {
  if (error instanceof PortError) return error;
  const code = CODES.get(systemCode(error) ?? '') ?? 'unavailable';
  const cause = error instanceof Error ? error.message : String(error);
  return new PortError(code, `Cannot ${doing}: ${cause}`, { cause: error });
}

/** Runs `work` over the items, at most `limit` at a time; results in the order of the items. */
export async function mapBounded<In, Out>(
  items: readonly In[],
  limit: number,
  { work }: { work: (item: In) => Promise<Out> },
): Promise<Out[]> {
  const results: Out[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
