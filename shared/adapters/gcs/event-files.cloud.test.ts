import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventFilesContract } from '../../../test/contracts/event-files.ts';
import { givesUpOnObjects, readAll } from '../../../test/contracts/object-files.ts';
import { newBucket, putObject, TEST_PROJECT } from '../../../test/support/cloud-resources.ts';
import { run } from '../../../test/support/command.ts';
import { type FaultProxy, faultProxy } from '../../../test/support/fault-proxy.ts';
import type { Fault, FaultRule } from '../../../test/support/fault-rules.ts';
import { describeWith, storageStandIn, uniqueName } from '../../../test/support/stand-ins.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { concat } from '../../../test/support/tfevents-writer.ts';
import { type GcsEventFilesOptions, gcsEventFiles } from './event-files.ts';

const LARGE = Uint8Array.from({ length: 3_000_001 }, (_, at) => (at * 31 + (at >> 9)) & 255);
const MEDIA = /alt=media/;
const QUICK = { baseMs: 1, mostMs: 2 };
const HASTY = { limits: { waitMs: 100, requestMs: 200 }, retry: { ...QUICK, attempts: 2 } };

async function remove(bucket: string, name: string): Promise<void> {
  const place = `${storageStandIn().endpoint}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  expect((await fetch(place, { method: 'DELETE' })).ok).toBe(true);
}

describeWith(['gcs'], 'event files in Cloud Storage', () => {
  eventFilesContract('Cloud Storage', async (files) => {
    const bucket = await newBucket();
    for (const [name, bytes] of Object.entries(files)) await putObject(bucket, name, bytes);
    return {
      store: gcsEventFiles(storageStandIn()),
      place: (path) => `gs://${bucket}/${path}`,
      changed: 'unavailable',
      change: async (path, bytes) => {
        await (bytes === null ? remove(bucket, path) : putObject(bucket, path, bytes));
      },
    };
  });

  test("what Google's own client wrote is read byte for byte, whatever its name", async () => {
    const { Storage } = await import('@google-cloud/storage');
    const bucket = uniqueName();
    const apiEndpoint = storageStandIn().endpoint;
    const client = new Storage({ projectId: TEST_PROJECT, apiEndpoint });
    await client.createBucket(bucket);
    const names = ['a b+c&d=e?f#1%2F.tfevents', 'Zürich/日本語/\u{1f680}.tfevents', "x'(y)*!/~.tfevents"];
    for (const name of names) await client.bucket(bucket).file(`m 1/${name}`).save(Buffer.from(name));
    const store = gcsEventFiles(storageStandIn());
    const { files } = await store.list(`gs://${bucket}/m 1`);
    expect(new Set(files.map(({ path }) => path))).toEqual(new Set(names));
    for (const file of files) {
      const bytes = await Array.fromAsync(store.open(file));
      expect(new TextDecoder().decode(concat(bytes))).toBe(file.path);
    }
  });

  test('1,500 objects are two pages', async () => {
    const bucket = await newBucket();
    const names = Array.from({ length: 1500 }, (_, at) => `m/${String(at).padStart(4, '0')}.tfevents`);
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(names.slice(at, at + 50).map((name) => putObject(bucket, name, '')));
    const proxy = await faultProxy({ target: storageStandIn().endpoint });
    const { files } = await gcsEventFiles({ endpoint: proxy.url }).list(`gs://${bucket}/m`);
    expect(files.map(({ path }) => `m/${path}`)).toEqual(names);
    expect(proxy.count('GET', /maxResults=1000/)).toBe(2);
    await proxy.close();
  });

  faults();
  process24();
});

