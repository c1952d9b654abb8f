import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { eventFilesContract } from '../../../test/contracts/event-files.ts';
import { readAll } from '../../../test/contracts/object-files.ts';
import { Bucket } from '../../../test/support/bucket.ts';
import { concat } from '../../../test/support/tfevents-writer.ts';
import { RemoteFailure } from '../remote/failure.ts';
import { type GcsEventFilesOptions, gcsEventFiles } from './event-files.ts';

const endpoint = 'http://storage.test';

eventFilesContract('Cloud Storage as this project understands it', async (files) => {
  const bucket = new Bucket();
  for (const [name, bytes] of Object.entries(files)) bucket.put(name, bytes);
  return {
    store: gcsEventFiles({ endpoint, fetch: bucket.fetch }),
    place: (path) => `gs://bkt/${path}`,
    changed: 'unavailable',
    change: async (path, bytes) => {
      if (bytes === null) bucket.objects.delete(path);
      else bucket.put(path, bytes);
    },
  };
});

/** A bucket with these objects, whose contents are their names unless given, and a store that never pauses. */
function made(objects: Readonly<Record<string, Uint8Array>> | string[], options: GcsEventFilesOptions = {}) {
  const bucket = new Bucket();
  if (Array.isArray(objects)) for (const name of objects) bucket.put(name, name);
  else for (const [name, bytes] of Object.entries(objects)) bucket.put(name, bytes);
  const retry = { sleep: async () => {}, random: () => 1 };
  return { bucket, store: gcsEventFiles({ endpoint, fetch: bucket.fetch, retry, ...options }) };
}

const LARGE = Uint8Array.from({ length: 1_200_000 }, (_, at) => (at * 31 + (at >> 9)) & 255);
const media = ({ url }: { url: URL }) => url.searchParams.get('alt') === 'media';

test('a run of two files takes three requests', async () => {
  const { bucket, store } = made({
    'm/a.tfevents': LARGE,
    'm/b.tfevents': Uint8Array.of(1),
    'm/c.txt': LARGE,
  });
  expect(await readAll(store, 'gs://bkt/m')).toHaveLength(LARGE.length + 1);
  expect(bucket.asked.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
    'GET /storage/v1/b/bkt/o',
    'GET /storage/v1/b/bkt/o/m%2Fa.tfevents',
    'GET /storage/v1/b/bkt/o/m%2Fb.tfevents',
  ]);
});

test('a listing of many pages is all of them', async () => {
  const names = Array.from({ length: 25 }, (_, at) => `m/${String(at).padStart(2, '0')}.tfevents`);
  const { bucket, store } = made(names);
  bucket.pageSize = 10;
  expect((await store.list('gs://bkt/m')).files.map(({ path }) => `m/${path}`)).toEqual(names);
  expect(bucket.asked).toHaveLength(3);
});

test('an empty file and a marker of a folder are asked for by nobody', async () => {
  const { bucket, store } = made({ 'm/a.tfevents': new Uint8Array(0), 'm/b.tfevents/': new Uint8Array(0) });
  expect(await readAll(store, 'gs://bkt/m')).toHaveLength(0);
  expect(bucket.asked).toHaveLength(1);
});

test('a whole bucket may be a place, even without an object', async () => {
  const { store } = made(['a.tfevents']);
  expect((await store.list('gs://bkt')).files).toMatchObject([{ path: 'a.tfevents', run: '.' }]);
  expect(await made([]).store.list('gs://bkt/')).toEqual({ files: [], skipped: [] });
});

test('what lies outside of the roots is asked for by nobody, there or not', async () => {
  const { bucket, store } = made(['secret/a.tfevents', 'in/a.tfevents'], {
    roots: ['gs://bkt/in', '/local'],
  });
  for (const place of ['gs://bkt/secret', 'gs://bkt/none', 'gs://bkt', 'gs://other/in', 'gs://bkt/in-not'])
    await expect(store.list(place)).rejects.toMatchObject({
      code: 'denied',
      message: `Cannot read "${place}": it is outside of what may be read`,
    });
  const file = { path: 'a.tfevents', run: '.', bytes: 3, location: 'gs://bkt/secret/a.tfevents#1001' };
  await expect(Array.fromAsync(store.open(file))).rejects.toMatchObject({ code: 'denied' });
  expect(bucket.asked).toEqual([]);
  expect((await store.list('gs://bkt/in')).files).toHaveLength(1);
});

test('objects that no run can have or nobody can read in ranges are skipped with the reason', async () => {
  const { bucket, store } = made(['m//a.tfevents', 'm/../b.tfevents', 'm/c\td.tfevents', 'm/f.tfevents']);
  bucket.put('m/e.tfevents', 'packed', { contentEncoding: 'gzip' });
  expect(await store.list('gs://bkt/m')).toMatchObject({
    files: [{ path: 'f.tfevents' }],
    skipped: [
      { path: '../b.tfevents', reason: 'a part of its name is "." or ".."' },
      { path: '/a.tfevents', reason: 'a part of its name is empty' },
      { path: 'c\td.tfevents', reason: 'its name has a control character' },
      { path: 'e.tfevents', reason: 'it is stored with content encoding "gzip"; store it as it is' },
    ],
  });
});

