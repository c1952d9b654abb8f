import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  openSync,
  readdirSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, sep } from 'node:path';
import { globMatcher, literalStart, mayHold } from '../../core/glob.ts';
import { compareText } from '../../core/text-order.ts';
import { PortError } from '../../ports/error.ts';
import type { EventFile, EventFileListing } from '../../ports/event-files.ts';
import type { CheckedPlace, Gate } from './event-file-gate.ts';
import { portError, reasonOf } from './fs-errors.ts';

/** What is under a place, or the place itself if it is an event file. */
export function listEventFiles({ place, path }: CheckedPlace, gate: Gate): EventFileListing {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return new Walk(gate, EVENT_FILES).list(path);
    if (!stats.isFile()) throw new PortError('invalid', `Cannot read "${place}": it is ${kindOf(stats)}`);
    // The name it was asked for by: a link may have another one than what it leads to.
    const name = [basename(place), basename(path)].find(isEventName);
    if (name === undefined) {
      const why = 'it is no event file, whose name would contain "tfevents"';
      throw new PortError('invalid', `Cannot read "${place}": ${why}`);
    }
    return { files: [{ path: name, run: '.', bytes: readableSize(path), location: path }], skipped: [] };
  } catch (error) {
    throw portError(error, place);
  }
}

/** Every file under a folder whose path relative to it matches the glob. */
export function findFiles({ place, path }: CheckedPlace, pattern: string, gate: Gate): EventFileListing {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return new Walk(gate, searchOf(pattern)).list(path);
    const what = stats.isFile() ? 'a file, not a folder' : kindOf(stats);
    throw new PortError('invalid', `Cannot read "${place}": it is ${what}`);
  } catch (error) {
    throw portError(error, place);
  }
}

/** What a walk looks for; paths are relative to the folder listed. */
interface Search {
  takes(path: string): boolean;
  /** False: nothing under this folder can be taken. */
  enters(folder: string): boolean;
  /** What is said of a folder in the place of a file; null: it was not meant. */
  readonly folder: string | null;
}

const EVENT_FILES: Search = {
  takes: (path) => isEventName(basename(path)),
  enters: () => true,
  folder: 'it is a folder, without event files',
};

function searchOf(pattern: string): Search {
  return {
    takes: globMatcher(pattern),
    enters: (folder) => mayHold(folder, pattern),
    folder: literalStart(pattern) === pattern ? 'it is a folder' : null,
  };
}

/** The rights to read of owner, group and others. */
const EVERYBODY = 0o444;

interface Place {
  /** Relative to the folder listed, empty for itself. */
  readonly inside: string;
  readonly path: string;
}

/**
 * One pass over a folder. Links are followed after everything else, and only to what was not met before: a
 * link `latest` to a run beside it would give each of its points twice, and a link upwards has no end.
 */
class Walk {
  private readonly files: EventFile[] = [];
  private readonly skipped: { path: string; reason: string }[] = [];
  private readonly met = new Set<string>();
  private readonly links: Place[] = [];
  /** Folders that are named like what is looked for. */
  private readonly misnamed: string[] = [];
  private readonly gate: Gate;
  private readonly search: Search;

  constructor(gate: Gate, search: Search) {
    this.gate = gate;
    this.search = search;
  }

  list(path: string): EventFileListing {
    this.met.add(path);
    this.walk({ inside: '', path }, this.entries(path));
    for (let link = this.links.shift(); link !== undefined; link = this.links.shift()) this.follow(link);
    for (const folder of this.misnamed) {
      if (this.search.folder !== null && !this.files.some((file) => file.path.startsWith(`${folder}/`)))
        this.skip(folder, this.search.folder);
    }
    const byPath = (a: { path: string }, b: { path: string }) => compareText(a.path, b.path);
    return { files: this.files.sort(byPath), skipped: this.skipped.sort(byPath) };
  }

  private entries(path: string): Dirent[] {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => compareText(a.name, b.name));
  }

  /** A stack and not recursion: paths can be thousands of folders deep. */
  private walk(top: Place, entries: readonly Dirent[]): void {
    const folders: Place[] = [];
    let [at, inside] = [top, entries];
    for (;;) {
      // Not `join`, which looks at every part of the path anew; only the root ends with a separator itself.
      const before = at.path.endsWith(sep) ? at.path : at.path + sep;
      for (const entry of inside) {
        const place = {
          inside: at.inside === '' ? entry.name : `${at.inside}/${entry.name}`,
          path: before + entry.name,
        };
        if (!entry.isDirectory()) this.meet(place, entry);
        else if (this.enters(place)) folders.push(place);
      }
      const next = folders.shift();
      if (next === undefined) return;
      at = next;
      inside = this.open(next);
    }
  }

  private enters({ inside }: Place): boolean {
    if (this.search.takes(inside)) this.misnamed.push(inside);
    return this.search.enters(inside);
  }

  private open(folder: Place): readonly Dirent[] {
    this.met.add(folder.path);
    try {
      return this.entries(folder.path);
    } catch (error) {
      this.skip(folder.inside, reasonOf(error));
      return [];
    }
  }

  private meet(place: Place, entry: Dirent): void {
    if (entry.isSymbolicLink()) this.links.push(place);
    else if (!this.search.takes(place.inside)) return;
    else if (entry.isFile()) this.take(place);
    else this.skip(place.inside, `it is ${kindOf(entry)}`);
  }

  private take(place: Place): void {
    try {
      const size = readableSize(place.path);
      this.met.add(place.path);
      const slash = place.inside.lastIndexOf('/');
      const run = slash < 0 ? '.' : place.inside.slice(0, slash);
      this.files.push({ path: place.inside, run, bytes: size, location: place.path });
    } catch (error) {
      this.skip(place.inside, reasonOf(error));
    }
  }

  private follow(link: Place): void {
    const named = this.search.takes(link.inside);
    try {
      const path = realpathSync(link.path);
      const stats = statSync(path);
      const isFolder = stats.isDirectory();
      const isSought = named || (isFolder && this.search.enters(link.inside));
      if (!isSought || (isFolder && this.met.has(path))) return;
      const place = { inside: link.inside, path };
      if (!this.gate(path)) this.skip(link.inside, 'it is a link to outside of what may be read');
      else if (isFolder) this.followInto(place);
      else if (this.met.has(path)) this.skip(link.inside, 'it is a link to a file that is read anyway');
      else if (stats.isFile()) this.take(place);
      else this.skip(link.inside, `it is ${kindOf(stats)}`);
    } catch (error) {
      if (named) this.skip(link.inside, reasonOf(error));
    }
  }

  private followInto(folder: Place): void {
    if (this.enters(folder)) this.walk(folder, this.open(folder));
  }

  private skip(path: string, reason: string): void {
    this.skipped.push({ path, reason });
  }
}

/**
 * The size of a file that can be opened: one that everybody may read, or that was opened to see. Asking for the right
 * to would ask for another user than opens.
 */
function readableSize(path: string): number {
  const { mode, size } = statSync(path);
  if ((mode & EVERYBODY) === EVERYBODY) return size;
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return fstatSync(handle).size;
  } finally {
    closeSync(handle);
  }
}

function isEventName(name: string): boolean {
  return name.includes('tfevents');
}

function kindOf(entry: Dirent | Stats): string {
  if (entry.isFIFO()) return 'a named pipe';
  if (entry.isSocket()) return 'a socket';
  return entry.isDirectory() ? 'a folder' : 'a device';
}
