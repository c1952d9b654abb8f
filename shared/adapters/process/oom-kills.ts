import { readFileSync } from 'node:fs';

/** Where the kernel tells of groups of processes. */
const CGROUPS = '/sys/fs/cgroup';

/**
 * How many processes of our own cgroup the kernel has ever killed for want of memory; null where it does not say, as
 * outside of Linux. Of cgroups v2 `memory.events` counts, of v1 `memory.oom_control`; both call it `oom_kill`.
 */
export function oomKills(read: (path: string) => string = readText): number | null {
  for (const path of countersOf(read)) {
    const count = /^oom_kill (\d+)$/m.exec(tried(read, path) ?? '')?.[1];
    if (count !== undefined) return Number(count);
  }
  return null;
}

/** A container may be told the path that its host knows, and see its own group at the top: both are looked at. */
function countersOf(read: (path: string) => string): string[] {
  return (tried(read, '/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, id, controllers = '', path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (id === '0') return [`${CGROUPS}${path}/memory.events`, `${CGROUPS}/memory.events`];
    if (!controllers.split(',').includes('memory')) return [];
    return [`${CGROUPS}/memory${path}/memory.oom_control`, `${CGROUPS}/memory/memory.oom_control`];
  });
}

function tried(read: (path: string) => string, path: string): string | null {
  try {
    return read(path);
  } catch {
    return null;
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
