import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { MAIN, workspaces } from '../support/cli.ts';
import { shellEnvironment } from '../support/command.ts';
import { loadTest } from '../support/load-tests.ts';

const TOKEN = 'gate-token';
const TOKENS = [{ sha256: createHash('sha256').update(TOKEN).digest('hex'), tests: ['load'] }];
const make = workspaces();
const open: ChildProcess[] = [];

afterEach(() => {
  for (const child of open.splice(0)) child.kill('SIGKILL');
});

interface Gate {
  readonly port: number;
  /** Its exit code, after it was told to stop. */
  stop(): Promise<number | null>;
  get(path: string): Promise<Response>;
}

async function start(args: readonly string[], folder: string): Promise<Gate> {
  const child = spawn(process.execPath, [MAIN, 'gate', '--port', '0', ...args], {
    cwd: folder,
    env: shellEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  open.push(child);
  const gone = new Promise<number | null>((done) => child.once('exit', done));
  const port = await new Promise<number>((ready, fail) => {
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      const [, found] = /at http:\/\/127\.0\.0\.1:(\d+)/.exec(told) ?? [];
      if (found !== undefined) ready(Number(found));
    });
    void gone.then(() => fail(new Error(told)));
  });
  return {
    port,
    stop: () => {
      child.kill('SIGTERM');
      return gone;
    },
    get: (path) =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } }),
  };
}

async function staged() {
  const workspace = make();
  workspace.config({ gate: { tokens: TOKENS } });
  loadTest(workspace, { version: '1', day: 1, p95: 180 });
  await workspace.run(['tick']);
  const gate = await start(['--state', workspace.state], workspace.folder);
  return { workspace, gate };
}

const PATH = '/v1/gate?test=load&policy=p95%3C%3D250ms&version=';

test('one machine has a gate that ends when it is told to', async () => {
  const { workspace, gate } = await staged();
  const answer = await gate.get(`${PATH}1`);
  expect([answer.status, await answer.json()]).toMatchObject([200, { verdict: 'pass' }]);
  expect((await gate.get(`${PATH}2`)).status).toBe(425);
  const waiting = gate.get(`${PATH}3&wait=60`);
  loadTest(workspace, { version: '3', day: 3, p95: 900 });
  await workspace.spawn(['tick']);
  expect((await waiting).status).toBe(409);
  expect(await gate.stop()).toBe(0);
});

test('the answer holds while ticks judge other runs of the test, and while a replay judges this one again', async () => {
  const { workspace, gate } = await staged();
  const path = `${PATH}1`;
  const { id } = (await (await gate.get(path)).json()) as { id: string };
  for (let day = 2; day <= 12; day++) loadTest(workspace, { version: 'other', day, p95: 100 });
  let isDone = false;
  const working = (async () => {
    await workspace.spawn(['tick']);
    await workspace.spawn(['replay']);
    isDone = true;
  })();
  const seen = new Set<string>();
  let asked = 0;
  while (!isDone) {
    const answer = await gate.get(path);
    seen.add(`${answer.status} ${((await answer.json()) as { id: string }).id}`);
    asked++;
  }
  await working;
  expect(asked).toBeGreaterThan(10);
  expect([...seen]).toStrictEqual([`200 ${id}`]);
});

test('who sends too much, half a request or rubbish harms nobody else', async () => {
  const { gate } = await staged();
  const raw = (text: string) =>
    new Promise<string>((done) => {
      const socket = connect(gate.port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.setEncoding('utf8').on('data', (part: string) => {
        answer += part;
        socket.destroy();
      });
      socket.on('error', () => undefined).on('close', () => done(answer.split('\r\n')[0] ?? ''));
    });
  const stalled = connect(gate.port, '127.0.0.1', () =>
    stalled.write('POST /v1/gate HTTP/1.1\r\nHost: x\r\n'),
  );
  expect(await raw('rubbish\r\n\r\n')).toContain('400');
  expect(await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toContain('431');
  const large = `POST /v1/gate HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n${'x'.repeat(90_000)}`;
  expect(await raw(large)).toContain('413');
  expect((await gate.get(`${PATH}1`)).status).toBe(200);
  stalled.destroy();
});

test.each([
  [{}, [], 'names no gate.tokens'],
  [{ gate: { tokens: [] } }, [], 'names no gate.tokens'],
  [{ gate: { tokens: [{ sha256: 'abc', tests: ['*'] }] } }, [], 'is not a SHA-256'],
  [{ gate: { tokens: TOKENS } }, ['--port', 'x'], 'Cannot read --port'],
])('the config %j and the flags %j open no gate', async (config, flags, why) => {
  const workspace = make();
  workspace.config(config);
  const answer = await workspace.spawn(['gate', ...flags]);
  expect([answer.status, answer.stderr]).toStrictEqual([2, expect.stringContaining(why)]);
});
