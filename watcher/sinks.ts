import type { WatchSink } from '../shared/adapters/kubernetes/watch-types.ts';
import { isObject } from '../shared/core/json.ts';
import { parseTime } from '../shared/core/time.ts';
import { readWatched, type WatchedObject } from '../shared/core/watched-object.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { Log } from '../shared/ports/log.ts';
import type { Causes } from './causes.ts';
import { deletedEnd, hasFailed, type KnownEnd, readWatchedAs, statusOf, type Watched } from './ends.ts';
import type { Ledger } from './ledger.ts';
import type { PodMemory } from './pod-memory.ts';

/** What a watch of Jobs or JobSets needs to find their ends. */
export interface SinkDeps {
  readonly kind: Watched['kind'];
  /** The label that holds the test's name. */
  readonly label: string;
  readonly ledger: Ledger;
  readonly causes: Pick<Causes, 'ask' | 'gone'>;
  readonly memory: Pick<PodMemory, 'forget'>;
  readonly tell: (watched: Watched, known: KnownEnd) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Finds the ends among what a watch sees, each once; of what is there it keeps the uid, and whether it was told. */
export function endSink(deps: SinkDeps): WatchSink {
  const { kind, label, ledger, causes, memory, tell, clock, log } = deps;

  function conclude(watched: Watched): void {
    if (hasFailed(watched)) {
      causes.ask(watched);
      return;
    }
    const status = statusOf(watched);
    memory.forget(watched.who.uid);
    if (status.kind === 'ended') tell(watched, { end: status.end, partial: null });
  }

  /** Its last state is all that there will ever be. */
  function concludeDeleted(watched: Watched, object: unknown): void {
    const last = deletedEnd(watched, deletionOf(object) ?? clock.now());
    if (last === null || 'end' in last) memory.forget(watched.who.uid);
    if (last === null) return;
    if ('end' in last) tell(watched, last);
    else conclude(last);
  }

  return {
    seen(object) {
      const who = readWatched(object);
      if (who === null || ledger.isTold(who.uid)) return;
      const watched = watchedOf(object, who, { kind, label });
      if (watched === null) return;
      if (statusOf(watched).kind === 'ended') {
        ledger.tell(who.uid);
        conclude(watched);
      } else ledger.open(who);
    },
    deleted(object) {
      const who = readWatched(object);
      if (who === null) return;
      const isTold = ledger.isTold(who.uid);
      ledger.forget(who.uid);
      const watched = isTold ? null : watchedOf(object, who, { kind, label });
      if (watched !== null) concludeDeleted(watched, object);
      causes.gone(who.uid);
    },
    listed(uids) {
      const lost = ledger.keepOnly(uids);
      if (lost.length === 0) return;
      const named = lost.slice(0, 5).join(', ');
      const words = `${lost.length} that ran were gone when they could be listed again, and how they ended is not known here`;
      log.warn(`${words}: ${named}${lost.length > 5 ? ', …' : ''}`, {
        event: 'ends_missed',
        count: lost.length,
      });
    },
  };
}

/** Null for what is no test, or is told of by another: the Jobs of a JobSet by the JobSet. */
function watchedOf(
  object: unknown,
  who: WatchedObject,
  { kind, label }: Pick<SinkDeps, 'kind' | 'label'>,
): Watched | null {
  const testName = who.labels[label];
  if (typeof testName !== 'string' || testName === '') return null;
  if (kind === 'job' && who.jobSet !== null) return null;
  return readWatchedAs(kind, object, { who, testName });
}

/** When somebody asked for its deletion, where that took time; milliseconds since the epoch. */
function deletionOf(object: unknown): number | null {
  const metadata = isObject(object) && isObject(object.metadata) ? object.metadata : {};
  return typeof metadata.deletionTimestamp === 'string' ? parseTime(metadata.deletionTimestamp) : null;
}
