import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A group of processes that the kernel lets have no more memory than that. */
export interface MemoryGroup {
  /** Its folder; a process whose id is written to `cgroup.procs` belongs to it. */
  readonly folder: string;
  /** Waits for the last of its processes to be gone. */
  remove(): Promise<void>;
}

const LIMITS = [
  { parent: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { parent: '/sys/fs/cgroup', limit: 'memory.max' },
] as const;

/** A new group, by cgroups v1 or v2; null where this machine lets nobody make one. */
export function makeMemoryGroup(name: string, bytes: number): MemoryGroup | null {
  for (const { parent, limit } of LIMITS) {
    const folder = join(parent, name);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    if (existsSync(join(folder, limit))) {
      writeFileSync(join(folder, limit), String(bytes));
      return { folder, remove: () => removeWhenEmpty(folder) };
    }
    rmdirSync(folder);
  }
  return null;
}

async function removeWhenEmpty(folder: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return rmdirSync(folder);
    } catch (error) {
      // What was killed has to be reaped, and a heartbeat's sleep to end.
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
}

/** The words that run a command in a group. */
export function inGroup(folder: string | undefined, words: readonly string[]): string[] {
  return folder === undefined
    ? [...words]
    : ['/bin/sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', folder, ...words];
}
