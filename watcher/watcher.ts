import type { Access } from '../shared/adapters/kubernetes/kubeconfig.ts';
import { startWatch } from '../shared/adapters/kubernetes/watch.ts';
import { WATCH_PACE, type Watch, type WatchPace } from '../shared/adapters/kubernetes/watch-types.ts';
import { watcherEvent } from '../shared/core/watcher-event.ts';
import { eventMessage } from '../shared/pipeline/send.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { Log } from '../shared/ports/log.ts';
import type { Queue } from '../shared/ports/queue.ts';
import type { Unsent } from '../shared/ports/unsent.ts';
import { askCauses } from './causes.ts';
import type { KnownEnd, Watched } from './ends.ts';
import type { Standing } from './health.ts';
import { makeLedger } from './ledger.ts';
import { openOutbox } from './outbox.ts';
import { makePodMemory } from './pod-memory.ts';
import { endSink } from './sinks.ts';
import { targetsOf } from './targets.ts';

/** What a watcher works with. */
export interface WatcherDeps {
  readonly cluster: string;
  readonly label: string;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly connect: () => Promise<Access>;
  readonly queue: Pick<Queue, 'publish'>;
  /** Null: what cannot be published waits in memory alone. */
  readonly unsent: Unsent | null;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly pace?: Partial<WatcherPace>;
}

/** How patient it is, milliseconds, and how much it holds. */
export interface WatcherPace {
  readonly watch: Partial<WatchPace>;
  /** How long the watch of Pods may be behind that of Jobs. */
  readonly settleMs: number;
  readonly publishPauseMs: number;
  readonly longestPublishPauseMs: number;
  readonly mostWaiting: number;
}

/** A message is about a kilobyte, so ten thousand of them are ten megabytes. */
const PACE: WatcherPace = {
  watch: {},
  settleMs: 500,
  publishPauseMs: 500,
  longestPublishPauseMs: 30_000,
  mostWaiting: 10_000,
};

/** A watcher at work. */
export interface Watcher {
  standing(): Omit<Standing, 'publishProblem'>;
  /** How many objects, owners of remembered Pods and questions it holds. */
  held(): { readonly objects: number; readonly owners: number; readonly questions: number };
  /** Watches no more, and publishes for so long. Answers how many messages are lost with the process. */
  stop(ms: number): Promise<number>;
}

/**
 * Watches the Jobs and JobSets of a cluster and publishes an event for each end, once as long as the process lives.
 * Whoever begins anew lists them all and tells them all again, with the same ids and bytes, which readers know for the
 * same: so nothing has to be written anywhere.
 */
export function startWatcher(deps: WatcherDeps): Watcher {
  const pace = { ...PACE, ...deps.pace };
  const { clock, log, cluster } = deps;
  const ending = new AbortController();
  const ledgers = targetsOf(deps.label, deps.namespaces).map(({ kind, target }) => ({
    kind,
    target,
    ledger: makeLedger(),
  }));
  const memory = makePodMemory((uid) => {
    const { ledger } = ledgers.find((one) => one.ledger.has(uid)) ?? {};
    // A Pod's last words may come after its Job's, which come another way.
    if (causes.isAsked(uid)) return 'open';
    if (ledger === undefined) return 'unknown';
    return ledger.isTold(uid) ? 'over' : 'open';
  });
  const outbox = openOutbox({
    ...deps,
    most: pace.mostWaiting,
    onRoom: () => {
      for (const watch of watches) watch.relist();
    },
    pauseMs: pace.publishPauseMs,
    longestPauseMs: pace.longestPublishPauseMs,
  });
  const watchPace = { ...WATCH_PACE, ...pace.watch };
  const { patience, pauseMs } = watchPace;
  const causes = askCauses({ ...deps, ...pace, memory, tell, patience, pauseMs });
  const watches: Watch[] = ledgers.map(({ kind, target, ledger }) => {
    const sink =
      kind === 'pod'
        ? { ...memory, listed: () => {} }
        : endSink({ kind, label: deps.label, ledger, causes, memory, tell, clock, log });
    return startWatch(target, sink, { ...deps, signal: ending.signal, pace: watchPace });
  });
  void outbox.resume();

  function tell({ who, testName }: Watched, { end, partial }: KnownEnd): boolean {
    const { uid, namespace, name } = who;
    const event = watcherEvent({ testName, cluster, namespace, uid, end, partial });
    const ledger = ledgers.find((one) => one.ledger.isTold(uid))?.ledger;
    const postpone = ledger === undefined ? null : () => ledger.open(who);
    if (!outbox.send({ ...eventMessage(event, clock.now()), postpone })) return false;
    const fields = { event: 'told', run_id: uid, test_name: testName, outcome: end.outcome };
    log.info(`${namespace}/${name} of ${testName}: ${end.outcome}`, fields);
    return true;
  }

  return {
    standing: () => ({
      now: clock.now(),
      watches: watches.map((watch) => watch.status()),
      outbox: outbox.status(),
    }),
    held: () => ({
      objects: ledgers.reduce((sum, { ledger }) => sum + ledger.size, 0),
      owners: memory.size,
      questions: causes.waiting,
    }),
    async stop(ms) {
      ending.abort();
      causes.flush();
      return outbox.close(ms);
    },
  };
}
