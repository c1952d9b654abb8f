import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { eventFilesContract } from '../../../test/contracts/event-files.ts';
import { readAll } from '../../../test/contracts/object-files.ts';
import { S3Bucket } from '../../../test/support/s3-bucket.ts';
import { concat } from '../../../test/support/tfevents-writer.ts';
import { RemoteFailure } from '../remote/failure.ts';
import { type S3EventFilesOptions, s3EventFiles } from './event-files.ts';

const endpoint = 'http://s3.test';
const KEY = { accessKeyId: 'AKIA', secretAccessKey: 'secret of the test' };
const credentials = async () => KEY;

eventFilesContract('S3 as this project understands it', async (files) => {
  const bucket = new S3Bucket();
  for (const [name, bytes] of Object.entries(files)) bucket.put(name, bytes);
  return {
    store: s3EventFiles({ endpoint, credentials, fetch: bucket.fetch }),
    place: (path) => `s3://bkt/${path}`,
    changed: 'unavailable',
    change: async (path, bytes) => {
      if (bytes === null) bucket.objects.delete(path);
      else bucket.put(path, bytes);
    },
  };
});

/** A bucket with these objects, whose contents are their names unless given, and a store that never pauses. */
function made(
  objects: Readonly<Record<string, Uint8Array>> | readonly string[],
  options: S3EventFilesOptions = {},
) {
  const bucket = new S3Bucket();
  const entries = Array.isArray(objects)
    ? objects.map((name) => [name, name] as const)
    : Object.entries(objects);
  for (const [name, content] of entries) bucket.put(name, content);
  const retry = { sleep: async () => {}, random: () => 1 };
  return { bucket, store: s3EventFiles({ endpoint, credentials, fetch: bucket.fetch, retry, ...options }) };
}

const LARGE = Uint8Array.from({ length: 1_200_000 }, (_, at) => (at * 31 + (at >> 9)) & 255);

test('a run of two files takes three signed requests', async () => {
  const { bucket, store } = made({
    'm/a.tfevents': LARGE,
    'm/b.tfevents': Uint8Array.of(1),
    'm/c.txt': LARGE,
  });
  expect(await readAll(store, 's3://bkt/m')).toHaveLength(LARGE.length + 1);
  expect(bucket.asked.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
    'GET /bkt/',
    'GET /bkt/m/a.tfevents',
    'GET /bkt/m/b.tfevents',
  ]);
  for (const { headers } of bucket.asked)
    expect(headers.get('authorization')).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/us-east-1\/s3\//);
});

test('a listing of many pages is all of them', async () => {
  const names = Array.from({ length: 25 }, (_, at) => `m/${String(at).padStart(2, '0')}.tfevents`);
  const { bucket, store } = made(names);
  bucket.pageSize = 10;
  expect((await store.list('s3://bkt/m')).files.map(({ path }) => `m/${path}`)).toEqual(names);
  expect(bucket.asked.map(({ url }) => url.searchParams.get('continuation-token'))).toEqual([
    null,
    '10',
    '20',
  ]);
});

test('names of any characters are listed and read', async () => {
  const names = ['m/a b+c&d=e?f#1%2F.tfevents', 'm/Zürich/\u{1f680}.tfevents', "m/x'(y)*!~<&>.tfevents"];
  const { store } = made(names);
  const { files } = await store.list('s3://bkt/m');
  for (const file of files)
    expect(new TextDecoder().decode(concat(await Array.fromAsync(store.open(file))))).toBe(`m/${file.path}`);
  expect(files).toHaveLength(3);
});

test('what lies outside of the roots is asked for by nobody', async () => {
  const { bucket, store } = made(['secret/a.tfevents'], { roots: ['s3://bkt/in', 'gs://bkt', '/local'] });
  for (const place of ['s3://bkt/secret', 's3://bkt', 's3://other/in', 's3://bkt/in-not'])
    await expect(store.list(place)).rejects.toMatchObject({
      code: 'denied',
      message: `Cannot read "${place}": it is outside of what may be read`,
    });
  const file = { path: 'a.tfevents', run: '.', bytes: 3, location: 's3://bkt/secret/a.tfevents#abc' };
  await expect(Array.fromAsync(store.open(file))).rejects.toMatchObject({ code: 'denied' });
  expect(bucket.asked).toEqual([]);
});