test('a location that was not listed here is refused', async () => {
  const { store } = made([]);
  for (const location of ['gs://bkt/a.tfevents', 'gs://bkt/a#', '/etc/passwd#1', 'gs://bkt/a#1&alt=json'])
    await expect(
      Array.fromAsync(store.open({ path: 'a', run: '.', bytes: 1, location })),
    ).rejects.toMatchObject({ code: 'invalid' });
});

test('a download that ends early goes on where it was, as the generation it was', async () => {
  const { bucket, store } = made({ 'm/a.tfevents': LARGE });
  let downloads = 0;
  bucket.after = async (response, asked) => {
    if (!media(asked) || ++downloads > 3) return response;
    const whole = new Uint8Array(await response.arrayBuffer());
    return new Response(whole.subarray(0, 300_000), { status: 206, headers: response.headers });
  };
  expect(await readAll(store, 'gs://bkt/m')).toEqual(LARGE);
  expect(bucket.asked.filter(media).map(({ url, headers }) => [url.search, headers.get('range')])).toEqual(
    [0, 300_000, 600_000, 900_000].map((at) => ['?alt=media&generation=1001', `bytes=${at}-1199999`]),
  );
});

type Alteration = (whole: Uint8Array) => [Uint8Array, Record<string, string>];
const ALTERED: readonly [string, Alteration, number][] = [
  ['is cut before its first byte, for ever', (whole) => [whole.subarray(0, 0), {}], 5],
  ['is longer than was listed', (whole) => [concat([whole, Uint8Array.of(1)]), {}], 5],
  ['ends where nothing was', (whole) => [whole, { 'content-length': '1200001' }], 5],
  ['goes on behind its end', (whole) => [concat([whole, whole]), {}], 5],
  ['is from elsewhere', (whole) => [whole, { 'content-range': 'bytes 7-9/1200000' }], 5],
  ['says nothing of its range', (whole) => [whole, { 'content-range': '' }], 5],
  ['is of a shorter object', (whole) => [whole, { 'content-range': 'bytes 0-9/10' }], 1],
];
test.each(ALTERED)('an answer that %s is never taken for the file', async (_what, alter, requests) => {
  const { bucket, store } = made({ 'm/a.tfevents': LARGE });
  bucket.after = async (response, asked) => {
    if (!media(asked)) return response;
    const [bytes, headers] = alter(new Uint8Array(await response.arrayBuffer()));
    const given = Object.fromEntries(response.headers);
    return new Response(new Uint8Array(bytes), { status: 206, headers: { ...given, ...headers } });
  };
  await expect(readAll(store, 'gs://bkt/m')).rejects.toMatchObject({ code: 'unavailable' });
  expect(bucket.asked.filter(media)).toHaveLength(requests);
});

test('a byte behind the last one, when all were handed on, makes the reading void', async () => {
  const { bucket, store } = made({ 'm/a.tfevents': LARGE });
  bucket.after = (response, asked) => {
    if (!media(asked)) return response;
    const { headers, status } = response;
    return new Response(ReadableStream.from([LARGE, Uint8Array.of(1)]), { headers, status });
  };
  await expect(readAll(store, 'gs://bkt/m')).rejects.toMatchObject({
    code: 'unavailable',
    message: 'Cannot read "gs://bkt/m/a.tfevents": more than the 1200000 bytes came that were listed',
  });
  expect(bucket.asked.filter(media)).toHaveLength(1);
});

test('an object that is replaced between two downloads is noticed', async () => {
  const { bucket, store } = made({ 'm/a.tfevents': LARGE });
  bucket.after = async (response, asked) => {
    if (!media(asked) || !response.ok) return response;
    const whole = new Uint8Array(await response.arrayBuffer());
    bucket.put('m/a.tfevents', LARGE);
    return new Response(whole.subarray(0, 300_000), { status: 206, headers: response.headers });
  };
  await expect(readAll(store, 'gs://bkt/m')).rejects.toMatchObject({
    code: 'unavailable',
    message:
      'Cannot read "gs://bkt/m/a.tfevents": it was replaced or deleted since it was listed; list it again',
  });
});

const CASES: readonly [number, string, string, number][] = [
  [429, 'rateLimitExceeded', 'unavailable', 5],
  [500, '', 'unavailable', 5],
  [503, '', 'unavailable', 5],
  [403, 'userRateLimitExceeded', 'unavailable', 5],
  [403, 'forbidden', 'denied', 1],
  [404, 'notFound', 'not-found', 1],
  [400, 'invalid', 'invalid', 1],
  [401, 'authError', 'unavailable', 1],
];
test.each(CASES)('a list answered with %s %s for ever is %s', async (status, reason, code, requests) => {
  const { bucket, store } = made(['m/a.tfevents']);
  bucket.before = () => bucket.refuse(status, reason);
  const error = await store.list('gs://bkt/m').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining('Cannot read "gs://bkt/m": ') });
  expect(bucket.asked).toHaveLength(requests);
});

