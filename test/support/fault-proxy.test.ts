import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FaultProxy, faultProxy } from './fault-proxy.ts';
import { type Fault, type FaultRule, staleDeletes, usedJobIds } from './fault-rules.ts';

const BODY = 'a'.repeat(1000);
const asked: string[] = [];
const closers: (() => void)[] = [];
let target = '';

// The stand-in of this test: objects of generation 7, and an address to go on at.
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  request.resume().on('end', () => {
    if (request.url?.includes('/gone')) response.writeHead(404).end('{}');
    else if (request.url?.startsWith('/storage/')) response.end('{"generation":"7"}');
    else if (request.url === '/upload') response.writeHead(200, { location: `${target}/upload/1` }).end();
    else response.writeHead(200, { 'x-seen-host': request.headers.host }).end(BODY);
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  asked.length = 0;
  for (const close of closers.splice(0)) close();
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function proxyWith(...rules: FaultRule[]): Promise<FaultProxy> {
  const proxy = await faultProxy({ target, rules });
  closers.push(() => void proxy.close());
  return proxy;
}

const onAll = (fault: Fault): FaultRule => ({ path: /./, fault });

async function ask(url: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text() };
}

describe('a fault proxy', () => {
  test('without rules passes everything on, as if the stand-in itself had been asked', async () => {
    const proxy = await proxyWith();
    const response = await fetch(`${proxy.url}/x?y=1`, { method: 'PUT', body: 'hello' });
    expect(await response.text()).toBe(BODY);
    expect(response.headers.get('x-seen-host')).toBe(new URL(target).host);
    expect(proxy.requests).toEqual([
      {
        method: 'PUT',
        path: '/x?y=1',
        body: Buffer.from('hello'),
        status: 200,
        upstream: 200,
        wasForwarded: true,
      },
    ]);
  });

  test('ends no idle connection, and takes up none again on its own way', async () => {
    const proxy = await proxyWith();
    const connections = new Set<unknown>();
    const seen = (request: { socket: unknown }) => void connections.add(request.socket);
    server.on('request', seen);
    try {
      const { headers } = await fetch(`${proxy.url}/x`);
      await ask(`${proxy.url}/x`);
      // A server that ends idle connections says after how many seconds.
      expect(headers.get('keep-alive')).toBeNull();
      expect(connections.size).toBe(2);
    } finally {
      server.off('request', seen);
    }
  });

  test('counts requests by method and path, and forgets them with new rules', async () => {
    const proxy = await proxyWith();
    await ask(`${proxy.url}/x`);
    await ask(`${proxy.url}/x`, { method: 'DELETE' });
    expect([proxy.count('GET', /^\/x/), proxy.count('GET', /^\/y/)]).toEqual([1, 0]);
    proxy.use([onAll({ kind: 'status', status: 500 })]);
    expect([proxy.count('GET', /./), (await ask(`${proxy.url}/x`)).status]).toEqual([0, 500]);
  });

  test.each([
    [401, undefined, 'authError'],
    [403, 'quotaExceeded', 'quotaExceeded'],
    [404, undefined, 'notFound'],
    [429, undefined, 'rateLimitExceeded'],
    [503, undefined, 'backendError'],
  ])("answers %i in Google's shape and leaves the stand-in alone", async (status, reason, expected) => {
    const proxy = await proxyWith(onAll({ kind: 'status', status, ...(reason && { reason }) }));
    const { status: got, text } = await ask(`${proxy.url}/x`);
    expect(got).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ error: { code: status, errors: [{ reason: expected }] } });
    expect(asked).toEqual([]);
  });

  test('touches only the times that a rule names, only its method and only its path', async () => {
    const fault: Fault = { kind: 'status', status: 503, headers: { 'retry-after': '1' } };
    const proxy = await proxyWith({ method: 'GET', path: /^\/x/, nth: [2], fault });
    const statuses = [];
    for (const [method, path] of [
      ['GET', '/x'],
      ['PUT', '/x'],
      ['GET', '/y'],
      ['GET', '/x'],
      ['GET', '/x'],
    ]) {
      statuses.push((await ask(proxy.url + path, { method: method ?? '' })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 503, 200]);
  });

  test.each([
    ['a cut body', { kind: 'cut', after: 100 }, 200],
    ['a body shorter than its length says', { kind: 'wrong-length', by: 5 }, 200],
    ['a lost answer', { kind: 'lost' }, null],
  ] as const)('%s fails the read, though the stand-in has done its part', async (_name, fault, status) => {
    const proxy = await proxyWith(onAll(fault));
    await expect(ask(`${proxy.url}/x`)).rejects.toThrow();
    expect(proxy.requests.map((seen) => [seen.status, seen.upstream])).toEqual([[status, 200]]);
    expect(asked).toEqual(['GET /x']);
  });

  test('a body longer than its length says still says that length', async () => {
    const proxy = await proxyWith(onAll({ kind: 'wrong-length', by: -5 }));
    const response = await fetch(`${proxy.url}/x`);
    expect(response.headers.get('content-length')).toBe('995');
  });

  test('a reset connection fails the request before the stand-in hears of it', async () => {
    const proxy = await proxyWith(onAll({ kind: 'reset' }));
    await expect(ask(`${proxy.url}/x`)).rejects.toThrow();
    expect(asked).toEqual([]);
  });

  test('a request that hangs gets no answer until the client gives up', async () => {
    const proxy = await proxyWith(onAll({ kind: 'hang' }));
    await expect(ask(`${proxy.url}/x`, { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
    expect(asked).toEqual([]);
  });

  test.each([
    { kind: 'delay', ms: 5 },
    { kind: 'trickle', bytes: 300, ms: 1 },
  ] as const)('$kind gives the whole answer all the same', async (fault) => {
    const proxy = await proxyWith(onAll(fault));
    expect((await ask(`${proxy.url}/x`)).text).toBe(BODY);
  });

  test('keeps an upload that goes on elsewhere with itself', async () => {
    const proxy = await proxyWith();
    const response = await fetch(`${proxy.url}/upload`, { method: 'POST' });
    expect(response.headers.get('location')).toBe(`${proxy.url}/upload/1`);
  });

  test('says no more than 502 or nothing when the stand-in is gone', async () => {
    const proxy = await faultProxy({ target: 'http://127.0.0.1:9' });
    closers.push(() => void proxy.close());
    await expect(ask(`${proxy.url}/x`)).rejects.toThrow();
  });
});

describe('what the services refuse and their stand-ins do not', () => {
  const jobs = '/bigquery/v2/projects/p1/jobs';
  const insert = (url: string, jobId: string) =>
    ask(url + jobs, { method: 'POST', body: JSON.stringify({ jobReference: { projectId: 'p1', jobId } }) });

  test('a job id is good for one job', async () => {
    const proxy = await proxyWith(usedJobIds());
    const statuses = [];
    for (const id of ['a', 'b', 'a']) statuses.push((await insert(proxy.url, id)).status);
    expect(statuses).toEqual([200, 200, 409]);
    expect(asked).toEqual([`POST ${jobs}`, `POST ${jobs}`]);
  });

  test('a job id is used where the answer was lost, and is not where the request was', async () => {
    const proxy = await proxyWith(
      { path: /jobs/, nth: [1], fault: { kind: 'lost' } },
      { path: /jobs/, nth: [2], fault: { kind: 'reset' } },
      usedJobIds(),
    );
    const statuses = [];
    for (const id of ['a', 'b', 'a', 'b', 'b']) {
      statuses.push(
        await insert(proxy.url, id).then(
          ({ status }) => status,
          () => 'no answer',
        ),
      );
    }
    expect(statuses).toEqual(['no answer', 'no answer', 409, 200, 409]);
  });

  test.each([
    ['the generation that stands there', 'o/name?ifGenerationMatch=7', 200],
    ['another generation', 'o/name?ifGenerationMatch=6', 412],
    ['no generation at all', 'o/name', 200],
    ['an object that is gone', 'o/gone?ifGenerationMatch=6', 404],
  ])('a delete of %s', async (_name, path, status) => {
    const proxy = await proxyWith(staleDeletes());
    const answer = await ask(`${proxy.url}/storage/v1/b/bucket/${path}`, { method: 'DELETE' });
    expect(answer.status).toBe(status);
    expect(asked.filter((line) => line.startsWith('DELETE'))).toHaveLength(status === 412 ? 0 : 1);
  });
});
