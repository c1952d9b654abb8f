// The watcher as a process of its own, beside a cluster that is simulated.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../scripts/cloud/tools.ts';
import { fakePubSub } from '../support/fake-pubsub.ts';
import { ROOT } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWatchedCluster, type WatchedCluster } from '../support/watched-cluster.ts';
import { job, STATUS } from '../support/watched-jobs.ts';

interface Running {
  readonly child: ChildProcess;
  readonly lines: Record<string, unknown>[];
  readonly stderr: () => string;
  readonly ended: Promise<number | null>;
}

const clusters: WatchedCluster[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const cluster of clusters.splice(0)) await cluster.close();
});

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [join(ROOT, 'watcher/main.ts'), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map((line) => (args.includes('--help') ? { line } : JSON.parse(line))));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  return { child, lines, stderr: () => stderr, ended };
}

async function until(isSo: () => boolean | Promise<boolean>, { lines, stderr }: Running): Promise<void> {
  for (let n = 0; n < 400; n++) {
    if (await isSo()) return;
    await sleep(50);
  }
  throw new Error(`Waited in vain: ${stderr()}${JSON.stringify(lines)}`);
}

async function openCluster(): Promise<WatchedCluster> {
  const cluster = await startWatchedCluster();
  clusters.push(cluster);
  return cluster;
}

test('it watches, tells, answers probes, and ends within a moment of TERM', async () => {
  const cluster = await openCluster();
  const spool = join(temporaryFolder(), 'spool');
  const flags = ['--endpoint', cluster.endpoint, '--cluster', 'main', '--queue', `spool:${spool}`];
  const port = await freePort();
  const running = run([...flags, '--port', String(port)]);
  const health = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  await until(
    () =>
      health('/healthz').then(
        (status) => status === 200,
        () => false,
      ),
    running,
  );
  expect(await health('/livez')).toBe(200);
  cluster.put('jobs', job({ uid: 'u-1' }, STATUS.complete));
  const incoming = () => readdirSync(join(spool, 'incoming'));
  await until(() => {
    try {
      return incoming().length === 1;
    } catch {
      return false;
    }
  }, running);
  const told = JSON.parse(readFileSync(join(spool, 'incoming', incoming()[0]!), 'utf8'));
  expect(told).toMatchObject({ id: 'u-1/1/finished', data: { outcome: 'success', job_namespace: 'ml' } });
  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(running.lines.map(({ severity, event }) => [severity, event])).toEqual([
    ['INFO', 'watcher_started'],
    ['INFO', 'told'],
    ['INFO', 'watcher_ended'],
  ]);
});

test('it finds project, cluster and token where Google keeps them, and publishes what waited on disk', async () => {
  const cluster = await openCluster();
  cluster.put('jobs', job({ uid: 'u-1' }, STATUS.complete));
  const google = await fakePubSub();
  const state = temporaryFolder();
  const env = {
    ...google.env,
    TIDEMARK_WATCH_ENDPOINT: cluster.endpoint,
    TIDEMARK_WATCH_PORT: '0',
    TIDEMARK_STATE: state,
  };
  google.refuse = (path) => (path.endsWith(':publish') ? 503 : undefined);
  const first = run([], env);
  const publishes = () => google.asked.filter((path) => path.endsWith(':publish')).length;
  await until(() => publishes() > 0, first);
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  expect(readdirSync(join(state, 'unsent'))).toHaveLength(1);
  expect(first.lines.at(-1)).toMatchObject({ event: 'watcher_ended', waiting: 0 });
  google.refuse = undefined;
  cluster.remove('jobs', 'u-1');
  const second = run([], env);
  await until(() => google.published.length > 0, second);
  const [message] = google.published;
  expect(message).toMatchObject({ topic: 'metrics-written', authorization: 'Bearer t-1' });
  expect(JSON.parse(Buffer.from(message!.body).toString()).data).toMatchObject({
    run_id: 'u-1',
    cluster_name: 'tutorial-cluster',
  });
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
  expect(readdirSync(join(state, 'unsent'))).toEqual([]);
});

test.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
  ['no API server', [], {}, /^tidemark-watcher: Cannot tell where the API server is/],
  ['a flag that is none', ['--all'], {}, /^tidemark-watcher: .*--all/],
  [
    'a queue that is none',
    ['--endpoint', 'http://127.0.0.1:1', '--cluster', 'c', '--queue', 'kafka:x'],
    {},
    /^tidemark-watcher: Cannot use queue "kafka:x"/,
  ],
])('%s ends it with 2 and one sentence', async (_, args, env, words) => {
  const running = run(args, env);
  expect(await running.ended).toBe(2);
  expect(running.stderr()).toMatch(words);
  expect(running.stderr().trim().split('\n')).toHaveLength(1);
});

test('a cluster of no name ends it with 2, since its runs would be nobody’s', async () => {
  const running = run(['--endpoint', 'http://127.0.0.1:1'], { PUBSUB_EMULATOR_HOST: '127.0.0.1:1' });
  expect(await running.ended).toBe(2);
  expect(running.lines).toMatchObject([
    { severity: 'ERROR', message: expect.stringContaining('set CLUSTER') },
  ]);
});

test('it says what it can be told', async () => {
  const running = run(['--help']);
  expect(await running.ended).toBe(0);
  expect(running.lines[0]).toEqual({ line: 'Usage: watcher [FLAGS]' });
});
