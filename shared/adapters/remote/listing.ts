import { RemoteFailure } from './failure.ts';
import type { ListedObject, Page, Reach } from './object-store.ts';
import type { ObjectPlace } from './place.ts';

/** No run has that many; somebody named a bucket instead. */
const MOST_OBJECTS = 100_000;
/** Pages may be short, even empty; a service that is well has no reason for as many. */
const MOST_PAGES = 2000;

/**
 * Every object under a folder, or those under it whose names go on with `start`, in any order. Throws RemoteFailure;
 * `refused` when there are over 100,000.
 */
export async function listFolder(
  { bucket, name }: ObjectPlace,
  { store, retries }: Reach,
  start = '',
): Promise<ListedObject[]> {
  const found: ListedObject[] = [];
  const prefix = name === '' ? start : `${name}/${start}`;
  let token: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const at: { prefix: string; token: string | null } = { prefix, token };
    const page: Page = await retries.run(() => store.page(bucket, at));
    found.push(...page.objects);
    if (page.next === null) return found;
    if (found.length > MOST_OBJECTS)
      throw new RemoteFailure(
        'refused',
        `more than ${MOST_OBJECTS} objects are under it; name the folder of a run`,
      );
    token = page.next;
  }
  throw new RemoteFailure('transient', `the list does not end within ${MOST_PAGES} pages`);
}
