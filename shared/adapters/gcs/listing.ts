import { RemoteFailure } from '../remote/failure.ts';
import type { ListedObject, Page } from '../remote/object-store.ts';
import type { ObjectPlace } from '../remote/place.ts';
import type { GcsHttp } from './http.ts';
import { objectPath } from './url.ts';

const FIELDS = 'name,size,generation,contentEncoding';
/** What the service gives at most in one answer. */
const PAGE = 1000;
/** One page of the objects whose names begin with `prefix`. Throws RemoteFailure. */
export async function pageOf(
  http: GcsHttp,
  bucket: string,
  { prefix, token }: { readonly prefix: string; readonly token: string | null },
): Promise<Page> {
  const query = new URLSearchParams({
    prefix,
    maxResults: String(PAGE),
    fields: `items(${FIELDS}),nextPageToken`,
    ...(token === null ? {} : { pageToken: token }),
  });
  const { body } = await http.json({ path: `/storage/v1/b/${encodeURIComponent(bucket)}/o?${query}` });
  const { items = [], nextPageToken = null } = fieldsOf(body);
  if (!Array.isArray(items) || (nextPageToken !== null && typeof nextPageToken !== 'string')) throw strange();
  return { objects: items.map(objectOf), next: nextPageToken === '' ? null : nextPageToken };
}

/** The object of exactly this name, null when there is none. */
export async function lookUp(http: GcsHttp, place: ObjectPlace): Promise<ListedObject | null> {
  try {
    const path = `${objectPath(place)}?fields=${FIELDS}`;
    return objectOf((await http.json({ path })).body);
  } catch (error) {
    if (error instanceof RemoteFailure && error.kind === 'missing') return null;
    throw error;
  }
}

function objectOf(body: unknown): ListedObject {
  const { name, size, generation, contentEncoding = '' } = fieldsOf(body);
  const bytes = typeof size === 'string' ? Number(size) : Number.NaN;
  if (typeof name !== 'string' || !Number.isSafeInteger(bytes) || bytes < 0) throw strange();
  if (typeof generation !== 'string' || !/^\d+$/.test(generation)) throw strange();
  return { name, bytes, version: generation, problem: packedBy(contentEncoding) };
}

/** The service unpacks such objects on the way and then knows neither their length nor ranges. */
function packedBy(encoding: unknown): string | null {
  if (typeof encoding !== 'string' || encoding === '' || encoding === 'identity') return null;
  return `it is stored with content encoding ${JSON.stringify(encoding.slice(0, 40))}; store it as it is`;
}

function fieldsOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) throw strange();
  return body as Record<string, unknown>;
}

function strange(): RemoteFailure {
  return new RemoteFailure('transient', 'the answer is not what Cloud Storage gives');
}
