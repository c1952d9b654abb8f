import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWatchedCluster, type WatchedCluster } from './watched-cluster.ts';
import { job, jobSet, POD_STATUS, pod, SET_STATUS, STATUS } from './watched-jobs.ts';

/** Sizes of a simulated stretch of time. */
export interface SimulationSizes {
  /** That end within it. */
  readonly jobs: number;
  readonly minutes: number;
  /** How long a simulated minute takes here, milliseconds. */
  readonly minuteMs: number;
  /** In which minutes the process is ended and started again. */
  readonly restartAt: readonly number[];
  /** Arguments of Node that start the watcher. */
  readonly command: readonly string[];
  /** Where its log goes; nowhere unless told. */
  readonly logFile?: string;
}

/** What was seen from outside. */
export interface SimulationReport {
  /** Of the Jobs and JobSets that ended, how many nobody told of, or with another outcome. */
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
  /** Ids that one process published twice. */
  readonly repeated: readonly string[];
  /** Ids that two processes published with different bytes. */
  readonly contradicted: readonly string[];
  readonly ended: number;
  readonly published: number;
  readonly disconnects: number;
  /** Watches that the server refused because it had forgotten so far back. */
  readonly expired: number;
  readonly troubles: number;
  /** Resident set of the process in bytes, once a minute; begins anew with a restart. */
  readonly resident: readonly { readonly minute: number; readonly process: number; readonly bytes: number }[];
}

/** After so many minutes a Job that ended is deleted, as `ttlSecondsAfterFinished` would. */
const TTL_MINUTES = 8;
/** How many minutes a Job runs. */
const RUNS_MINUTES = 2;

const KINDS = ['success', 'exit', 'oom', 'preempted', 'timeout', 'set', 'failed-set'] as const;
type Kind = (typeof KINDS)[number];
const OUTCOMES: Readonly<Record<Kind, string>> = {
  success: 'success',
  exit: 'failure',
  oom: 'oom',
  preempted: 'preempted',
  timeout: 'timeout',
  set: 'success',
  'failed-set': 'oom',
};

/** Of Jobs, JobSets and Pods. */
const WATCHES = 3;

/** Of a hundred Jobs so many of each kind. */
const SHARES = [76, 8, 5, 4, 3, 3, 1];

function kindOf(n: number): Kind {
  let share = (n * 37) % 100;
  for (const [index, kind] of KINDS.entries()) {
    share -= SHARES[index]!;
    if (share < 0) return kind;
  }
  return 'success';
}

/**
 * A watcher, as a process, beside an API server on which Jobs come, end and are deleted, while every simulated minute
 * its connections break, every seventh the server forgets what was, and now and then it is in trouble. Simulated is
 * the pace alone: server, process and queue are real and talk over HTTP.
 */
export async function simulateWatcher(sizes: SimulationSizes): Promise<SimulationReport> {
  const cluster = await startWatchedCluster();
  const queue = await startQueue();
  const resident: { minute: number; process: number; bytes: number }[] = [];
  const expected = new Map<string, string>();
  let troubles = 0;
  let disconnects = 0;
  let asked = 0;
  let watcher = startProcess(sizes, cluster, queue);
  try {
    await untilStanding(cluster);
    const born: number[][] = [];
    for (let minute = 0; minute < sizes.minutes; minute++) {
      const share = (at: number) => Math.floor((sizes.jobs * at) / sizes.minutes);
      const fresh = Array.from({ length: share(minute + 1) - share(minute) }, (_, n) => share(minute) + n);
      born.push(fresh);
      for (const n of fresh) begin(cluster, n);
      for (const n of born[minute - RUNS_MINUTES] ?? []) end(cluster, n, expected);
      const isUpset = minute % 3 === 1;
      cluster.fault = isUpset
        ? (response, { isWatch }) => {
            if (++asked % 2 === 0) return false;
            troubles++;
            response.writeHead(isWatch ? 500 : 429, { 'retry-after': '0' }).end('trouble');
            return true;
          }
        : null;
      disconnects++;
      cluster.disconnect(minute % 2 === 0 ? 'clean' : 'half-line');
      // What was deleted is told by the stream, or missing from the list.
      for (const n of born[minute - RUNS_MINUTES - TTL_MINUTES] ?? []) remove(cluster, n);
      if (minute % 7 === 6) cluster.compact();
      if (sizes.restartAt.includes(minute)) {
        await stop(watcher, 'SIGTERM');
        queue.process++;
        watcher = startProcess(sizes, cluster, queue);
        await untilStanding(cluster);
      }
      await sleep(sizes.minuteMs);
      resident.push({ minute, process: queue.process, bytes: residentBytes(watcher) });
    }
    cluster.fault = null;
    for (const late of born.slice(-RUNS_MINUTES)) for (const n of late) end(cluster, n, expected);
    await untilTold(queue, expected);
    return {
      ...verdict(queue.told, expected),
      resident,
      disconnects,
      troubles,
      expired: cluster.counts.gone,
    };
  } finally {
    await stop(watcher, 'SIGKILL');
    await cluster.close();
    queue.close();
  }
}

const uidOf = (n: number) => `uid-${String(n).padStart(6, '0')}`;

