import { describe, expect, test } from 'vitest';
import { VerdictAnswer } from '../../shared/core/schema/verdict.ts';
import { PortError } from '../../shared/ports/error.ts';
import { gateOn, judgeLoad, TOKEN } from '../../test/support/gate-deps.ts';
import { day, open, threads } from '../../test/support/history-rows.ts';
import { type GateDeps, handleGate } from './handler.ts';
import type { GateRequest } from './http.ts';

const request = (url: string, more: Partial<GateRequest> = {}): GateRequest => ({
  method: 'GET',
  url,
  headers: { authorization: `Bearer ${TOKEN}`, ...more.headers },
  body: new Uint8Array(),
  ...('method' in more ? { method: more.method! } : {}),
  ...('body' in more ? { body: more.body! } : {}),
});

async function ask(deps: GateDeps, url: string, more: Partial<GateRequest> = {}) {
  const { status, headers, body } = await handleGate(request(url, more), deps);
  return { status, headers, body: body === '' ? null : (JSON.parse(body) as Record<string, unknown>) };
}

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const QUESTION = 'test=load&policy=p95%3C%3D250ms&version=';

/** Version 1 passes, 2 fails, 3 was stopped, 4 runs. */
async function staged(given: Parameters<typeof gateOn>[0] = {}) {
  const gate = gateOn(given);
  await judgeLoad(gate.history, '1', { n: 1, p95: 180 });
  await judgeLoad(gate.history, '2', { n: 2, p95: 900 });
  await judgeLoad(gate.history, '3', { n: 3, p95: 1, fields: { outcome: 'preempted' } });
  return gate;
}

