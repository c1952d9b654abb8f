import { expect, test } from 'vitest';
import { Bucket } from '../../../test/support/bucket.ts';
import { type StorageCheckOptions, storageChecks } from './check.ts';
import { gcsLease } from './lease.ts';

const LEASE = 'gs://bkt/locks/tick.json';
const endpoint = 'http://storage.test';

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

/** A bucket that also answers questions about rights: with these, or with a status. */
function bucketWith(rights: readonly string[] | number): Bucket {
  const bucket = new Bucket();
  bucket.before = ({ url }) => {
    if (!url.pathname.endsWith('/iam/testPermissions')) return null;
    const asked = url.searchParams.getAll('permissions');
    if (typeof rights === 'number') return json({ error: { message: 'no such path' } }, rights);
    return json({ permissions: asked.filter((one) => rights.includes(one)) });
  };
  return bucket;
}

const ALL = ['storage.objects.create', 'storage.objects.get', 'storage.objects.delete'];

const checksOf = (bucket: Bucket, options: Partial<StorageCheckOptions>) =>
  storageChecks({ roots: [], lease: undefined, endpoint, fetch: bucket.fetch, ...options });

test('a root with something in it may be listed and read, and nothing is written', async () => {
  const bucket = bucketWith(ALL);
  bucket.put('models/a/events', 'x');
  expect(await checksOf(bucket, { roots: ['gs://bkt', 'gs://bkt/models'], lease: LEASE })).toEqual([
    { what: 'model root gs://bkt', state: 'ok', detail: expect.any(String) },
    { what: 'model root gs://bkt/models', state: 'ok', detail: expect.any(String) },
    { what: `lease ${LEASE}`, state: 'ok', detail: expect.any(String) },
    { what: `lease ${LEASE}`, state: 'ok', detail: 'nobody holds it' },
  ]);
  expect(bucket.asked.every(({ method }) => method === 'GET')).toBe(true);
});

test('a root without anything in it is a note', async () => {
  const bucket = bucketWith(ALL);
  bucket.put('other/a', 'x');
  const checks = await checksOf(bucket, { roots: ['gs://bkt/models'] });
  expect(checks).toMatchObject([{ state: 'note', detail: expect.stringContaining('nothing is there yet') }]);
});

test('a root that may be listed and not read is bad', async () => {
  const bucket = bucketWith(ALL);
  bucket.put('models/a', 'x');
  bucket.before = ({ url }) => (url.pathname.endsWith('models%2Fa') ? json({}, 403) : null);
  const checks = await checksOf(bucket, { roots: ['gs://bkt/models'] });
  expect(checks).toMatchObject([
    { state: 'bad', detail: expect.stringMatching(/Cannot read .*Storage Object Viewer/) },
  ]);
});

test.each([
  ['gs://missing/models', /there is no bucket "missing"/],
  ['gs://B', /cannot be the name of a bucket/],
])('the root %s is bad', async (root, words) => {
  const checks = await checksOf(bucketWith(ALL), { roots: [root] });
  expect(checks).toMatchObject([{ state: 'bad', detail: expect.stringMatching(words) }]);
});

test('rights that are missing are named with the role that brings them', async () => {
  const [check] = await checksOf(bucketWith(['storage.objects.get']), { lease: LEASE });
  expect(check).toMatchObject({
    state: 'bad',
    detail: expect.stringMatching(/create and storage\.objects\.delete missing.*Storage Object User/),
  });
});

test('a server that knows no rights is a note, a bucket that is not there is bad', async () => {
  expect(await checksOf(bucketWith(404), { lease: LEASE })).toMatchObject([
    { state: 'note' },
    { state: 'ok' },
  ]);
  const [missing] = await checksOf(bucketWith(404), { lease: 'gs://missing/tick' });
  expect(missing).toMatchObject({ state: 'bad', detail: expect.stringContaining('no bucket "missing"') });
});

test('a lease without an object is bad', async () => {
  const checks = await checksOf(bucketWith(ALL), { lease: 'gs://bkt' });
  expect(checks.map(({ state }) => state)).toEqual(['bad', 'bad']);
});

test('who holds the lease is told, and that somebody died with it', async () => {
  const bucket = bucketWith(ALL);
  await gcsLease({ url: LEASE, owner: 'host-a', endpoint, fetch: bucket.fetch }).acquire();
  const holder = async () => (await checksOf(bucket, { lease: LEASE }))[1];
  expect(await holder()).toMatchObject({ state: 'ok', detail: '"host-a" holds it now' });
  bucket.now += 600_000;
  expect(await holder()).toMatchObject({ state: 'ok', detail: expect.stringContaining('takes it over') });
});

test.each([
  ['is out of reach', () => Promise.reject(new TypeError('fetch failed')), /no answer came/],
  ['does not know who asks', async () => json({}, 401), /credentials/],
  ['is in trouble', async () => json({}, 503), /503/],
])('a service that %s makes every line bad', async (_, fetch, words) => {
  const checks = await storageChecks({ roots: ['gs://bkt'], lease: LEASE, endpoint, fetch });
  expect(checks).toHaveLength(3);
  for (const check of checks)
    expect(check).toMatchObject({ state: 'bad', detail: expect.stringMatching(words) });
});
