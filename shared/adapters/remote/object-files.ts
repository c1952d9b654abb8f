import { globMatcher, literalStart } from '../../core/glob.ts';
import { compareText } from '../../core/text-order.ts';
import { PortError } from '../../ports/error.ts';
import type { EventFile, EventFileListing, EventFiles } from '../../ports/event-files.ts';
import { ByteBudget } from './budget.ts';
import { portError, type Telling } from './failure.ts';
import { listFolder } from './listing.ts';
import type { ListedObject, ObjectStore, PinnedObject, Reach } from './object-store.ts';
import {
  type Gate,
  gateOf,
  nameProblem,
  type ObjectPlace,
  objectUrl,
  type PlaceKind,
  parseObjectUrl,
} from './place.ts';
import { readObject } from './read-object.ts';
import { Retries, type RetryOptions } from './retry.ts';

export interface ObjectFilesOptions {
  /** Places as the store writes them; nothing outside of these is asked for. Everything may be, when undefined. */
  readonly roots?: readonly string[] | undefined;
  /** What all downloads together may hold in memory; 64 MiB unless said. */
  readonly budgetBytes?: number;
  readonly retry?: RetryOptions;
  /**
   * What it means that this process is nobody to the store: `unavailable`, a login that broke and comes back, unless
   * said; `denied` where nobody may ever have logged in.
   */
  readonly signedOut?: 'unavailable' | 'denied';
}

const BUDGET_BYTES = 64 * 1024 * 1024;
/** Requests wait for the network, so many do at once; more gain nothing on two cores. */
const CONCURRENCY = 16;

/**
 * Files in a store of objects. One request lists a page of a folder, one reads a file of any size. What is read is
 * the version that was listed.
 */
export function objectFiles(store: ObjectStore, options: ObjectFilesOptions): EventFiles {
  const gate = gateOf(store.kind, options.roots);
  const reach: Reach = {
    store,
    retries: new Retries(options.retry),
    budget: new ByteBudget(options.budgetBytes ?? BUDGET_BYTES),
  };
  const access = { gate, reach, signedOut: options.signedOut };
  return {
    concurrency: CONCURRENCY,
    list: (place) => list(place, access),
    find: (place, pattern) => find(place, pattern, access),
    open: (file, from = 0) => open(file, access, from),
  };
}

interface Access {
  readonly gate: Gate;
  readonly reach: Reach;
  readonly signedOut?: ObjectFilesOptions['signedOut'];
}

async function list(text: string, access: Access): Promise<EventFileListing> {
  const { cannot, place, objects, single } = await lookAt(text, access, look);
  if (single === null) return folderOf({ kind: access.reach.store.kind, place }, objects, isEventFile);
  const path = place.name.slice(place.name.lastIndexOf('/') + 1);
  if (!isEventName(path))
    throw new PortError('invalid', `${cannot}: it is no event file, whose name would contain "tfevents"`);
  return sorted([entry(path, { kind: access.reach.store.kind, bucket: place.bucket, object: single })]);
}

async function find(text: string, pattern: string, access: Access): Promise<EventFileListing> {
  const start = literalStart(pattern);
  const { cannot, place, objects, single } = await lookAt(text, access, async (at, reach) => {
    const found = await listFolder(at, reach, start);
    return found.length > 0 ? { objects: found, single: null } : look(at, reach);
  });
  if (single !== null) throw new PortError('invalid', `${cannot}: it is an object, not a folder`);
  const matches = globMatcher(pattern);
  return folderOf(
    { kind: access.reach.store.kind, place },
    objects,
    (path) => !path.endsWith('/') && path !== '' && matches(path),
  );
}

/** What is at a place that may be read, by one of the ways to look. Throws PortError when nothing is. */
async function lookAt(
  text: string,
  { gate, reach, signedOut }: Access,
  way: (place: ObjectPlace, reach: Reach) => Promise<Sight>,
): Promise<Sight & { readonly cannot: string; readonly place: ObjectPlace }> {
  const place = parseObjectUrl(reach.store.kind, text, { cannot: 'Cannot read' });
  const cannot = `Cannot read ${JSON.stringify(text)}`;
  if (!gate(place)) throw new PortError('denied', `${cannot}: it is outside of what may be read`);
  const { objects, single } = await told(() => way(place, reach), {
    cannot,
    right: reach.store.right,
    missing: ['not-found', `there is no bucket "${place.bucket}"`],
    changed: ['unavailable', 'it changed while it was listed'],
    signedOut,
  });
  if (objects.length === 0 && single === null && place.name !== '')
    throw new PortError('not-found', `${cannot}: there is no object of this name, and none under it`);
  return { cannot, place, objects, single };
}

