import { setTimeout as sleep } from 'node:timers/promises';
import { type OutgoingMessage, reasonOf } from '../shared/pipeline/send.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { Log } from '../shared/ports/log.ts';
import type { Queue } from '../shared/ports/queue.ts';
import type { Unsent } from '../shared/ports/unsent.ts';

/** What an outbox needs. Milliseconds. */
export interface OutboxDeps {
  readonly queue: Pick<Queue, 'publish'>;
  /** Where messages wait that could not be published; null: in memory alone. */
  readonly unsent: Unsent | null;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1. */
  readonly chance: () => number;
  /** How many messages are held at most; what does not fit is postponed. */
  readonly most: number;
  /** There is room again for what was postponed. */
  readonly onRoom: () => void;
  /** After a first failure; it doubles, up to `longestPauseMs`. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

/** A message, and what to do when there is no room for it. */
export interface ToSend extends OutgoingMessage {
  /** Null: nobody can tell it again, so there is room. */
  readonly postpone: (() => void) | null;
}

/** How publishing stands. Times are milliseconds since the epoch. */
export interface OutboxStatus {
  readonly waiting: number;
  readonly postponed: number;
  /** Since when the oldest one waits; null when none does. */
  readonly oldestAt: number | null;
  readonly published: number;
  readonly lastPublishedAt: number | null;
  readonly failing: { readonly since: number; readonly why: string } | null;
}

/** Messages on their way. Nothing is dropped, whatever the queue says. */
export interface Outbox {
  /** False where there was no room, so that it is postponed. */
  send(message: ToSend): boolean;
  /** Takes up what an earlier process left behind. */
  resume(): Promise<void>;
  status(): OutboxStatus;
  /** Tries for so long; then keeps in the folder what is left. Answers how many are in memory alone. */
  close(ms: number): Promise<number>;
}

interface Entry {
  readonly name: string;
  readonly time: number;
  /** Null: it lies at `path` since an earlier process kept it there. */
  readonly body: Uint8Array | null;
  readonly since: number;
  path: string | null;
  keeping: Promise<string | null> | null;
}

/** Since when it fails and why; `until` nothing more is tried. */
interface Failing {
  readonly since: number;
  readonly why: string;
  readonly count: number;
  readonly until: number;
}

/** Requests at once: a backlog of an hour is gone in a minute then. */
const TOGETHER = 8;

/**
 * Publishes messages in the order they come, several at a time. After a failure one at a time, with pauses that grow:
 * whatever the failure is, somebody may mend it. With a folder, what failed once is on disk until it is published.
 */
export function openOutbox(deps: OutboxDeps): Outbox {
  const { clock, log } = deps;
  const disk = keeper(deps);
  const waiting: Entry[] = [];
  const flying = new Set<Entry>();
  const counts = { published: 0, postponed: 0, lastPublishedAt: null as number | null };
  const closing = new AbortController();
  let failing: Failing | null = null;
  let onIdle = (): void => {};

  return { send, resume, status, close };

  function send({ postpone, ...message }: ToSend): boolean {
    if (waiting.length >= deps.most && postpone !== null) {
      counts.postponed++;
      postpone();
      return false;
    }
    waiting.push({ ...message, since: clock.now(), path: null, keeping: null });
    pump();
    return true;
  }

  async function resume(): Promise<void> {
    for (const path of await disk.list()) {
      waiting.push({ name: path, time: 0, body: null, since: clock.now(), path, keeping: null });
    }
    pump();
  }

  function pump(): void {
    while (waiting.length > 0 && flying.size < (failing === null ? TOGETHER : 1)) void fly(waiting.shift()!);
    if (flying.size === 0 && waiting.length === 0) onIdle();
  }

  async function fly(entry: Entry): Promise<void> {
    flying.add(entry);
    try {
      const message = await disk.messageOf(entry);
      if (message !== null) await deps.queue.publish(message.body, message.name);
      await succeeded(entry);
    } catch (error) {
      await failed(entry, reasonOf(error));
      waiting.push(entry);
    }
    flying.delete(entry);
    // At the end a queue that refuses is asked once and not as fast as it can say no.
    if (closing.signal.aborted && failing !== null && flying.size === 0) onIdle();
    else pump();
  }

  async function succeeded(entry: Entry): Promise<void> {
    counts.published++;
    counts.lastPublishedAt = clock.now();
    if (failing !== null) log.info('Published again', { event: 'publish_again', waiting: waiting.length });
    failing = null;
    await disk.remove(entry);
    if (counts.postponed === 0 || waiting.length > deps.most / 2) return;
    counts.postponed = 0;
    deps.onRoom();
  }

  async function failed(entry: Entry, why: string): Promise<void> {
    const now = clock.now();
    if (failing?.why !== why) {
      log.warn(`Cannot publish: ${why}`, { event: 'publish_failed', waiting: waiting.length + flying.size });
    }
    // Those that were under way together fail together, and that is one failure.
    if (failing === null || now >= failing.until) {
      const count = (failing?.count ?? 0) + 1;
      const pause = Math.min(deps.pauseMs * 2 ** (count - 1), deps.longestPauseMs);
      const until = now + pause * (0.5 + 0.5 * deps.chance());
      failing = { since: failing?.since ?? now, why, count, until };
    }
    const left = failing.until - now;
    await disk.keep(entry);
    await sleep(left, undefined, { signal: closing.signal }).catch(() => {});
  }

  function status(): OutboxStatus {
    const all = [...waiting, ...flying];
    const oldest = all.reduce((least, { since }) => Math.min(least, since), Infinity);
    return {
      ...counts,
      waiting: all.length,
      oldestAt: all.length === 0 ? null : oldest,
      failing: failing === null ? null : { since: failing.since, why: failing.why },
    };
  }

  async function close(ms: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    onIdle = resolve;
    closing.abort();
    pump();
    // A queue that is down will not be up in a moment.
    await Promise.race([promise, sleep(failing === null ? ms : ms / 5)]);
    const left = [...waiting, ...flying];
    await Promise.all(left.map(disk.keep));
    return left.filter(({ path }) => path === null).length;
  }
}

/** The folder of what could not be published; without one nothing is kept. */
function keeper({ unsent, log }: Pick<OutboxDeps, 'unsent' | 'log'>) {
  let isTold = false;
  const tell = (error: unknown): null => {
    if (!isTold) log.warn(`Messages wait in memory alone: ${reasonOf(error)}`, { event: 'keep_failed' });
    isTold = true;
    return null;
  };
  return {
    list: async () => (await unsent?.list().catch(tell)) ?? [],
    /** Null when somebody else has published it meanwhile. */
    async messageOf({ body, name, path }: Entry): Promise<Pick<OutgoingMessage, 'body' | 'name'> | null> {
      if (body !== null) return { body, name };
      return path === null ? null : ((await unsent?.read(path)) ?? null);
    },
    async keep(entry: Entry): Promise<void> {
      const { body, name, time } = entry;
      if (unsent === null || entry.path !== null || body === null) return;
      // The end may come while it is being written.
      entry.keeping ??= unsent.keep(body, { name, time }).catch(tell);
      entry.path = await entry.keeping;
      entry.keeping = null;
      if (entry.path !== null) isTold = false;
    },
    async remove({ path }: Entry): Promise<void> {
      if (path !== null) await unsent?.remove(path).catch(tell);
    },
  };
}
