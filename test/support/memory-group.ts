import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A group of processes that the kernel lets have no more memory than that. */
export interface MemoryGroup {
  /** Its folder; a process whose id is written to `cgroup.procs` belongs to it. */
  readonly folder: string;
  remove(): void;
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
    const remove = () => rmdirSync(folder);
    if (existsSync(join(folder, limit))) {
      writeFileSync(join(folder, limit), String(bytes));
      return { folder, remove };
    }
    remove();
  }
  return null;
}

/** The words that run a command in a group. */
export function inGroup(folder: string | undefined, words: readonly string[]): string[] {
  return folder === undefined
    ? [...words]
    : ['/bin/sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', folder, ...words];
}
