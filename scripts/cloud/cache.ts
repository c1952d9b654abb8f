import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Something that is fetched or built once. `recipe`: every text its bytes depend on besides the version. */
export interface CacheItem {
  readonly name: string;
  readonly version: string;
  readonly recipe: readonly string[];
  /** Fills a new, empty folder. */
  make(folder: string): Promise<void>;
}

export interface Cached {
  readonly folder: string;
  /** False when it was there already. */
  readonly isNew: boolean;
}

/** The folder of all stand-ins: outside every work tree, so that a fresh clone finds them again. */
export function cacheRoot(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'tidemark-stand-ins');
}

/** Where an item lies once it is made. Another recipe is another folder. */
export function itemFolder(root: string, { name, version, recipe }: Omit<CacheItem, 'make'>): string {
  const parts = [process.platform, process.arch, ...recipe];
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 10);
  return join(root, `${name}@${version}+${digest}`);
}

/**
 * The folder of an item, made if it is not there. What is not whole never has the final name; of two
 * processes that make the same item at once the first to finish counts.
 */
export async function cached(root: string, item: CacheItem): Promise<Cached> {
  const folder = itemFolder(root, item);
  if (existsSync(folder)) return { folder, isNew: false };
  mkdirSync(root, { recursive: true });
  sweep(root);
  const partial = `${folder}.${process.pid}.partial`;
  try {
    mkdirSync(partial);
    await item.make(partial);
    rename(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return { folder, isNew: true };
}

function rename(partial: string, folder: string): void {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** Removes what killed processes left behind: half a stand-in can be half a gigabyte. */
function sweep(root: string): void {
  for (const name of readdirSync(root)) {
    const maker = /\.(\d+)\.partial$/.exec(name)?.[1];
    if (maker !== undefined && !isAlive(Number(maker)))
      rmSync(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