test.each([429, 500, 503])('a %s now and then changes nothing', async (status) => {
  const { bucket, store } = made({ 'm/a.tfevents': LARGE });
  bucket.before = () => (bucket.asked.length % 2 === 1 ? bucket.refuse(status) : null);
  expect(await readAll(store, 'gs://bkt/m')).toEqual(LARGE);
});

test('a listing that is no listing is the fault of the way, not an empty folder', async () => {
  for (const body of [
    null,
    [1],
    { items: {} },
    { items: [{ name: 'm/a.tfevents', size: '-1', generation: '1' }] },
  ]) {
    const { bucket, store } = made([]);
    bucket.before = () => bucket.json(body);
    await expect(store.list('gs://bkt/m')).rejects.toMatchObject({ code: 'unavailable' });
  }
  const { bucket, store } = made([]);
  bucket.before = () => new Response('{"items": [', { status: 200 });
  await expect(store.list('gs://bkt/m')).rejects.toMatchObject({
    message: 'Cannot read "gs://bkt/m": the answer is cut or no JSON',
  });
});

test('a folder without end is given up with a sentence', async () => {
  const { bucket, store } = made([]);
  const items = Array.from({ length: 50_000 }, () => ({ name: 'm/x', size: '1', generation: '1' }));
  bucket.before = () => bucket.json({ items, nextPageToken: 'more' });
  await expect(store.list('gs://bkt/m')).rejects.toMatchObject({
    code: 'invalid',
    message: 'Cannot read "gs://bkt/m": more than 100000 objects are under it; name the folder of a run',
  });
});

test('a token is sent, and renewed once when it has expired', async () => {
  const renewals: boolean[] = [];
  const token = async ({ renew }: { renew: boolean }) => {
    renewals.push(renew);
    return renew || renewals.includes(true) ? 'new' : 'old';
  };
  const { bucket, store } = made({ 'm/a.tfevents': LARGE }, { token });
  bucket.before = ({ headers }) =>
    headers.get('authorization') === 'Bearer new' ? null : bucket.refuse(401, 'authError');
  expect(await readAll(store, 'gs://bkt/m')).toEqual(LARGE);
  expect(renewals).toEqual([false, true, false]);
  bucket.before = () => bucket.refuse(401, 'authError');
  await expect(store.list('gs://bkt/m')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('check the credentials of this process'),
  });
  expect(renewals).toEqual([false, true, false, false, true]);
});

test('an answer that sends elsewhere is not followed: the token is for one service', async () => {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    response.writeHead(302, { location: '/elsewhere' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = gcsEventFiles({ endpoint: url, token: async () => 'secret', retry: { attempts: 1 } });
  await expect(store.list('gs://bkt/m')).rejects.toMatchObject({ code: 'unavailable' });
  expect(paths).toEqual([expect.stringMatching(/^\/storage\/v1\/b\/bkt\/o\?/)]);
  server.close();
  server.closeAllConnections();
});

test('a service that hangs is given up', async () => {
  const { bucket, store } = made(['m/a.tfevents'], {
    limits: { waitMs: 5, requestMs: 50 },
    retry: { attempts: 2, baseMs: 0 },
  });
  bucket.before = () => new Promise(() => {});
  await expect(store.list('gs://bkt/m')).rejects.toMatchObject({
    code: 'unavailable',
    message: 'Cannot read "gs://bkt/m": no answer came within 5 ms',
  });
});

test('all downloads together stay within one budget, whoever leaves gives back', async () => {
  const names = Array.from({ length: 8 }, (_, at) => `m/${at}.tfevents`);
  const { bucket, store } = made(Object.fromEntries(names.map((name) => [name, LARGE])), {
    budgetBytes: 2 * 1024 * 1024,
  });
  const { files } = await store.list('gs://bkt/m');
  let open = 0;
  let most = 0;
  await Promise.all(
    files.map(async (file, at) => {
      let isFirst = true;
      for await (const _chunk of store.open(file)) {
        if (isFirst) most = Math.max(most, ++open);
        isFirst = false;
        await new Promise(setImmediate);
        if (at % 2 === 1) break;
      }
      open -= 1;
    }),
  );
  expect(most).toBe(2);
  expect(bucket.asked.filter(media)).toHaveLength(8);
});

test.each([
  [undefined, 'unavailable'],
  ['denied', 'denied'],
] as const)('a process that is nobody to Google: signedOut %s is %s', async (signedOut, code) => {
  const token = () => Promise.reject(new RemoteFailure('credentials', 'there is no access token'));
  const { store } = made(['m/a.tfevents'], { token, ...(signedOut === undefined ? {} : { signedOut }) });
  await expect(store.list('gs://bkt/m')).rejects.toMatchObject({ code });
});
