// Watches the Jobs and JobSets of a cluster and tells the queue how each ended. Docs: docs/watcher.md.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { NOBODY, textOf, tokenFile } from '../shared/adapters/kubernetes/credentials.ts';
import type { Access } from '../shared/adapters/kubernetes/kubeconfig.ts';
import { structuredLog } from '../shared/adapters/log/structured.ts';
import { unsentStore } from '../shared/adapters/unsent/store.ts';
import { type Destination, metadataOf, openDestination } from './destination.ts';
import { type Health, healthOf } from './health.ts';
import { serveHealth } from './health-server.ts';
import { readSettings, type Settings, USAGE } from './settings.ts';
import { startWatcher, type Watcher } from './watcher.ts';

/** Kubernetes sends KILL 30 s after TERM. */
const FLUSH_MS = 10_000;
/** A line in the log although nothing happens, so that its absence can be noticed. */
const ALIVE_MS = 15 * 60_000;
/** How often it is asked whether a message could be published, while none is. */
const CHECK_MS = 5 * 60_000;

const clock = { now: Date.now };
const log = structuredLog(
  (line) => {
    try {
      writeSync(1, line);
    } catch {
      // Nobody reads it; that is no reason to end.
    }
  },
  {},
  { service: 'tidemark-watcher' },
);

/** How the API server is reached; read anew for each request, since what is mounted is replaced. */
async function connect({ endpoint, tokenFile: token, caFile }: Settings): Promise<Access> {
  const ca = caFile === null ? {} : { ca: await textOf(caFile) };
  return { endpoint: new URL(endpoint), credentials: token === null ? NOBODY : tokenFile(token), ...ca };
}

async function main(settings: Settings): Promise<number> {
  const env = { ...process.env, TIDEMARK_QUEUE: settings.queue };
  const stopping = new Promise<string>((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done(signal));
  });
  const ask = metadataOf(env);
  const cluster = settings.cluster ?? (await ask('instance/attributes/cluster-name'));
  if (!cluster) {
    log.error('Cannot tell what this cluster is called: set CLUSTER to the name that its publishers use');
    return 2;
  }
  const destination = await openDestination(env, ask);
  const watcher = startWatcher({
    cluster,
    label: settings.label,
    namespaces: settings.namespaces,
    connect: () => connect(settings),
    queue: destination.queue,
    unsent: settings.state === null ? null : unsentStore({ folder: join(settings.state, 'unsent') }),
    clock,
    log,
    chance: Math.random,
  });
  const checking = checkPublishing(watcher, destination);
  const health = () => healthOf({ ...watcher.standing(), publishProblem: checking.problem() });
  const server = settings.port === 0 ? null : await serveHealth({ port: settings.port }, health);
  log.info(`Watching cluster "${cluster}" by label "${settings.label}"`, {
    event: 'watcher_started',
    cluster,
  });
  const alive = setInterval(() => tellAlive(watcher, health()), ALIVE_MS);
  const signal = await stopping;
  clearInterval(alive);
  checking.stop();
  server?.close();
  const lost = await watcher.stop(FLUSH_MS);
  const words =
    lost === 0
      ? 'everything is told'
      : `${lost} are not told yet; who watches next tells of those that are there`;
  log.info(`Ended by ${signal}: ${words}`, { event: 'watcher_ended', waiting: lost });
  return 0;
}

function tellAlive(watcher: Watcher, { report, isReady }: Health): void {
  const memory = { rss_mb: Math.round(process.memoryUsage.rss() / 1e6) };
  const fields = { event: 'watcher_alive', ...report, ...watcher.held(), ...memory };
  if (isReady) log.info('Watching', fields);
  else log.warn('Something does not answer', fields);
}

/** Whether a message could be published, asked now and then while there is none: a quiet cluster proves nothing. */
function checkPublishing(watcher: Watcher, destination: Destination) {
  let found: string | null = null;
  async function check(): Promise<void> {
    const { lastPublishedAt } = watcher.standing().outbox;
    const isProven = lastPublishedAt !== null && clock.now() - lastPublishedAt < CHECK_MS;
    const problem = isProven ? null : await destination.problem();
    if (problem !== null && problem !== found) log.warn(problem, { event: 'publish_problem' });
    found = problem;
  }
  void check();
  const timer = setInterval(() => void check(), CHECK_MS);
  return { problem: () => found, stop: () => clearInterval(timer) };
}

let code = 2;
try {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (settings === null) writeSync(1, USAGE);
  code = settings === null ? 0 : await main(settings);
} catch (error) {
  writeSync(2, `tidemark-watcher: ${error instanceof Error ? error.message : String(error)}\n`);
}
// A server that does not answer must not hold the process.
process.exit(code);