/** The objects under a place, or the one that it names itself. */
interface Sight {
  readonly objects: readonly ListedObject[];
  readonly single: ListedObject | null;
}

/** What is under a place; nothing is under an object, which is asked for then. */
async function look(place: ObjectPlace, reach: Reach): Promise<Sight> {
  const objects = await listFolder(place, reach);
  const isFolder = objects.length > 0 || place.name === '';
  return { objects, single: isFolder ? null : await reach.retries.run(() => reach.store.lookUp(place)) };
}

async function told<T>(work: () => Promise<T>, telling: Telling): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw portError(error, telling);
  }
}

interface Listed {
  readonly kind: PlaceKind;
  readonly bucket: string;
  readonly object: ListedObject;
}

interface Entry {
  readonly file: EventFile;
  /** Why it is passed over, if it is. */
  readonly problem: string | null;
}

function folderOf(
  { kind, place: { bucket, name } }: { readonly kind: PlaceKind; readonly place: ObjectPlace },
  objects: readonly ListedObject[],
  takes: (path: string) => boolean,
): EventFileListing {
  const above = name === '' ? 0 : name.length + 1;
  const entries = objects.map((object) => entry(object.name.slice(above), { kind, bucket, object }));
  return sorted(entries.filter(({ file }) => takes(file.path)));
}

function sorted(entries: readonly Entry[]): EventFileListing {
  const inOrder = entries.toSorted((a, b) => compareText(a.file.path, b.file.path));
  return {
    files: inOrder.filter(({ problem }) => problem === null).map(({ file }) => file),
    skipped: inOrder.flatMap(({ file, problem }) =>
      problem === null ? [] : [{ path: file.path, reason: problem }],
    ),
  };
}

function entry(path: string, { kind, bucket, object }: Listed): Entry {
  const { name, bytes, version } = object;
  const slash = path.lastIndexOf('/');
  const run = slash < 0 ? '.' : path.slice(0, slash);
  const location = `${objectUrl(kind, { bucket, name })}#${version}`;
  return { file: { path, run, bytes, location }, problem: problemOf(path, object) };
}

function problemOf(path: string, { name, problem }: ListedObject): string | null {
  return path.split('/').includes('') ? 'a part of its name is empty' : (problem ?? nameProblem(name));
}

function isEventFile(path: string): boolean {
  return isEventName(path.slice(path.lastIndexOf('/') + 1));
}

function isEventName(name: string): boolean {
  return name.includes('tfevents');
}

async function* open(file: EventFile, { gate, reach }: Access, from: number): AsyncGenerator<Uint8Array> {
  const { store } = reach;
  const object = pinned(file, store);
  const cannot = `Cannot read ${JSON.stringify(objectUrl(store.kind, object))}`;
  if (!gate(object)) throw new PortError('denied', `${cannot}: it is outside of what may be read`);
  const again = 'it was replaced or deleted since it was listed; list it again';
  try {
    yield* readObject(object, reach, from);
  } catch (error) {
    throw portError(error, {
      cannot,
      right: store.right,
      missing: ['unavailable', again],
      changed: ['unavailable', again],
    });
  }
}

/** The object behind a `location`, which is its URL, `#` and its version. */
function pinned({ location, bytes }: EventFile, { kind, isVersion }: ObjectStore): PinnedObject {
  const at = location.lastIndexOf('#');
  const version = location.slice(at + 1);
  if (at < 0 || !isVersion(version))
    throw new PortError('invalid', `Cannot read ${JSON.stringify(location)}: it was not listed here`);
  return { ...parseObjectUrl(kind, location.slice(0, at), { cannot: 'Cannot read' }), version, bytes };
}
