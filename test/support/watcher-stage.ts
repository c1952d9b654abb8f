import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { PATIENCE } from '../../shared/adapters/kubernetes/client.ts';
import { NOBODY } from '../../shared/adapters/kubernetes/credentials.ts';
import { startWatcher, type Watcher, type WatcherDeps } from '../../watcher/watcher.ts';
import { startWatchedCluster, type WatchedCluster } from './watched-cluster.ts';
import { keptLog, type Word } from './world.ts';

/** An event as it was published. */
export interface Told {
  readonly id: string;
  readonly source: string;
  readonly data: {
    readonly run_id: string;
    readonly test_name: string;
    readonly outcome: string;
    readonly finished_at: string;
    readonly message?: string;
    readonly [key: string]: unknown;
  };
  /** The message, to the byte. */
  readonly text: string;
}

/** A cluster, a watcher of it, and what it published. */
export interface WatcherStage {
  readonly cluster: WatchedCluster;
  readonly told: readonly Told[];
  readonly words: readonly Word[];
  readonly watcher: Watcher;
  /** Throws while it is set, in place of publishing. */
  refuse: (() => Error | null) | null;
  /** Ends the watcher and starts another one. */
  restart(): Promise<void>;
  /** Waits until it is so; throws with what was told instead. */
  until(isSo: () => boolean): Promise<void>;
  /** Waits until all watches stand and as many events were told. */
  toldOf(count: number): Promise<readonly Told[]>;
}

/** Everything that waits is over in milliseconds here. */
const PACE = {
  watch: {
    watchMs: 60_000,
    pauseMs: 5,
    longestPauseMs: 40,
    absentMs: 60_000,
    patience: { ...PATIENCE, attempts: 1, requestMs: 2_000 },
  },
  settleMs: 20,
  publishPauseMs: 5,
  longestPublishPauseMs: 40,
};

const PATIENCE_MS = 15_000;
const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Opens a stage; it is closed after the test. `prepare` puts into the cluster what is there before the watcher. */
export async function openWatcherStage(
  prepare: (cluster: WatchedCluster) => void = () => {},
  more: Partial<WatcherDeps> = {},
): Promise<WatcherStage> {
  const cluster = await startWatchedCluster();
  const told: Told[] = [];
  const log = keptLog();
  prepare(cluster);
  const start = () =>
    startWatcher({
      cluster: 'main',
      label: 'benchmarkId',
      namespaces: [],
      connect: async () => ({ endpoint: new URL(cluster.endpoint), credentials: NOBODY }),
      queue: {
        async publish(body) {
          const refused = stage.refuse?.() ?? null;
          if (refused !== null) throw refused;
          const text = new TextDecoder().decode(body);
          told.push({ ...(JSON.parse(text) as Omit<Told, 'text'>), text });
          return String(told.length);
        },
      },
      unsent: null,
      clock: { now: Date.now },
      log,
      chance: () => 0.5,
      ...more,
      pace: { ...PACE, ...more.pace, watch: { ...PACE.watch, ...more.pace?.watch } },
    });
  const stage = {
    cluster,
    told,
    words: log.words,
    watcher: undefined as unknown as Watcher,
    refuse: null as WatcherStage['refuse'],
    async restart() {
      await stage.watcher.stop(1_000);
      stage.watcher = start();
    },
    async until(isSo: () => boolean) {
      const deadline = performance.now() + PATIENCE_MS;
      while (!isSo()) {
        if (performance.now() > deadline) {
          const seen = {
            told: told.map(({ id, data }) => [id, data.outcome]),
            standing: stage.watcher.standing(),
          };
          throw new Error(`Waited in vain; it stands so: ${JSON.stringify({ ...seen, words: log.words })}`);
        }
        await sleep(5);
      }
    },
    async toldOf(count: number) {
      await stage.until(() => told.length >= count && isQuiet(stage.watcher));
      return told;
    },
  };
  stage.watcher = start();
  open.push(async () => {
    await stage.watcher.stop(0);
    await cluster.close();
  });
  return stage;
}

/** All watches stand, and nothing is on its way. */
export function isQuiet(watcher: Watcher): boolean {
  const { watches, outbox } = watcher.standing();
  const isStanding = watches.every(({ phase }) => phase === 'watching' || phase === 'absent');
  return isStanding && outbox.waiting === 0 && watcher.held().questions === 0;
}