function faults(): void {
  describe('behind a network that fails', () => {
    let proxy: FaultProxy;
    let place = '';
    let bucket = '';
    beforeEach(async () => {
      bucket = await newBucket();
      place = `gs://${bucket}/m`;
      await putObject(bucket, 'm/a.tfevents', LARGE);
      await putObject(bucket, 'm/b.tfevents', 'b');
      proxy = await faultProxy({ target: storageStandIn().endpoint });
    });
    afterEach(() => proxy.close());
    const open = (more: GcsEventFilesOptions = {}) =>
      gcsEventFiles({ endpoint: proxy.url, retry: QUICK, ...more });
    const whole = concat([LARGE, Uint8Array.of('b'.charCodeAt(0))]);

    test('without a fault, a run of two files is three requests', async () => {
      expect(await readAll(open(), place)).toEqual(whole);
      expect(proxy.requests.map(({ status }) => status)).toEqual([200, 206, 206]);
    });

    const once = (path: RegExp, fault: Fault): FaultRule[] => [{ path, nth: [1], fault }];
    test.each<[string, readonly FaultRule[], number]>([
      ['429 on the list', once(/maxResults/, { kind: 'status', status: 429 }), 4],
      ['503 on the list', once(/maxResults/, { kind: 'status', status: 503 }), 4],
      ['a list that is cut', once(/maxResults/, { kind: 'cut', after: 100 }), 4],
      ['429 on a file', once(MEDIA, { kind: 'status', status: 429 }), 4],
      ['500 on a file', once(MEDIA, { kind: 'status', status: 500 }), 4],
      ['503 on a file', once(MEDIA, { kind: 'status', status: 503 }), 4],
      [
        'a rate limit told as 403',
        once(MEDIA, { kind: 'status', status: 403, reason: 'rateLimitExceeded' }),
        4,
      ],
      ['a connection that is reset', once(MEDIA, { kind: 'reset' }), 4],
      ['a file that is cut in its middle', once(MEDIA, { kind: 'cut', after: 1_000_000 }), 4],
      ['a length that is too large', once(MEDIA, { kind: 'wrong-length', by: 10 }), 4],
      ['a length that is too small', once(MEDIA, { kind: 'wrong-length', by: -10 }), 4],
      ['a file that comes slowly', once(MEDIA, { kind: 'trickle', bytes: 500_000, ms: 5 }), 3],
      ['a file that comes late', once(MEDIA, { kind: 'delay', ms: 20 }), 3],
    ])('%s changes nothing', async (_what, rules, requests) => {
      proxy.use(rules);
      expect(await readAll(open(), place)).toEqual(whole);
      expect(proxy.requests).toHaveLength(requests);
    });

    test('a file that is cut again and again is read on from where it was', async () => {
      proxy.use([{ path: MEDIA, nth: [1, 2, 3, 4, 5, 6, 7], fault: { kind: 'cut', after: 400_000 } }]);
      expect(await readAll(open(), place)).toEqual(whole);
      expect(proxy.count('GET', MEDIA)).toBe(9);
    });

    test.each<[string, Fault, string]>([
      ['429', { kind: 'status', status: 429 }, 'answered 429'],
      ['500', { kind: 'status', status: 500 }, 'answered 500'],
      ['503', { kind: 'status', status: 503 }, 'answered 503'],
      ['connections that are reset', { kind: 'reset' }, 'no answer came'],
      ['bodies cut at their beginning', { kind: 'cut', after: 0 }, 'no answer came'],
      ['expired tokens', { kind: 'status', status: 401 }, 'check the credentials'],
    ])('%s for ever is a place out of reach', async (_what, fault, words) => {
      proxy.use([{ path: MEDIA, fault }]);
      await expect(readAll(open(), place)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(words),
      });
      proxy.use([{ path: /./, fault }]);
      await expect(open().list(place)).rejects.toMatchObject({ code: 'unavailable' });
    });

    test('no permission is said with the role that is missing', async () => {
      proxy.use([{ path: /./, fault: { kind: 'status', status: 403 } }]);
      await expect(open().list(place)).rejects.toMatchObject({
        code: 'denied',
        message: expect.stringContaining('it takes the role Storage Object Viewer on the bucket'),
      });
    });

    test('a bucket that is not there is named', async () => {
      const gone = uniqueName();
      await expect(open().list(`gs://${gone}/m`)).rejects.toMatchObject({
        code: 'not-found',
        message: `Cannot read "gs://${gone}/m": there is no bucket "${gone}"`,
      });
    });

    givesUpOnObjects({
      proxy: () => proxy,
      place: () => place,
      open: (more) => open(more?.isHasty ? HASTY : {}),
      download: MEDIA,
    });

    test.each([
      ['is written over', () => putObject(bucket, 'm/a.tfevents', LARGE)],
      ['grows', () => putObject(bucket, 'm/a.tfevents', concat([LARGE, LARGE]))],
      ['is deleted', () => remove(bucket, 'm/a.tfevents')],
    ])('an object that %s while it is read is noticed', async (_what, change) => {
      proxy.use([
        {
          path: MEDIA,
          nth: [1],
          fault: async () => {
            await new Promise((resolve) => setTimeout(resolve, 0));
            return { kind: 'cut', after: 1_000_000 };
          },
        },
        { path: MEDIA, nth: [2], fault: async () => change().then(() => null) },
      ]);
      await expect(readAll(open(), place)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('it was replaced or deleted since it was listed'),
      });
    });

    test('one that is written over once its download has begun is read as it was', async () => {
      const store = open();
      const { files } = await store.list(place);
      const chunks: Uint8Array[] = [];
      for await (const chunk of store.open(files[0]!)) {
        if (chunks.length === 0) await putObject(bucket, 'm/a.tfevents', 'another');
        chunks.push(chunk.slice());
      }
      expect(concat(chunks)).toEqual(LARGE);
    });
  });
}