test('a bucket of another region is asked there, from then on at once', async () => {
  const { bucket, store } = made(['m/a.tfevents']);
  const region = (headers: Headers) => headers.get('authorization')!.split('/')[2];
  bucket.before = ({ headers }) =>
    region(headers) === 'eu-west-1'
      ? null
      : bucket.refuse(301, 'PermanentRedirect', { headers: { 'x-amz-bucket-region': 'eu-west-1' } });
  expect(await readAll(store, 's3://bkt/m')).toHaveLength(12);
  expect(bucket.asked.map(({ headers }) => region(headers))).toEqual(['us-east-1', 'eu-west-1', 'eu-west-1']);
});

test('at Amazon another region is another host, which no answer can name itself', async () => {
  const bucket = new S3Bucket();
  bucket.put('a.tfevents', 'a');
  const fetchByPath: typeof fetch = (input, init) => {
    const url = new URL(String(input));
    hosts.push(url.host);
    return bucket.fetch(`${url.origin}/bkt${url.pathname}${url.search}`, init);
  };
  const hosts: string[] = [];
  bucket.before = ({ url }) =>
    url.host.includes('eu-west-1')
      ? null
      : bucket.refuse(400, 'AuthorizationHeaderMalformed', {
          xml: '<Region>eu-west-1</Region>',
          headers: { location: 'https://evil.test/' },
        });
  await s3EventFiles({ credentials, fetch: fetchByPath }).list('s3://bkt');
  expect(hosts).toEqual(['bkt.s3.us-east-1.amazonaws.com', 'bkt.s3.eu-west-1.amazonaws.com']);
});

test('a redirect is not followed', async () => {
  const { bucket, store } = made(['m/a.tfevents']);
  bucket.before = () => new Response(null, { status: 307, headers: { location: 'https://evil.test/' } });
  await expect(store.list('s3://bkt/m')).rejects.toMatchObject({
    code: 'invalid',
    message: 'Cannot read "s3://bkt/m": the service answered 307',
  });
  expect(bucket.asked).toHaveLength(1);
});

test('a key that has ended is asked for anew, once a request', async () => {
  const keys = ['old', 'new'].map((accessKeyId) => ({ accessKeyId, secretAccessKey: 's' }));
  const renewed: boolean[] = [];
  const { bucket, store } = made(['m/a.tfevents'], {
    credentials: async ({ renew }) => {
      renewed.push(renew);
      return keys[renewed.includes(true) ? 1 : 0]!;
    },
  });
  bucket.before = ({ headers }) =>
    headers.get('authorization')!.includes('=old/') ? bucket.refuse(400, 'ExpiredToken') : null;
  expect(await readAll(store, 's3://bkt/m')).toHaveLength(12);
  expect(renewed).toEqual([false, true, false]);
});

test.each<[string, 'unavailable' | 'denied' | undefined, string]>([
  ['comes back', undefined, 'unavailable'],
  ['may never have been', 'denied', 'denied'],
])('a login that %s is told as such, without the key', async (_what, signedOut, code) => {
  const { bucket, store } = made(['m/a.tfevents'], signedOut === undefined ? {} : { signedOut });
  bucket.before = () => bucket.refuse(403, 'InvalidAccessKeyId');
  const error = await store.list('s3://bkt/m').catch((reason: Error) => reason);
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining('(InvalidAccessKeyId: refused); check the credentials of this process'),
  });
  expect(String(error)).not.toContain(KEY.secretAccessKey);
  const nobody = made([], {
    credentials: () => Promise.reject(new RemoteFailure('credentials', 'there is no key of AWS')),
    ...(signedOut === undefined ? {} : { signedOut }),
  });
  await expect(nobody.store.list('s3://bkt/m')).rejects.toMatchObject({ code });
});

test('no permission is said with the rights that are missing', async () => {
  const { bucket, store } = made(['m/a.tfevents']);
  bucket.before = () => bucket.refuse(403, 'AccessDenied');
  await expect(store.list('s3://bkt/m')).rejects.toMatchObject({
    code: 'denied',
    message: expect.stringContaining(
      'it takes s3:ListBucket on the bucket and s3:GetObject on what is in it',
    ),
  });
});

test('"slow down" is heeded, and tried again', async () => {
  const pauses: number[] = [];
  const sleep = async (ms: number) => {
    pauses.push(ms);
  };
  const { bucket, store } = made(['m/a.tfevents'], { retry: { sleep, random: () => 1 } });
  let asked = 0;
  bucket.before = () =>
    ++asked > 2 ? null : bucket.refuse(503, 'SlowDown', { headers: { 'retry-after': '9' } });
  expect(await readAll(store, 's3://bkt/m')).toHaveLength(12);
  expect(pauses).toEqual([9000, 9000]);
});

