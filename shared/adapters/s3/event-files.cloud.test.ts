import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventFilesContract } from '../../../test/contracts/event-files.ts';
import { givesUpOnObjects, readAll } from '../../../test/contracts/object-files.ts';
import { type FaultProxy, faultProxy } from '../../../test/support/fault-proxy.ts';
import type { Fault, FaultRule } from '../../../test/support/fault-rules.ts';
import { ANY_KEY, lockS3, newS3Bucket, putS3, s3User } from '../../../test/support/s3-resources.ts';
import { describeWith, s3StandIn } from '../../../test/support/stand-ins.ts';
import { concat } from '../../../test/support/tfevents-writer.ts';
import { s3Checks } from './check.ts';
import { type S3EventFilesOptions, s3EventFiles } from './event-files.ts';

const LARGE = Uint8Array.from({ length: 3_000_001 }, (_, at) => (at * 31 + (at >> 9)) & 255);
const FILE = /\.tfevents/;
const LIST = /list-type=2/;
const QUICK = { baseMs: 1, mostMs: 2 };
const HASTY = { limits: { waitMs: 100, requestMs: 200 }, retry: { ...QUICK, attempts: 2 } };
const credentials = async () => ANY_KEY;

describeWith(['s3'], 'files in S3', () => {
  eventFilesContract('S3', async (files) => {
    const bucket = await newS3Bucket();
    for (const [name, bytes] of Object.entries(files)) await putS3({ bucket, name }, bytes);
    return {
      store: s3EventFiles({ endpoint: s3StandIn().endpoint, credentials }),
      place: (path) => `s3://${bucket}/${path}`,
      changed: 'unavailable',
      change: (path, bytes) => putS3({ bucket, name: path }, bytes),
    };
  });

  test('names of any characters are listed and read', async () => {
    const bucket = await newS3Bucket();
    const names = ['a b+c&d=e?f#1%2F.tfevents', 'Zürich/日本語/\u{1f680}.tfevents', "x'(y)*!~<&>.tfevents"];
    for (const name of names) await putS3({ bucket, name: `m 1/${name}` }, name);
    const store = s3EventFiles({ endpoint: s3StandIn().endpoint, credentials });
    const { files } = await store.list(`s3://${bucket}/m 1`);
    expect(new Set(files.map(({ path }) => path))).toEqual(new Set(names));
    for (const file of files)
      expect(new TextDecoder().decode(concat(await Array.fromAsync(store.open(file))))).toBe(file.path);
  });

  test('1,500 objects are two pages', async () => {
    const bucket = await newS3Bucket();
    const names = Array.from({ length: 1500 }, (_, at) => `m/${String(at).padStart(4, '0')}.tfevents`);
    for (let at = 0; at < names.length; at += 20)
      await Promise.all(names.slice(at, at + 20).map((name) => putS3({ bucket, name }, '')));
    const proxy = await faultProxy({ target: s3StandIn().endpoint });
    const { files } = await s3EventFiles({ endpoint: proxy.url, credentials }).list(`s3://${bucket}/m`);
    expect(files.map(({ path }) => `m/${path}`)).toEqual(names);
    expect(proxy.count('GET', LIST)).toBe(2);
    await proxy.close();
  });

  test('what was stored packed is refused', async () => {
    const bucket = await newS3Bucket();
    const headers = { 'content-encoding': 'gzip' };
    await putS3({ bucket, name: 'm/a.tfevents' }, gzipSync('packed'), { headers });
    const store = s3EventFiles({ endpoint: s3StandIn().endpoint, credentials });
    await expect(readAll(store, `s3://${bucket}/m`)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('it is stored with content encoding "gzip"; store it as it is'),
    });
  });

  faults();
  rights();
});