describe('/v1/verdict', () => {
  test.each([
    ['1', 'pass'],
    ['2', 'fail'],
    ['3', 'inconclusive'],
    ['4', 'pending'],
  ])('of version %s is 200 with the word %s', async (version, verdict) => {
    const { deps } = await staged();
    const answer = await ask(deps, `/v1/verdict?${QUESTION}${version}`);
    expect(answer).toMatchObject({ status: 200, body: { verdict, version, test_name: 'load' } });
    expect(VerdictAnswer.safeParse(answer.body).error).toBeUndefined();
  });

  test('of a test that nobody knows is 404', async () => {
    const { deps } = await staged();
    expect(await ask(deps, '/v1/verdict?test=other-1&version=1')).toMatchObject({ status: 404 });
  });

  test('of a test that only the config knows is pending', async () => {
    const { deps } = await staged();
    const configured = { ...deps, tests: new Map([['other-1', {}]]) };
    expect(await ask(configured, '/v1/verdict?test=other-1&version=1')).toMatchObject({
      status: 200,
      body: { verdict: 'pending' },
    });
  });

  test('is left out where the caller has it, until it changes', async () => {
    const { deps, history } = await staged();
    const url = `/v1/verdict?${QUESTION}1`;
    const { headers, body } = await ask(deps, url);
    const etag = headers.etag!;
    expect(etag).toBe(`"${body!.id}"`);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await ask(deps, url, { headers: { 'if-none-match': known } });
      expect(answer).toMatchObject({ status: 304, body: null, headers: { etag } });
    }
    expect((await ask(deps, url, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    await judgeLoad(history, '1', { n: 5, p95: 200 });
    expect((await ask(deps, url, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });
});

describe('/v1/gate', () => {
  test.each([
    ['1', 200, 409],
    ['2', 409, 200],
    ['3', 412, 412],
    ['4', 425, 425],
  ])('of version %s is %d, for a rollback hook %d', async (version, status, rollback) => {
    const { deps } = await staged();
    for (const method of ['GET', 'POST']) {
      const url = `/v1/gate?${QUESTION}${version}`;
      const plain = await ask(deps, url, { method });
      expect(plain.status).toBe(status);
      expect(VerdictAnswer.safeParse(plain.body).error).toBeUndefined();
      expect((await ask(deps, `${url}&when=fail`, { method })).status).toBe(rollback);
    }
  });

  test('takes what a webhook of Flagger sends', async () => {
    const { deps } = await staged();
    const body = bytes({
      ...{ name: 'podinfo', namespace: 'test', phase: 'Progressing', checksum: '85d557f47b' },
      metadata: { test: 'load', version: '2', policy: 'p95<=250ms' },
    });
    expect((await ask(deps, '/v1/gate', { method: 'POST', body })).status).toBe(409);
  });

  test('never says 304 instead of a refusal', async () => {
    const { deps } = await staged();
    const answer = await ask(deps, `/v1/gate?${QUESTION}2`, { headers: { 'if-none-match': '*' } });
    expect(answer.status).toBe(409);
  });
});

describe('waiting', () => {
  test('ends when the verdict is no longer pending', async () => {
    let polls = 0;
    const gate = await staged({
      sleep: async () => {
        if (++polls === 3) await judgeLoad(gate.history, '4', { n: 4, p95: 100 });
      },
    });
    const answer = await ask(gate.deps, `/v1/verdict?${QUESTION}4&wait=30`);
    expect([answer.body!.verdict, polls]).toStrictEqual(['pass', 3]);
  });

  test.each([
    ['2', 2000],
    ['0.25', 250],
    ['86400', 60_000],
  ])('for %s s takes %d ms at most', async (wait, ms) => {
    const gate = await staged();
    const before = gate.now();
    expect((await ask(gate.deps, `/v1/gate?${QUESTION}4&wait=${wait}`)).status).toBe(425);
    expect(gate.now() - before).toBe(ms);
  });
});

describe('keeping', () => {
  test('a verdict is handed over to be kept, a pending one is not', async () => {
    const { deps, kept } = await staged();
    const { body } = await ask(deps, `/v1/verdict?${QUESTION}2`);
    await ask(deps, `/v1/verdict?${QUESTION}4`);
    const { id, ...data } = body!;
    expect(kept).toStrictEqual([{ kind: 'verdict', id, subject: 'load', at: day(30), data }]);
  });
});

describe('who may ask', () => {
  test.each([
    [{}, 401],
    [{ authorization: 'Bearer wrong' }, 401],
    [{ authorization: TOKEN }, 401],
    [{ authorization: `Basic ${TOKEN}` }, 401],
    [{ authorization: 'Bearer ' }, 401],
    [{ authorization: `Bearer ${'x'.repeat(5000)}` }, 401],
    [{ authorization: `Bearer ${TOKEN} x` }, 401],
    [{ authorization: `bearer  ${TOKEN}` }, 200],
  ])('%j: %d', async (headers, status) => {
    const { deps } = await staged();
    const asked = { ...request(`/v1/verdict?${QUESTION}1`), headers };
    const answer = await handleGate(asked, deps);
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  test('a token for other tests is refused, and does not learn which there are', async () => {
    const { deps, history } = await staged();
    await judgeLoad(history, '1', { n: 9, p95: 1 });
    for (const name of ['secret', 'load2', 'LOAD', 'nobody-knows']) {
      expect((await ask(deps, `/v1/verdict?test=${name}&version=1`)).status).toBe(403);
    }
    expect((await ask(deps, '/v1/gate?test=other-1&version=1')).status).toBe(404);
  });

  test('the digest of a token is no token', async () => {
    const { deps } = await staged();
    const { sha256 } = await import('../../test/support/gate-deps.ts');
    const headers = { authorization: `Bearer ${sha256(TOKEN)}` };
    expect((await handleGate({ ...request(`/v1/verdict?${QUESTION}1`), headers }, deps)).status).toBe(401);
  });
});

describe('bad requests', () => {
  test.each([
    ['GET', '/', 404],
    ['GET', '/v1/verdict/', 404],
    ['GET', '/v1/../etc/passwd?test=load&version=1', 404],
    ['GET', '//[', 404],
    ['POST', '/v1/verdict?test=load&version=1', 405],
    ['DELETE', '/v1/gate?test=load&version=1', 405],
    ['GET', '/v1/verdict', 400],
    ['GET', '/v1/verdict?test=load', 400],
    ['GET', '/v1/verdict?test=load&version=', 400],
    ['GET', '/v1/verdict?test=load&version=1&version=2', 400],
    ['GET', '/v1/verdict?test=load&version=1&polcy=p95<=1', 400],
    ['GET', '/v1/verdict?test=load&version=1&__proto__=1', 400],
    ['GET', '/v1/verdict?test=load&version=1&policy=p95', 400],
    ['GET', '/v1/verdict?test=load&version=1&policy=p95<=1.2x', 400],
    ['GET', '/v1/verdict?test=load&version=1&policy=p96<=1', 400],
    ['GET', '/v1/verdict?test=load&version=1&runs=1e9', 400],
    ['GET', '/v1/verdict?test=load&version=1&wait=-1', 400],
    ['GET', '/v1/verdict?test=load&version=1&wait=Infinity', 400],
    ['GET', '/v1/verdict?test=load&version=1&when=fail', 400],
    ['GET', '/v1/gate?test=load&version=1&when=pass', 400],
    ['GET', `/v1/gate?test=load&version=${'9'.repeat(9000)}`, 414],
  ])('%s %s: %d', async (method, url, status) => {
    const { deps } = await staged();
    const answer = await ask(deps, url, { method });
    expect(answer).toMatchObject({ status, body: { error: expect.any(String) } });
    expect(JSON.stringify(answer)).not.toMatch(/\.ts|node_modules|\/work\//);
  });

  test.each([
    ['no JSON', new TextEncoder().encode('{'), 400],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe), 400],
    ['a list', bytes([]), 400],
    ['metadata that is no object', bytes({ metadata: 'x' }), 400],
    ['a parameter that is no text', bytes({ metadata: { test: 'load', version: 2 } }), 400],
    ['too much', new Uint8Array(70_000), 413],
  ])('a body that is %s', async (_, body, status) => {
    const { deps } = await staged();
    expect((await ask(deps, '/v1/gate', { method: 'POST', body })).status).toBe(status);
  });

  test.each(["1'; DROP TABLE job_history", '../../x', '%00', '😀', '\ud800'])(
    'the version %j is only compared',
    async (version) => {
      const { deps } = await staged();
      const url = `/v1/verdict?test=load&version=${encodeURIComponent(version.toWellFormed())}`;
      expect(await ask(deps, url)).toMatchObject({ status: 200, body: { verdict: 'pending' } });
    },
  );

  test.each([
    [new PortError('unavailable', 'Cannot reach /var/lib/secret.db'), 503],
    [new PortError('invalid', 'Cannot use history /var/lib/secret.db'), 503],
    [new TypeError('x is not a function at /work/x.ts'), 500],
  ])('a history that answers with %s says nothing of it outside', async (error, status) => {
    const { deps, log } = await staged();
    const answer = await ask({ ...deps, history: () => Promise.reject(error) }, `/v1/gate?${QUESTION}1`);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer)).not.toMatch(/secret|\.ts|function/);
    expect(log).toStrictEqual([expect.stringContaining(error.message)]);
  });
});

test('a run that was never judged keeps its version waiting, and one that is judged again does not', async () => {
  const { deps, history } = await staged();
  const url = `/v1/verdict?${QUESTION}1`;
  const verdict = async () => (await ask(deps, url)).body!.verdict;
  expect(await verdict()).toBe('pass');
  // The same run is settled again, as a late message or a replay does.
  const view = await history.findRun('load', 'r1');
  await history.settle(threads(view!.run));
  expect(await verdict()).toBe('pass');
  const running = open('r9', 9, { testName: 'load' });
  const body = JSON.stringify({ run_id: 'r9', test_name: 'load', labels: { version: '1' } });
  const started = {
    ...{ eventKey: 'k', thread: running.thread, kind: 'started' as const, testName: 'load' },
    ...{ source: '//x', id: 'r9/1/started', time: day(9), publishTime: day(9), body },
  };
  await history.append({ events: [started], rejected: [], at: day(9) });
  await history.settle(threads(running));
  expect(await verdict()).toBe('pending');
});

test('health is told to anybody', async () => {
  const { deps } = await staged();
  expect(await handleGate({ ...request('/healthz'), headers: {} }, deps)).toMatchObject({ status: 200 });
});