test('a download that ends early goes on where it was, as what it was', async () => {
  const { bucket, store } = made({ 'm/a.tfevents': LARGE });
  let downloads = 0;
  bucket.after = async (response, { headers }) => {
    if (!headers.has('range') || ++downloads > 3) return response;
    const whole = new Uint8Array(await response.arrayBuffer());
    return new Response(whole.subarray(0, 300_000), { status: 206, headers: response.headers });
  };
  expect(await readAll(store, 's3://bkt/m')).toEqual(LARGE);
  const ranges = bucket.asked.flatMap(({ headers }) => headers.get('range') ?? []);
  expect(ranges).toEqual([0, 300_000, 600_000, 900_000].map((at) => `bytes=${at}-1199999`));
  expect(new Set(bucket.asked.slice(1).map(({ headers }) => headers.get('if-match'))).size).toBe(1);
});

test('a server that does not heed If-Match is caught by the ETag of its answer', async () => {
  const { bucket, store } = made({ 'm/a.tfevents': LARGE });
  bucket.after = (response, { headers }) => {
    if (headers.has('range')) response.headers.set('etag', '"another"');
    return response;
  };
  await expect(readAll(store, 's3://bkt/m')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('it was replaced or deleted since it was listed'),
  });
});

test('what is stored packed is refused before fetch unpacks it', async () => {
  const { bucket, store } = made([]);
  bucket.put('m/a.tfevents', gzipSync('packed'), { 'content-encoding': 'gzip' });
  await expect(readAll(store, 's3://bkt/m')).rejects.toMatchObject({
    code: 'invalid',
    message:
      'Cannot read "s3://bkt/m/a.tfevents": it is stored with content encoding "gzip"; store it as it is',
  });
});

test('what lies in an archive is told by what the service says', async () => {
  const { bucket, store } = made(['m/a.tfevents']);
  bucket.before = ({ headers }) => (headers.has('range') ? bucket.refuse(403, 'InvalidObjectState') : null);
  await expect(readAll(store, 's3://bkt/m')).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('InvalidObjectState'),
  });
});

const PAGE = (contents: string, more = '') =>
  `<ListBucketResult><IsTruncated>false</IsTruncated>${contents}${more}</ListBucketResult>`;
const OBJECT = '<Contents><Key>m/a.tfevents</Key><ETag>"x"</ETag><Size>1</Size></Contents>';
test.each([
  ['nothing', ''],
  ['JSON', '{"Contents":[]}'],
  ['a page that is cut', PAGE(OBJECT).slice(0, -20)],
  ['an object without a size', PAGE('<Contents><Key>m/a</Key><ETag>"x"</ETag></Contents>')],
  ['a size that is none', PAGE(OBJECT.replace('<Size>1', '<Size>1e3'))],
  ['an ETag that ends a place', PAGE(OBJECT.replace('"x"', '"x#y"'))],
  ['a name that is no UTF-8', PAGE(OBJECT.replace('m/a', 'm/%ff'))],
  ['more to come, but not where', PAGE(OBJECT).replace('false', 'true')],
])('a list that is %s is no list', async (_what, xml) => {
  const { bucket, store } = made([]);
  bucket.before = () => new Response(xml);
  await expect(store.list('s3://bkt/m')).rejects.toMatchObject({
    code: 'unavailable',
    message: 'Cannot read "s3://bkt/m": the answer is not what S3 gives',
  });
});

test('a page without end is given up', async () => {
  const { bucket, store } = made([]);
  const piece = new Uint8Array(1024 * 1024).fill(32);
  let pieces = 0;
  bucket.before = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          pieces += 1;
          controller.enqueue(piece);
        },
      }),
    );
  await expect(store.list('s3://bkt/m')).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('the answer is longer than 8388608 bytes'),
  });
  expect(pieces).toBeLessThan(20);
});

test('pages without end are given up', async () => {
  const { bucket, store } = made([]);
  bucket.before = () =>
    new Response(PAGE('', '<NextContinuationToken>on</NextContinuationToken>').replace('false', 'true'));
  await expect(store.list('s3://bkt/m')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('the list does not end within 2000 pages'),
  });
});
