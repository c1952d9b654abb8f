import { randomBytes } from 'node:crypto';

let published = 0;

/**
 * A file name that sorts by the time of publishing and that no other process makes: a rename onto an
 * existing name would lose that message. `.pb` is kept, because it tells the format; all else is `.json`.
 */
export function spoolName(name: string, time: number): string {
  const ending = name.endsWith('.pb') ? '.pb' : '.json';
  const stamp = new Date(time).toISOString().replaceAll(/[-:.]/g, '');
  const count = String(published++ % 1_000_000).padStart(6, '0');
  return `${stamp}-${count}-${randomBytes(4).toString('hex')}-${plainName(name)}${ending}`;
}

/** The part people read: what a file name may safely hold, without its ending. */
function plainName(name: string): string {
  const stem = name.replace(/\.(json|pb)$/, '');
  return stem.replaceAll(/[^A-Za-z0-9._-]+/g, '_').slice(0, 120) || 'message';
}
