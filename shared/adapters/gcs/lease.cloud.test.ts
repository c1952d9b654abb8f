import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { leaseContract } from '../../../test/contracts/lease.ts';
import { newBucket, putObject } from '../../../test/support/cloud-resources.ts';
import { expiringLeases } from '../../../test/support/expiring-leases.ts';
import { type FaultProxy, faultProxy } from '../../../test/support/fault-proxy.ts';
import { type FaultRule, staleDeletes } from '../../../test/support/fault-rules.ts';
import { describeWith, storageStandIn, uniqueName } from '../../../test/support/stand-ins.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { gcsLease } from './lease.ts';

/** Lets time pass at a service that knows only the real one: its answers are told as later ones. */
function laterAnswers(): { fetch: typeof fetch; shift(ms: number): void } {
  let shiftMs = 0;
  const writtenAt = new Map<string, number>();
  const later: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const text = await response.text();
    const headers = new Headers(response.headers);
    headers.delete('content-length');
    headers.set('date', new Date(Date.parse(headers.get('date')!) + shiftMs).toUTCString());
    const body = response.ok && text !== '' ? (JSON.parse(text) as Record<string, string>) : null;
    if (body === null) return new Response(text === '' ? null : text, { status: response.status, headers });
    if (init?.method === 'POST') writtenAt.set(body.generation!, shiftMs);
    const updated = Date.parse(body.updated!) + (writtenAt.get(body.generation!) ?? 0);
    return new Response(JSON.stringify({ ...body, updated: new Date(updated).toISOString() }), { headers });
  };
  return {
    fetch: later,
    shift: (ms) => {
      shiftMs += ms;
    },
  };
}

describeWith(['gcs'], 'the lease in Cloud Storage', () => {
  let proxy: FaultProxy;
  beforeAll(async () => {
    // The stand-in deletes whatever is there; the service only the generation that was named.
    proxy = await faultProxy({ target: storageStandIn().endpoint, rules: [staleDeletes()] });
  });
  afterAll(() => proxy.close());
  const newUrl = async () => `gs://${await newBucket()}/locks/tick 1.json`;

  leaseContract({
    name: 'Cloud Storage',
    open: async () => {
      const url = await newUrl();
      const lease = (owner: string) => gcsLease({ url, owner, endpoint: proxy.url });
      return [lease('one'), lease('other')];
    },
    expiring: async () => {
      const { fetch, shift } = laterAnswers();
      return expiringLeases({ url: await newUrl(), endpoint: proxy.url, fetch }, shift);
    },
  });

  faults(newUrl);
  processes(newUrl);
});

