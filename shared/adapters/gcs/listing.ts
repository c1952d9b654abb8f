import { GcsFailure } from './failure.ts';
import type { GcsHttp } from './http.ts';
import type { Retries } from './retry.ts';
import { type GcsPlace, objectPath } from './url.ts';

/** One object as listed. */
export interface ListedObject {
  readonly name: string;
  readonly bytes: number;
  /** Which of the objects that have had this name; decimal digits. */
  readonly generation: string;
  /** Such as `gzip`; empty for bytes as they are. */
  readonly encoding: string;
}

export interface Reach {
  readonly http: GcsHttp;
  readonly retries: Retries;
}

const FIELDS = 'name,size,generation,contentEncoding';
/** What the service gives at most in one answer. */
const PAGE = 1000;
/** No run has that many; somebody named a bucket instead. */
const MOST_OBJECTS = 100_000;

/**
 * Every object under a folder, or those under it whose names go on with `start`, in any order. Throws GcsFailure;
 * `refused` when there are over 100,000.
 */
export async function listFolder(
  { bucket, name }: GcsPlace,
  { http, retries }: Reach,
  start = '',
): Promise<ListedObject[]> {
  const found: ListedObject[] = [];
  const query = new URLSearchParams({
    prefix: name === '' ? start : `${name}/${start}`,
    maxResults: String(PAGE),
    fields: `items(${FIELDS}),nextPageToken`,
  });
  for (;;) {
    const path = `/storage/v1/b/${encodeURIComponent(bucket)}/o?${query}`;
    const page = await retries.run(async () => pageOf((await http.json({ path })).body));
    found.push(...page.objects);
    if (page.next === null) return found;
    if (found.length > MOST_OBJECTS)
      throw new GcsFailure(
        'refused',
        `more than ${MOST_OBJECTS} objects are under it; name the folder of a run`,
      );
    query.set('pageToken', page.next);
  }
}

/** The object of exactly this name, null when there is none. */
export async function lookUp(place: GcsPlace, { http, retries }: Reach): Promise<ListedObject | null> {
  try {
    const path = `${objectPath(place)}?fields=${FIELDS}`;
    return await retries.run(async () => objectOf((await http.json({ path })).body));
  } catch (error) {
    if (error instanceof GcsFailure && error.kind === 'missing') return null;
    throw error;
  }
}

function pageOf(body: unknown): { objects: ListedObject[]; next: string | null } {
  const { items = [], nextPageToken = null } = fieldsOf(body);
  if (!Array.isArray(items) || (nextPageToken !== null && typeof nextPageToken !== 'string')) throw strange();
  return { objects: items.map(objectOf), next: nextPageToken === '' ? null : nextPageToken };
}

function objectOf(body: unknown): ListedObject {
  const { name, size, generation, contentEncoding = '' } = fieldsOf(body);
  const bytes = typeof size === 'string' ? Number(size) : Number.NaN;
  if (typeof name !== 'string' || !Number.isSafeInteger(bytes) || bytes < 0) throw strange();
  if (typeof generation !== 'string' || !/^\d+$/.test(generation)) throw strange();
  return { name, bytes, generation, encoding: typeof contentEncoding === 'string' ? contentEncoding : '' };
}

function fieldsOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) throw strange();
  return body as Record<string, unknown>;
}

function strange(): GcsFailure {
  return new GcsFailure('transient', 'the answer is not what Cloud Storage gives');
}