function faults(): void {
  describe('behind a network that fails', () => {
    let proxy: FaultProxy;
    let place = '';
    let bucket = '';
    beforeEach(async () => {
      bucket = await newS3Bucket();
      place = `s3://${bucket}/m`;
      await putS3({ bucket, name: 'm/a.tfevents' }, LARGE);
      await putS3({ bucket, name: 'm/b.tfevents' }, 'b');
      proxy = await faultProxy({ target: s3StandIn().endpoint });
    });
    afterEach(() => proxy.close());
    const open = (more: S3EventFilesOptions = {}) =>
      s3EventFiles({ endpoint: proxy.url, credentials, retry: QUICK, ...more });
    const whole = concat([LARGE, Uint8Array.of('b'.charCodeAt(0))]);

    test('without a fault, a run of two files is three requests', async () => {
      expect(await readAll(open(), place)).toEqual(whole);
      expect(proxy.requests.map(({ status }) => status)).toEqual([200, 206, 206]);
    });

    const once = (path: RegExp, fault: Fault): FaultRule[] => [{ path, nth: [1], fault }];
    test.each<[string, readonly FaultRule[], number]>([
      ['503 on the list', once(LIST, { kind: 'status', status: 503 }), 4],
      ['a list that is cut', once(LIST, { kind: 'cut', after: 100 }), 4],
      ['429 on a file', once(FILE, { kind: 'status', status: 429 }), 4],
      ['500 on a file', once(FILE, { kind: 'status', status: 500 }), 4],
      ['a connection that is reset', once(FILE, { kind: 'reset' }), 4],
      ['a file that is cut in its middle', once(FILE, { kind: 'cut', after: 1_000_000 }), 4],
      ['a length that is too large', once(FILE, { kind: 'wrong-length', by: 10 }), 4],
      ['a length that is too small', once(FILE, { kind: 'wrong-length', by: -10 }), 4],
      ['a file that comes slowly', once(FILE, { kind: 'trickle', bytes: 500_000, ms: 5 }), 3],
      ['a file that comes late', once(FILE, { kind: 'delay', ms: 20 }), 3],
      ['a key that was refused once', once(FILE, { kind: 'status', status: 401 }), 4],
    ])('%s changes nothing', async (_what, rules, requests) => {
      proxy.use(rules);
      expect(await readAll(open(), place)).toEqual(whole);
      expect(proxy.requests).toHaveLength(requests);
    });

    test('a file that is cut again and again is read on from where it was', async () => {
      proxy.use([{ path: FILE, nth: [1, 2, 3, 4, 5, 6, 7], fault: { kind: 'cut', after: 400_000 } }]);
      expect(await readAll(open(), place)).toEqual(whole);
      expect(proxy.count('GET', FILE)).toBe(9);
    });

    test.each<[string, Fault, string]>([
      ['503', { kind: 'status', status: 503 }, 'answered 503'],
      ['connections that are reset', { kind: 'reset' }, 'no answer came'],
      ['bodies cut at their beginning', { kind: 'cut', after: 0 }, 'no answer came'],
      ['keys that are refused', { kind: 'status', status: 401 }, 'check the credentials'],
    ])('%s for ever is a place out of reach', async (_what, fault, words) => {
      proxy.use([{ path: FILE, fault }]);
      await expect(readAll(open(), place)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(words),
      });
      proxy.use([{ path: /./, fault }]);
      await expect(open().list(place)).rejects.toMatchObject({ code: 'unavailable' });
    });

    test('a redirect to another host is not followed', async () => {
      const headers = { location: 'http://127.0.0.1:1/elsewhere' };
      proxy.use([{ path: /./, fault: { kind: 'status', status: 307, headers } }]);
      await expect(open().list(place)).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining('answered 307'),
      });
    });

    givesUpOnObjects({
      proxy: () => proxy,
      place: () => place,
      open: (more) => open(more?.isHasty ? HASTY : {}),
      download: FILE,
    });

    test.each<[string, Uint8Array | null]>([
      ['is written over', LARGE.map((byte) => byte ^ 1)],
      ['grows', concat([LARGE, LARGE])],
      ['is deleted', null],
    ])('an object that %s while it is read is noticed', async (_what, bytes) => {
      const change = () => putS3({ bucket, name: 'm/a.tfevents' }, bytes);
      proxy.use([
        { path: FILE, nth: [1], fault: { kind: 'cut', after: 1_000_000 } },
        { path: FILE, nth: [2], fault: async () => change().then(() => null) },
      ]);
      await expect(readAll(open(), place)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('it was replaced or deleted since it was listed'),
      });
    });
  });
}

/** The other server has checked every signature since it was locked, by the code of Amazon's own client for Python. */
function rights(): void {
  describe('where signatures and rights are checked', () => {
    let bucket = '';
    const name = "a 1/b+c&d=e?f'(g)*!~\u{1f680}.tfevents";
    const users: Record<string, Awaited<ReturnType<typeof s3User>>> = {};
    const endpoint = s3StandIn().locked;
    beforeAll(async () => {
      bucket = await newS3Bucket(endpoint);
      await putS3({ bucket, name: `m/${name}` }, LARGE, { endpoint });
      users.reader = await s3User(['s3:ListBucket', 's3:GetObject']);
      users.lister = await s3User(['s3:ListBucket']);
      users.nobody = await s3User(['s3:CreateBucket']);
      users.forger = { ...users.reader, secretAccessKey: 'guessed' };
      users.stranger = { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'guessed' };
      await lockS3(true);
    });
    afterAll(() => lockS3(false));
    const as = (user: string) => {
      const key = users[user]!;
      return { endpoint, credentials: async () => key, retry: QUICK };
    };

    test('a reader lists, and reads from any byte on', async () => {
      const store = s3EventFiles(as('reader'));
      const { files } = await store.find(`s3://${bucket}/m`, '*.tfevents');
      expect(files.map(({ path }) => path)).toEqual([name]);
      expect(concat(await Array.fromAsync(store.open(files[0]!)))).toEqual(LARGE);
      const end = await Array.fromAsync(store.open(files[0]!, 2_999_990));
      expect(concat(end)).toEqual(LARGE.subarray(2_999_990));
      await expect(store.list(`s3://${bucket}/n`)).rejects.toMatchObject({ code: 'not-found' });
    });

    test.each([
      ['nobody', 'denied', 'it takes s3:ListBucket on the bucket'],
      ['forger', 'unavailable', 'SignatureDoesNotMatch'],
      ['stranger', 'unavailable', 'InvalidAccessKeyId'],
    ])('as %s it is %s: %s', async (user, code, words) => {
      const list = s3EventFiles(as(user)).list(`s3://${bucket}/m`);
      await expect(list).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    });

    test('who may list alone is told so when he reads', async () => {
      await expect(readAll(s3EventFiles(as('lister')), `s3://${bucket}/m`)).rejects.toMatchObject({
        code: 'denied',
        message: expect.stringContaining('s3:GetObject'),
      });
    });

    test('doctor says of each what he can and cannot', async () => {
      const state = async (user: string) => {
        const [check] = await s3Checks({ ...as(user), roots: [`s3://${bucket}/m`] });
        return check?.state;
      };
      expect(await state('reader')).toBe('ok');
      expect(await state('lister')).toBe('bad');
      expect(await state('nobody')).toBe('bad');
    });
  });
}
