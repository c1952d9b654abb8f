import { expect, test, vi } from 'vitest';
import { leaseContract } from '../../../test/contracts/lease.ts';
import { Bucket } from '../../../test/support/bucket.ts';
import { expiringLeases } from '../../../test/support/expiring-leases.ts';
import { ScriptTimer } from '../../../test/support/script-timer.ts';
import { silentLog } from '../../ports/log.ts';
import { type GcsLeaseOptions, gcsLease } from './lease.ts';

const URL = 'gs://bkt/locks/tick.json';
const endpoint = 'http://storage.test';

leaseContract({
  name: 'Cloud Storage as this project understands it',
  open: async () => {
    const { fetch } = new Bucket();
    const lease = (owner: string) => gcsLease({ url: URL, owner, endpoint, fetch });
    return [lease('one'), lease('other')];
  },
  expiring: async () => {
    const bucket = new Bucket();
    return expiringLeases({ url: URL, endpoint, fetch: bucket.fetch }, (ms) => {
      bucket.now += ms;
    });
  },
});

/** A lease on a bucket, with what it logs; it never pauses between two attempts. */
function made(bucket: Bucket, more: Partial<GcsLeaseOptions> = {}) {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => warnings.push(message) };
  const retry = { sleep: async () => {} };
  const lease = gcsLease({ url: URL, owner: 'one', endpoint, fetch: bucket.fetch, log, retry, ...more });
  return { lease, warnings };
}

test('the lease in the bucket tells people who has it', async () => {
  const bucket = new Bucket();
  await made(bucket, { owner: 'tick 7 of "prod"', ttlMs: 5000 }).lease.acquire();
  const stored = bucket.objects.get('locks/tick.json')!;
  expect(stored.metadata).toMatchObject({ owner: 'tick 7 of "prod"', ttl_ms: '5000' });
  expect(new TextDecoder().decode(stored.bytes)).toContain('{"owner":"tick 7 of \\"prod\\"","ttl_ms":5000}');
});

const answerLost = (bucket: Bucket, nth: number) => {
  let writes = 0;
  bucket.after = (response, { method }) => {
    if (method === 'POST' && ++writes === nth) throw new TypeError('fetch failed');
    return response;
  };
};

test('an answer that is lost on the way does not lock its own asker out', async () => {
  const bucket = new Bucket();
  answerLost(bucket, 1);
  const held = await made(bucket).lease.acquire();
  expect(held).not.toBeNull();
  // Written, written again in vain, and read: not written a third time.
  expect(bucket.asked.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET']);
  expect(await made(bucket).lease.acquire()).toBeNull();
  await held!.release();
  expect(bucket.objects.size).toBe(0);
});

/** A held lease whose renewals happen when the script says so. */
async function scripted(bucket: Bucket) {
  const script = new ScriptTimer();
  const { lease, warnings } = made(bucket, {
    ttlMs: 30_000,
    timer: script.timer,
    elapsed: () => script.now,
    limits: { waitMs: 50, requestMs: 50 },
  });
  const held = (await lease.acquire())!;
  const settle = () => vi.waitUntil(() => script.size > 0 || held.lost.aborted, 10_000);
  const pass = (ms: number) => script.pass(ms, async () => void (await settle()));
  return { held, pass, script, warnings };
}

test('a renewal whose answer is lost is still a renewal', async () => {
  const bucket = new Bucket();
  answerLost(bucket, 2);
  const { held, pass } = await scripted(bucket);
  await pass(25_000);
  expect(held.lost.aborted).toBe(false);
  await held.release();
  expect(bucket.objects.size).toBe(0);
});

test('given back right after a renewal whose answer was lost, it is gone all the same', async () => {
  const bucket = new Bucket();
  const { held } = await scripted(bucket);
  bucket.put('locks/tick.json', '', { metadata: bucket.objects.get('locks/tick.json')!.metadata });
  await held.release();
  expect(bucket.objects.size).toBe(0);
});

test('what cannot be renewed is lost before anybody else may take it', async () => {
  const bucket = new Bucket();
  const { held, pass, script } = await scripted(bucket);
  bucket.before = () => bucket.refuse(503);
  await pass(26_000);
  expect(held.lost.aborted).toBe(false);
  await pass(1001);
  expect(held.lost.aborted).toBe(true);
  expect(held.lost.reason).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(
      /^Lost the lease "gs:\/\/bkt\/locks\/tick\.json": it could not be renewed: the service answered 503/,
    ),
  });
  expect(script.size).toBe(0);
});

test('an outage shorter than that loses nothing', async () => {
  const bucket = new Bucket();
  const { held, pass } = await scripted(bucket);
  bucket.before = () => bucket.refuse(503);
  await pass(20_000);
  bucket.before = () => null;
  await pass(60_000);
  expect(held.lost.aborted).toBe(false);
});

test('somebody who deletes the lease takes it from its holder', async () => {
  const bucket = new Bucket();
  const { held, pass } = await scripted(bucket);
  bucket.objects.clear();
  await pass(10_001);
  expect(held.lost.reason).toMatchObject({
    message: 'Lost the lease "gs://bkt/locks/tick.json": somebody deleted it',
  });
  const asked = bucket.asked.length;
  await held.release();
  expect(bucket.asked).toHaveLength(asked);
});

test.each([
  ['without a note', {}],
  ['with half a note', { owner: 'x', holding: 'y' }],
  ['with a time of years', { owner: 'x', holding: 'y', ttl_ms: '999999999999' }],
  ['with a time that is no number', { owner: 'x', holding: 'y', ttl_ms: 'soon' }],
])('a lease %s is held for the time of who asks, then taken over', async (_what, metadata) => {
  const bucket = new Bucket();
  bucket.put('locks/tick.json', '\u0000garbage', { metadata });
  const { lease } = made(bucket, { ttlMs: 60_000 });
  bucket.now += 59_000;
  expect(await lease.acquire()).toBeNull();
  bucket.now += 3000;
  expect(await lease.acquire()).not.toBeNull();
});

test('a lease whose end cannot be told to the service is told to people, and is no failure', async () => {
  const bucket = new Bucket();
  const { lease, warnings } = made(bucket, { ttlMs: 90_000 });
  const held = await lease.acquire();
  bucket.before = () => bucket.refuse(503);
  await held!.release();
  expect(warnings).toEqual([
    'Cannot give back the lease "gs://bkt/locks/tick.json": the service answered 503 (refused with 503); it is free in 90 s',
  ]);
});

test.each([
  [404, 'not-found', 'there is no bucket "bkt"'],
  [403, 'denied', 'it takes the role Storage Object User on the bucket'],
  [503, 'unavailable', 'the service answered 503'],
])('a service that answers %s is no other holder', async (status, code, why) => {
  const bucket = new Bucket();
  bucket.before = () => bucket.refuse(status);
  const error = await made(bucket)
    .lease.acquire()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining(why) });
  expect((error as Error).message).toMatch(/^Cannot take the lease "gs:\/\/bkt\/locks\/tick\.json": /);
});

test.each([
  [{ url: 'gs://bkt' }, 'Cannot use the lease "gs://bkt": write gs://BUCKET/NAME'],
  [
    { url: '/tick.json' },
    'Cannot use the lease "/tick.json": it is no place in Cloud Storage; write gs://BUCKET/FOLDER',
  ],
  [{ ttlMs: 10 }, 'Cannot use a lease of 10 ms: it must be whole and from 1000 to 99999999'],
])('%j is refused when the lease is made', (more, message) => {
  expect(() => made(new Bucket(), more)).toThrow(expect.objectContaining({ code: 'invalid', message }));
});