/** A program of its own, since what must not happen is that it ends. */
const READER = (adapter: string) => `
import { createHash } from 'node:crypto';
import { gcsEventFiles } from '${adapter}';
const [endpoint, place] = process.argv.slice(2);
const store = gcsEventFiles({ endpoint, retry: { baseMs: 1 } });
const hash = createHash('sha256');
for (const file of (await store.list(place)).files) for await (const chunk of store.open(file)) hash.update(chunk);
console.log(hash.digest('hex'));
`;
const CLIENT = (library: string) => `
import { Storage } from '${library}';
const [apiEndpoint, bucket] = process.argv.slice(2);
const storage = new Storage({ projectId: 'p1', apiEndpoint });
try {
  for await (const chunk of storage.bucket(bucket).file('m/a.tfevents').createReadStream()) void chunk;
  console.log('read');
} catch {
  console.log('caught');
}
`;

function process24(): void {
  describe('in a process of its own', () => {
    const program = async (source: string, argument: (bucket: string) => string) => {
      const bucket = await newBucket();
      await putObject(bucket, 'm/a.tfevents', LARGE);
      const fault: Fault = { kind: 'status', status: 503 };
      const proxy = await faultProxy({
        target: storageStandIn().endpoint,
        rules: [{ path: MEDIA, nth: [1], fault }],
      });
      const folder = temporaryFolder();
      const script = join(folder, 'reader.ts');
      writeFileSync(script, source);
      const result = await run([process.execPath, script, proxy.url, argument(bucket)], { cwd: folder });
      await proxy.close();
      return result;
    };

    test('a 503 on a download that is tried again ends nothing', async () => {
      const adapter = pathToFileURL(join(import.meta.dirname, 'event-files.ts')).href;
      const { code, stdout, stderr } = await program(READER(adapter), (bucket) => `gs://${bucket}/m`);
      const wanted = createHash('sha256').update(LARGE).digest('hex');
      expect([code, stdout.trim(), stderr]).toEqual([0, wanted, '']);
    });

    // The reason why the adapter is plain fetch. When this fails, Google's client can be thought of again.
    test("with Google's own client it ends the process, past any catch", async () => {
      const library = import.meta.resolve('@google-cloud/storage');
      const { code, stdout, stderr } = await program(CLIENT(library), (bucket) => bucket);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('ERR_STREAM_UNABLE_TO_PIPE');
    });
  });
}
