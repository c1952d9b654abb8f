import type { Check } from '../../ports/check.ts';
import { PortError } from '../../ports/error.ts';
import { portError, RemoteFailure } from '../remote/failure.ts';
import type { ObjectPlace } from '../remote/place.ts';
import { type GcsConnection, GcsHttp } from './http.ts';
import { leasePlace } from './lease.ts';
import { readLease } from './lease-object.ts';
import { standing } from './lease-standing.ts';
import { objectPath, parseGcsUrl } from './url.ts';

export interface StorageCheckOptions extends GcsConnection {
  /** `gs://BUCKET` or `gs://BUCKET/FOLDER`: what event files are read from. */
  readonly roots: readonly string[];
  /** `gs://BUCKET/NAME`, if a lease is kept in an object. */
  readonly lease: string | undefined;
  /** Milliseconds since the epoch, asked only where the service does not tell its time. */
  readonly now?: () => number;
}

/** Milliseconds: a person waits for the answers. */
const PATIENCE = { waitMs: 10_000, requestMs: 10_000 };

/**
 * What is needed in Cloud Storage: model roots that may be listed and read, and the rights on the lease. Writes
 * nothing; never throws for what the service says.
 */
export async function storageChecks(options: StorageCheckOptions): Promise<Check[]> {
  const http = new GcsHttp({ limits: PATIENCE, ...options });
  const { lease, now = Date.now } = options;
  return Promise.all([
    ...options.roots.map((root) => answered(`model root ${root}`, () => rootCheck(http, root))),
    ...(lease === undefined
      ? []
      : [
          answered(`lease ${lease}`, () => rightsCheck(http, lease)),
          answered(`lease ${lease}`, () => holderCheck(http, { lease, now })),
        ]),
  ]);
}

type Finding = Omit<Check, 'what'>;

async function answered(what: string, work: () => Promise<Finding>): Promise<Check> {
  try {
    return { what, ...(await work()) };
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return { what, state: 'bad', detail: error.message };
  }
}

/** Lists one object and asks for it by name, which takes the rights that reading takes. */
async function rootCheck(http: GcsHttp, root: string): Promise<Finding> {
  const place = parseGcsUrl(root, 'Cannot use the model root');
  const first = await asked(`Cannot look into ${JSON.stringify(root)}`, { place, role: READER }, () =>
    firstObject(http, place),
  );
  if (first === null) {
    const detail =
      'may be listed, and nothing is there yet; whether it may be read shows with the first object';
    return { state: 'note', detail };
  }
  await asked(`Cannot read what is under ${JSON.stringify(root)}`, { place, role: READER }, () =>
    http.done({ path: `${objectPath({ ...place, name: first })}?fields=name` }),
  );
  return { state: 'ok', detail: 'may be listed and read' };
}

const READER = 'Storage Object Viewer';
const USER = 'Storage Object User';
const RIGHTS = ['storage.objects.create', 'storage.objects.get', 'storage.objects.delete'];

async function rightsCheck(http: GcsHttp, lease: string): Promise<Finding> {
  const place = leasePlace(lease);
  const { bucket } = place;
  const cannot = `Cannot ask for the rights on bucket "${bucket}"`;
  const granted = await asked(cannot, { place, role: USER }, () => grantedRights(http, bucket));
  if (granted === null)
    return {
      state: 'note',
      detail: 'whether it may be written could not be asked: this server knows no rights',
    };
  const missing = RIGHTS.filter((right) => !granted.includes(right));
  if (missing.length === 0) return { state: 'ok', detail: 'may be written, read and deleted' };
  const detail = `${missing.join(' and ')} missing; give the caller the role ${USER} on bucket "${bucket}"`;
  return { state: 'bad', detail };
}

/** Null: the server has no such question, though it has the bucket. */
async function grantedRights(http: GcsHttp, bucket: string): Promise<readonly unknown[] | null> {
  const query = RIGHTS.map((right) => `permissions=${right}`).join('&');
  const path = `/storage/v1/b/${encodeURIComponent(bucket)}/iam/testPermissions?${query}`;
  try {
    const { permissions = [] } = ((await http.json({ path })).body ?? {}) as { permissions?: unknown };
    return Array.isArray(permissions) ? permissions : [];
  } catch (error) {
    if (!(error instanceof RemoteFailure && (error.kind === 'missing' || error.kind === 'refused')))
      throw error;
    // A bucket that is not there is told by this one too.
    await firstObject(http, { bucket, name: '' });
    return null;
  }
}

/** Who works now, for whoever wonders why a tick has nothing to do. */
async function holderCheck(
  http: GcsHttp,
  { lease, now }: { readonly lease: string; readonly now: () => number },
): Promise<Finding> {
  const place = leasePlace(lease);
  const seen = await asked('Cannot read the lease', { place, role: USER }, () => readLease(http, place));
  if (seen === null) return { state: 'ok', detail: 'nobody holds it' };
  const { note } = seen.object;
  const owner = note === null ? 'somebody who does not say' : JSON.stringify(note.owner);
  const is = standing(seen, { ttlMs: note?.ttlMs ?? Number.POSITIVE_INFINITY, holding: '', now: now() });
  if (is === 'expired')
    return { state: 'ok', detail: `${owner} left it behind; the next tick takes it over` };
  return { state: 'ok', detail: `${owner} holds it now` };
}

async function firstObject(http: GcsHttp, { bucket, name }: ObjectPlace): Promise<string | null> {
  const query = new URLSearchParams({
    prefix: name === '' ? '' : `${name}/`,
    maxResults: '1',
    fields: 'items(name)',
  });
  const { body } = await http.json({ path: `/storage/v1/b/${encodeURIComponent(bucket)}/o?${query}` });
  const { items } = (body ?? {}) as { items?: readonly { name?: unknown }[] };
  const found = Array.isArray(items) ? items[0]?.name : undefined;
  return typeof found === 'string' ? found : null;
}

interface Question {
  readonly place: ObjectPlace;
  readonly role: string;
}

/** One attempt: whoever waits for the answer rather asks again himself. */
async function asked<T>(cannot: string, { place, role }: Question, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw portError(error, {
      cannot,
      right: `it takes the role ${role} on the bucket`,
      missing: ['not-found', `there is no bucket "${place.bucket}"`],
      changed: ['unavailable', 'it changed while it was looked at'],
    });
  }
}
