import { isObject } from '../../core/json.ts';
import { versionOf } from '../../core/watched-object.ts';
import type { Client, Place } from './client.ts';
import { ClusterError } from './errors.ts';

/** A list of one kind of thing in a namespace. */
export interface Listing extends Place {
  /** What the answer has to say it is, such as `JobList`. */
  readonly kind: string;
}

const PAGE = 500;
/** Half a million things; whoever gives more pages than that goes round in a circle. */
const MOST_PAGES = 1_000;
const GONE = 410;

/**
 * The items of a list, a page at a time and as they stood when it began. Without a `resourceVersion`, so that
 * it is the newest and not what some cache remembers: a Job that is missing from it is not there. A list that
 * the server takes back (410) begins anew, once.
 */
export async function* pages(client: Client, listing: Listing): AsyncGenerator<readonly unknown[]> {
  for await (const { items } of versionedPages(client, listing)) yield items;
}

/** The same, and at which version of the store the list was read: a watch goes on from there. */
export async function* versionedPages(client: Client, listing: Listing): AsyncGenerator<Page> {
  let position: string | null = null;
  let isAnew = false;
  for (let page = 0; page < MOST_PAGES; page++) {
    const read: Page = await onePage(client, listing, position).catch((error: unknown) => {
      const isExpired = error instanceof ClusterError && error.status === GONE && position !== null;
      if (!isExpired || isAnew) throw error;
      isAnew = true;
      return { items: [], next: BEGINNING, version: null };
    });
    yield read;
    if (read.next === null) return;
    position = read.next === BEGINNING ? null : read.next;
  }
  throw new ClusterError('invalid', `Cluster "${client.cluster}" gives a list that does not end`);
}

/** What was read so far does not count. */
export const BEGINNING = '';

/** One page of a list. */
export interface Page {
  readonly items: readonly unknown[];
  /** Where the next page begins; null after the last, `BEGINNING` when the list begins anew. */
  readonly next: string | null;
  /** Of the whole list; null when the server does not say. */
  readonly version: string | null;
}

async function onePage(client: Client, listing: Listing, position: string | null): Promise<Page> {
  const query = new URLSearchParams(listing.query);
  query.set('limit', String(PAGE));
  if (position !== null) query.set('continue', position);
  const list = await client.json({ ...listing, query });
  if (!isObject(list) || list.kind !== listing.kind) {
    const words = `Cluster "${client.cluster}" answered with something that is no ${listing.kind}`;
    throw new ClusterError('invalid', `${words}: look at its endpoint`);
  }
  const next = isObject(list.metadata) ? list.metadata.continue : undefined;
  // An empty list of a Go program is null.
  const items = Array.isArray(list.items) ? list.items : [];
  return { items, next: typeof next === 'string' && next !== '' ? next : null, version: versionOf(list) };
}
