import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workspaces } from '../support/cli.ts';
import { type FunctionProcess, startFunction } from '../support/function-process.ts';
import { loadTest } from '../support/load-tests.ts';
import { ROOT } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TOKEN = 'gate-token';
const CONFIG = `
gate:
  tokens:
    - {sha256: ${createHash('sha256').update(TOKEN).digest('hex')}, tests: [load]}
`;
const make = workspaces();

describe('the gate as a function', () => {
  let gate: FunctionProcess;
  let state = '';

  beforeAll(async () => {
    const workspace = make();
    state = workspace.state;
    loadTest(workspace, { version: '1', day: 1, p95: 180 });
    loadTest(workspace, { version: '2', day: 2, p95: 900 });
    await workspace.run(['tick']);
    const config = workspace.write('tidemark.yaml', CONFIG);
    gate = await startFunction({
      module: join(ROOT, 'functions/main.ts'),
      name: 'gate',
      cwd: workspace.folder,
      env: { TIDEMARK_STATE: state, TIDEMARK_CONFIG: config },
    });
  });
  afterAll(() => gate.stop());

  const call = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${gate.port}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, ...init.headers },
    });

  test('answers with a verdict, and puts it on the queue once', async () => {
    for (let time = 0; time < 3; time++) {
      const response = await call('/v1/gate?test=load&version=2&policy=p95%3C%3D250ms');
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ verdict: 'fail', test_name: 'load' });
    }
    expect(readdirSync(join(state, 'spool/incoming'))).toHaveLength(1);
  });

  test('reads what a webhook posts', async () => {
    const body = JSON.stringify({ metadata: { test: 'load', version: '1', policy: 'p95<=250ms' } });
    const headers = { 'content-type': 'application/json' };
    expect((await call('/v1/gate', { method: 'POST', body, headers })).status).toBe(200);
  });

  test('leaves out what the caller has', async () => {
    const path = '/v1/verdict?test=load&version=1&policy=p95%3C%3D250ms';
    const etag = (await call(path)).headers.get('etag')!;
    const again = await call(path, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toStrictEqual([304, '']);
  });

  test('tells nobody anything without a token', async () => {
    const response = await fetch(`http://127.0.0.1:${gate.port}/v1/verdict?test=load&version=1`);
    expect(response.status).toBe(401);
  });
});

test('a function without tokens says why in its log, and nothing outside', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'x'));
  writeFileSync(join(folder, 'tidemark.yaml'), 'tests: {}\n');
  const gate = await startFunction({
    module: join(ROOT, 'functions/main.ts'),
    name: 'gate',
    cwd: folder,
    env: {},
  });
  try {
    const response = await fetch(`http://127.0.0.1:${gate.port}/v1/verdict?test=load&version=1`);
    expect([response.status, await response.json()]).toStrictEqual([
      500,
      { error: 'The gate is not set up; its log says why' },
    ]);
    expect(gate.log).toMatchObject([
      { event: 'gate_failed', message: expect.stringContaining('gate.tokens') },
    ]);
  } finally {
    await gate.stop();
  }
});
