import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PortError } from '../../ports/error.ts';
import { codeOf, portError } from './fs-errors.ts';

/** Whether a path without links may be read. */
export type Gate = (realPath: string) => boolean;

/** Lets everything through, so that nobody need ask where a link leads. */
export const OPEN_GATE: Gate = () => true;

/** Lets through what is in one of the folders; everything when none are given. */
export function gateOf(roots: readonly string[] | undefined): Gate {
  if (roots === undefined) return OPEN_GATE;
  // Asked each time: a root may be mounted, or made, after the start.
  return (path) => roots.some((root) => isInside(path, realOrPlain(localPath(root))));
}

/** A place that is there and may be read: `place` as given, `path` without links. */
export interface CheckedPlace {
  readonly place: string;
  readonly path: string;
}

export function checkPlace(gate: Gate, place: string): CheckedPlace {
  const path = localPath(place);
  try {
    const real = realpathSync(path);
    if (!gate(real)) throw outside(place);
    return { place, path: real };
  } catch (error) {
    // What lies outside must not be told from what is not there.
    if (codeOf(error) !== undefined && !gate(resolve(path))) throw outside(place);
    throw portError(error, place);
  }
}

function outside(place: string): PortError {
  return new PortError('denied', `Cannot read "${place}": it is outside of what may be read`);
}

function localPath(place: string): string {
  if (place.includes('\0'))
    throw new PortError('invalid', `Cannot read ${JSON.stringify(place)}: no path has a NUL`);
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(place)) return place;
  try {
    return fileURLToPath(place);
  } catch (cause) {
    throw new PortError('invalid', `Cannot read "${place}": it is neither a local path nor a file:// URL`, {
      cause,
    });
  }
}

function realOrPlain(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