function faults(newUrl: () => Promise<string>): void {
  describe('behind a network that fails', () => {
    /** A lease behind a proxy of its own with these faults. */
    const made = async (...rules: FaultRule[]) => {
      const proxy = await faultProxy({
        target: storageStandIn().endpoint,
        rules: [...rules, staleDeletes()],
      });
      const url = await newUrl();
      const lease = (owner = 'one') =>
        gcsLease({ url, owner, endpoint: proxy.url, retry: { baseMs: 1, mostMs: 2 } });
      return { proxy, url, lease };
    };

    test.each(['lost', 'reset'] as const)(
      'a write whose answer is %s still takes the lease',
      async (kind) => {
        const { proxy, lease } = await made({ method: 'POST', path: /upload/, nth: [1], fault: { kind } });
        const held = await lease().acquire();
        expect(held).not.toBeNull();
        expect(await lease('other').acquire()).toBeNull();
        await held!.release();
        expect(await lease('other').acquire()).not.toBeNull();
        await proxy.close();
      },
    );

    test('a delete whose answer is lost gives the lease back, and takes none from the next', async () => {
      const { proxy, lease } = await made({ method: 'DELETE', path: /./, nth: [1], fault: { kind: 'lost' } });
      const held = await lease().acquire();
      await held!.release();
      expect(held!.lost.aborted).toBe(false);
      expect(await lease('other').acquire()).not.toBeNull();
      await proxy.close();
    });

    test.each([429, 500, 503])('a %s now and then changes nothing', async (status) => {
      const fault = { kind: 'status', status } as const;
      const { proxy, lease } = await made({ path: /locks|upload/, nth: [1, 3, 5], fault });
      const held = await lease().acquire();
      expect(held).not.toBeNull();
      expect(await lease('other').acquire()).toBeNull();
      await held!.release();
      expect(await lease('other').acquire()).not.toBeNull();
      await proxy.close();
    });

    test.each([
      [401, 'unavailable', 'check the credentials'],
      [403, 'denied', 'Storage Object User'],
      [503, 'unavailable', 'answered 503'],
    ])('a service that answers %s for ever is no other holder', async (status, code, words) => {
      const { proxy, lease } = await made({ path: /./, fault: { kind: 'status', status } });
      await expect(lease().acquire()).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words),
      });
      await proxy.close();
    });

    test('a bucket that is not there is named', async () => {
      const bucket = uniqueName();
      const lease = gcsLease({ url: `gs://${bucket}/tick.json`, owner: 'one', ...storageStandIn() });
      await expect(lease.acquire()).rejects.toMatchObject({
        code: 'not-found',
        message: `Cannot take the lease "gs://${bucket}/tick.json": there is no bucket "${bucket}"`,
      });
    });

    test('an object that is no lease is taken over when the time of who asks has passed', async () => {
      const { proxy, url } = await made();
      const [bucket, ...name] = url.slice('gs://'.length).split('/');
      await putObject(bucket!, name.join('/'), 'no lease');
      const { fetch, shift } = laterAnswers();
      const lease = gcsLease({ url, owner: 'one', ttlMs: 60_000, endpoint: proxy.url, fetch });
      expect(await lease.acquire()).toBeNull();
      shift(63_000);
      expect(await lease.acquire()).not.toBeNull();
      await proxy.close();
    });
  });
}

/** A program that takes the lease for three seconds at a time, says so, and then does nothing. */
const HOLDER = (adapter: string) => `
import { gcsLease } from '${adapter}';
const [endpoint, url] = process.argv.slice(2);
const held = await gcsLease({ endpoint, url, owner: 'holder', ttlMs: 3000 }).acquire();
console.log(held === null ? 'null' : 'held');
setInterval(() => held, 1000);
`;

function processes(newUrl: () => Promise<string>): void {
  test('what a process held is kept while it lives, and free a while after it was killed', async () => {
    const url = await newUrl();
    const script = join(temporaryFolder(), 'holder.ts');
    writeFileSync(script, HOLDER(pathToFileURL(join(import.meta.dirname, 'lease.ts')).href));
    const { endpoint } = storageStandIn();
    const child = spawn(process.execPath, [script, endpoint, url], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(child, 'exit');
    try {
      const [said] = await once(child.stdout, 'data');
      expect(String(said).trim()).toBe('held');
      const lease = gcsLease({ endpoint, url, owner: 'other', ttlMs: 3000 });
      const name = encodeURIComponent(url.slice(url.indexOf('/', 'gs://'.length) + 1));
      const place = `${endpoint}/storage/v1/b/${url.split('/')[2]}/o/${name}`;
      const generation = async () =>
        ((await (await fetch(place)).json()) as { generation: string }).generation;
      // Renewed by the holder's own timer, several times over.
      for (let renewals = 0, last = await generation(); renewals < 4; renewals++) {
        await vi.waitUntil(async () => (await generation()) !== last, 30_000);
        last = await generation();
        expect(await lease.acquire()).toBeNull();
      }
      child.kill('SIGKILL');
      await gone;
      expect(await lease.acquire()).toBeNull();
      const held = await vi.waitUntil(() => lease.acquire(), { timeout: 60_000, interval: 100 });
      expect(held.lost.aborted).toBe(false);
      await held.release();
    } finally {
      child.kill('SIGKILL');
      await gone;
    }
  });
}