function begin({ put }: WatchedCluster, n: number): void {
  const uid = uidOf(n);
  const kind = kindOf(n);
  if (kind === 'set' || kind === 'failed-set') put('jobsets', jobSet({ uid }));
  else put('jobs', job({ uid }, n % 11 === 0 ? STATUS.suspended : STATUS.running));
}

function end({ put }: WatchedCluster, n: number, expected: Map<string, string>): void {
  const uid = uidOf(n);
  const kind = kindOf(n);
  expected.set(uid, OUTCOMES[kind]);
  const child = { uid: `${uid}-child`, name: `set-${uid}-train-0`, set: uid };
  const own = { uid };
  if (kind === 'success') put('jobs', job(own, STATUS.complete));
  if (kind === 'set') put('jobsets', jobSet(own, SET_STATUS.completed));
  if (kind === 'exit' || kind === 'oom' || kind === 'preempted') {
    const status = { exit: POD_STATUS.exit, oom: POD_STATUS.outOfMemory, preempted: POD_STATUS.preempted }[
      kind
    ];
    put('pods', pod(own, `${uid}-p`, status));
    put('jobs', job(own, STATUS.failed));
  }
  if (kind === 'timeout') put('jobs', job(own, STATUS.overdue));
  if (kind !== 'failed-set') return;
  put('pods', pod(child, `${uid}-p`, POD_STATUS.outOfMemory));
  put('jobs', job(child, STATUS.failed));
  put('jobsets', jobSet(own, SET_STATUS.failed(child.name)));
}

function remove({ remove: take }: WatchedCluster, n: number): void {
  const uid = uidOf(n);
  const kind = kindOf(n);
  const isSet = kind === 'set' || kind === 'failed-set';
  take(isSet ? 'jobsets' : 'jobs', uid);
  if (kind === 'exit' || kind === 'oom' || kind === 'preempted') take('pods', `${uid}-${uid}-p`);
  if (kind !== 'failed-set') return;
  take('jobs', `${uid}-child`);
  take('pods', `${uid}-child-${uid}-p`);
}

interface Told {
  readonly process: number;
  readonly id: string;
  readonly uid: string;
  readonly outcome: string;
  readonly text: string;
}

interface RecordingQueue {
  readonly address: string;
  readonly told: Told[];
  /** Which process publishes now, from 0. */
  process: number;
  close(): void;
}

/** Stands for Pub/Sub's REST interface and writes down what comes; every hundredth request is refused once. */
async function startQueue(): Promise<RecordingQueue> {
  const told: Told[] = [];
  let requests = 0;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (++requests % 100 === 0) return response.writeHead(503).end('{}');
      const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as { messages: { data: string }[] };
      for (const { data } of messages) {
        const text = Buffer.from(data, 'base64').toString();
        const { id, data: said } = JSON.parse(text) as {
          id: string;
          data: { run_id: string; outcome: string };
        };
        told.push({ process: queue.process, id, uid: said.run_id, outcome: said.outcome, text });
      }
      response.end(`{"messageIds":["${told.length}"]}`);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const queue: RecordingQueue = {
    address: `127.0.0.1:${port}`,
    told,
    process: 0,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return queue;
}

function startProcess(
  { command, logFile }: SimulationSizes,
  cluster: WatchedCluster,
  queue: RecordingQueue,
): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    CLUSTER: 'main',
    TIDEMARK_WATCH_ENDPOINT: cluster.endpoint,
    TIDEMARK_WATCH_PORT: '0',
    TIDEMARK_QUEUE: 'pubsub://p1/metrics-written',
    PUBSUB_EMULATOR_HOST: queue.address,
  };
  const log = logFile === undefined ? 'ignore' : openSync(logFile, 'a');
  return spawn(process.execPath, [...command], { env, stdio: ['ignore', log, 'inherit'] });
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await gone;
}

/** As the kernel counts it; 0 where there is no such file. */
function residentBytes({ pid }: ChildProcess): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** A machine that has other work may take many simulated minutes to start a process. */
async function untilStanding(cluster: WatchedCluster): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (cluster.standing < WATCHES && performance.now() < deadline) await sleep(20);
}

async function untilTold(queue: RecordingQueue, expected: ReadonlyMap<string, string>): Promise<void> {
  const deadline = performance.now() + 60_000;
  const isTold = () => new Set(queue.told.map(({ uid }) => uid)).size >= expected.size;
  while (!isTold() && performance.now() < deadline) await sleep(200);
  // Whatever would be told twice has a moment to be.
  await sleep(1_500);
}

function verdict(told: readonly Told[], expected: ReadonlyMap<string, string>) {
  const byUid = Map.groupBy(told, ({ uid }) => uid);
  const byId = Map.groupBy(told, ({ id }) => id);
  const ofProcess = Map.groupBy(told, ({ process, uid }) => `${process} ${uid}`);
  return {
    ended: expected.size,
    published: told.length,
    missing: [...expected.keys()].filter((uid) => !byUid.has(uid)),
    // The first word counts: a later process may know less, and says so under another id.
    wrong: [...byUid]
      .filter(([uid, all]) => all[0]!.outcome !== expected.get(uid))
      .map(([, all]) => all.map(({ process, text }) => `${process}: ${text}`).join(' then ')),
    repeated: [...ofProcess].filter(([, all]) => all.length > 1).map(([name]) => name),
    contradicted: [...byId]
      .filter(([, all]) => new Set(all.map(({ text }) => text)).size > 1)
      .map(([id]) => id),
  };
}
