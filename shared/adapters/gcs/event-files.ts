import { globMatcher, literalStart } from '../../core/glob.ts';
import { compareText } from '../../core/text-order.ts';
import { PortError } from '../../ports/error.ts';
import type { EventFile, EventFileListing, EventFiles } from '../../ports/event-files.ts';
import { ByteBudget } from './budget.ts';
import { portError, type Telling } from './failure.ts';
import { type GcsConnection, GcsHttp } from './http.ts';
import { type ListedObject, listFolder, lookUp } from './listing.ts';
import { type PinnedObject, type ReadPorts, readObject } from './read.ts';
import { Retries, type RetryOptions } from './retry.ts';
import { type Gate, type GcsPlace, gateOf, gcsUrl, nameProblem, parseGcsUrl } from './url.ts';

export interface GcsEventFilesOptions extends GcsConnection {
  /** `gs://BUCKET` or `gs://BUCKET/FOLDER`; nothing outside of these is asked for. Everything may be, when undefined. */
  readonly roots?: readonly string[] | undefined;
  /** What all downloads together may hold in memory; 64 MiB unless said. */
  readonly budgetBytes?: number;
  readonly retry?: RetryOptions;
  /**
   * What it means that this process is nobody to Google: `unavailable`, a login that broke and comes back, unless
   * said; `denied` where nobody may ever have logged in.
   */
  readonly signedOut?: 'unavailable' | 'denied';
}

const BUDGET_BYTES = 64 * 1024 * 1024;
/** Requests wait for the network, so many do at once; more gain nothing on two cores. */
const CONCURRENCY = 16;

/**
 * Event files in Cloud Storage, places as `gs://BUCKET/FOLDER`. One request lists a folder (of up to 1,000
 * objects), one reads a file of any size. What is read is the generation that was listed.
 */
export function gcsEventFiles(options: GcsEventFilesOptions = {}): EventFiles {
  const gate = gateOf(options.roots);
  const ports: ReadPorts = {
    http: new GcsHttp(options),
    retries: new Retries(options.retry),
    budget: new ByteBudget(options.budgetBytes ?? BUDGET_BYTES),
  };
  return {
    concurrency: CONCURRENCY,
    list: (place) => list(place, { gate, ports, signedOut: options.signedOut }),
    find: (place, pattern) => find(place, pattern, { gate, ports, signedOut: options.signedOut }),
    open: (file, from = 0) => open(file, { gate, ports }, from),
  };
}

interface Access {
  readonly gate: Gate;
  readonly ports: ReadPorts;
  readonly signedOut?: GcsEventFilesOptions['signedOut'];
}

const ROLE = 'Storage Object Viewer';

async function list(text: string, access: Access): Promise<EventFileListing> {
  const { cannot, place, objects, single } = await lookAt(text, access, look);
  if (single === null) return folderOf(place, objects, isEventFile);
  const path = place.name.slice(place.name.lastIndexOf('/') + 1);
  if (!isEventName(path))
    throw new PortError('invalid', `${cannot}: it is no event file, whose name would contain "tfevents"`);
  return sorted([entry(path, { bucket: place.bucket, object: single })]);
}

async function find(text: string, pattern: string, access: Access): Promise<EventFileListing> {
  const start = literalStart(pattern);
  const { cannot, place, objects, single } = await lookAt(text, access, async (at, ports) => {
    const found = await listFolder(at, ports, start);
    return found.length > 0 ? { objects: found, single: null } : look(at, ports);
  });
  if (single !== null) throw new PortError('invalid', `${cannot}: it is an object, not a folder`);
  const matches = globMatcher(pattern);
  return folderOf(place, objects, (path) => !path.endsWith('/') && path !== '' && matches(path));
}

/** What is at a place that may be read, by one of the ways to look. Throws PortError when nothing is. */
async function lookAt(
  text: string,
  { gate, ports, signedOut }: Access,
  way: (place: GcsPlace, ports: ReadPorts) => Promise<Sight>,
): Promise<Sight & { readonly cannot: string; readonly place: GcsPlace }> {
  const place = parseGcsUrl(text, 'Cannot read');
  const cannot = `Cannot read ${JSON.stringify(text)}`;
  if (!gate(place)) throw new PortError('denied', `${cannot}: it is outside of what may be read`);
  const { objects, single } = await told(() => way(place, ports), {
    cannot,
    role: ROLE,
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
async function look(place: GcsPlace, ports: ReadPorts): Promise<Sight> {
  const objects = await listFolder(place, ports);
  const isFolder = objects.length > 0 || place.name === '';
  return { objects, single: isFolder ? null : await lookUp(place, ports) };
}

async function told<T>(work: () => Promise<T>, telling: Telling): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw portError(error, telling);
  }
}

interface Entry {
  readonly file: EventFile;
  /** Why it is passed over, if it is. */
  readonly problem: string | null;
}

function folderOf(
  { bucket, name }: GcsPlace,
  objects: readonly ListedObject[],
  takes: (path: string) => boolean,
): EventFileListing {
  const above = name === '' ? 0 : name.length + 1;
  const entries = objects.map((object) => entry(object.name.slice(above), { bucket, object }));
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

function entry(path: string, { bucket, object }: { bucket: string; object: ListedObject }): Entry {
  const { name, bytes, generation } = object;
  const slash = path.lastIndexOf('/');
  const run = slash < 0 ? '.' : path.slice(0, slash);
  const location = `${gcsUrl({ bucket, name })}#${generation}`;
  return { file: { path, run, bytes, location }, problem: problemOf(path, object) };
}

function problemOf(path: string, { name, encoding }: ListedObject): string | null {
  if (path.split('/').includes('')) return 'a part of its name is empty';
  // The service unpacks such objects on the way and then knows neither their length nor ranges.
  if (encoding !== '' && encoding !== 'identity')
    return `it is stored with content encoding ${JSON.stringify(encoding.slice(0, 40))}; store it as it is`;
  return nameProblem(name);
}

function isEventFile(path: string): boolean {
  return isEventName(path.slice(path.lastIndexOf('/') + 1));
}

function isEventName(name: string): boolean {
  return name.includes('tfevents');
}

async function* open(file: EventFile, { gate, ports }: Access, from: number): AsyncGenerator<Uint8Array> {
  const object = pinned(file);
  const cannot = `Cannot read ${JSON.stringify(gcsUrl(object))}`;
  if (!gate(object)) throw new PortError('denied', `${cannot}: it is outside of what may be read`);
  const again = 'it was replaced or deleted since it was listed; list it again';
  try {
    yield* readObject(object, ports, from);
  } catch (error) {
    throw portError(error, {
      cannot,
      role: ROLE,
      missing: ['unavailable', again],
      changed: ['unavailable', again],
    });
  }
}

/** The object behind a `location`, which is its URL, `#` and its generation. */
function pinned({ location, bytes }: EventFile): PinnedObject {
  const at = location.lastIndexOf('#');
  const generation = location.slice(at + 1);
  if (at < 0 || !/^\d+$/.test(generation))
    throw new PortError('invalid', `Cannot read ${JSON.stringify(location)}: it was not listed here`);
  return { ...parseGcsUrl(location.slice(0, at), 'Cannot read'), generation, bytes };
}
