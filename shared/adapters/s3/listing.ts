import { boundedText } from '../remote/bounded-text.ts';
import { networkFailure, RemoteFailure } from '../remote/failure.ts';
import type { ListedObject, Page } from '../remote/object-store.ts';
import type { ObjectPlace } from '../remote/place.ts';
import type { S3Http } from './http.ts';
import { elementsOf, textOf } from './xml.ts';

/** What the service gives at most in one answer. */
const PAGE = 1000;
/** Of a page of the longest names, each byte of them as three characters, with room for what stands around. */
const MOST_BYTES = 8 * 1024 * 1024;

/** One page of the objects whose names begin with `prefix`. Throws RemoteFailure. */
export async function pageOf(
  http: S3Http,
  bucket: string,
  {
    prefix,
    token,
    most = PAGE,
  }: { readonly prefix: string; readonly token: string | null; readonly most?: number },
): Promise<Page> {
  const query = {
    'list-type': '2',
    prefix,
    'max-keys': String(most),
    // XML cannot hold every character that a name can.
    'encoding-type': 'url',
    ...(token === null ? {} : { 'continuation-token': token }),
  };
  const waits = http.waits();
  try {
    const xml = await boundedText(await http.send({ bucket, query }, waits), { waits, most: MOST_BYTES });
    const isTruncated = textOf(xml, 'IsTruncated');
    if (!xml.includes('</ListBucketResult>') || isTruncated === null) throw strange();
    const objects = elementsOf(xml, 'Contents').map(objectOf);
    if (isTruncated !== 'true') return { objects, next: null };
    const next = textOf(xml, 'NextContinuationToken');
    if (next === null || next === '') throw strange();
    return { objects, next };
  } catch (error) {
    throw networkFailure(error);
  } finally {
    waits.end();
  }
}

/**
 * The object of exactly this name; null when there is none. A list finds it first of those that begin so, which takes
 * no other right than listing does, and says "not there" where asking for the object itself would say "forbidden".
 */
export async function lookUp(http: S3Http, { bucket, name }: ObjectPlace): Promise<ListedObject | null> {
  const { objects } = await pageOf(http, bucket, { prefix: name, token: null, most: 1 });
  return objects.find((object) => object.name === name) ?? null;
}

function objectOf(xml: string): ListedObject {
  const [name, size, tag] = ['Key', 'Size', 'ETag'].map((element) => textOf(xml, element));
  const bytes = /^\d{1,16}$/.test(size ?? '') ? Number(size) : Number.NaN;
  const version = tag?.replace(/^"(.*)"$/s, '$1') ?? '';
  if (name == null || !Number.isSafeInteger(bytes) || !isVersion(version)) throw strange();
  // That it is packed, or in an archive, is told by reading it alone.
  return { name: unescaped(name), bytes, version, problem: null };
}

/** What stands in the quotes of an ETag (RFC 9110, 8.8.3), without `#`. */
export function isVersion(text: string): boolean {
  return /^[\x21\x24-\x7e]{1,256}$/.test(text);
}

/** The service writes a blank as `+`. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw strange();
  }
}

function strange(): RemoteFailure {
  return new RemoteFailure('transient', 'the answer is not what S3 gives');
}
