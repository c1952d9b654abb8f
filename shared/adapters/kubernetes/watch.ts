import { setTimeout as sleep } from 'node:timers/promises';
import { readWatched, readWatchLine } from '../../core/watched-object.ts';
import { PortError } from '../../ports/error.ts';
import { openClient } from './client.ts';
import { ClusterError } from './errors.ts';
import { BEGINNING, versionedPages } from './list.ts';
import { watchLines } from './watch-lines.ts';
import {
  WATCH_PACE,
  type Watch,
  type WatchDeps,
  type WatchPace,
  type WatchSink,
  type WatchStatus,
  type WatchTarget,
} from './watch-types.ts';

const MOST_LINE_BYTES = 8 * 1024 * 1024;
const LONGEST_RETRY_AFTER_MS = 60_000;
const GONE = 410;
/** After so many failures the version that the watch began at is given up, too. */
const STUBBORN = 3;
/** So many first pauses make a watch one that stood. */
const LIFE = 4;
/** A server that answers and breaks off is not left alone for long: pauses double so often at most. */
const MOST_DOUBLED = 3;
/** How long the same failure is not told again. */
const QUIET_MS = 600_000;

/**
 * Lists, then watches from where the list was read, again and again until the signal. A watch that ends or breaks goes
 * on from the last line, so nothing is missed; when the server does not remember so far back (410), or says what cannot
 * be read, the list is read again. Whatever fails is tried again with growing pauses; a failure is told once, not at
 * every try.
 */
export function startWatch(target: WatchTarget, sink: WatchSink, deps: WatchDeps): Watch {
  const loop = watchLoop(target, sink, { ...deps, pace: { ...WATCH_PACE, ...deps.pace } });
  return { status: () => ({ ...loop.state }), relist: loop.relist, done: loop.run() };
}

type State = { -readonly [K in keyof WatchStatus]: WatchStatus[K] };
type LoopDeps = WatchDeps & { readonly pace: WatchPace };

function watchLoop(target: WatchTarget, sink: WatchSink, deps: LoopDeps) {
  const { cluster, clock, pace, signal } = deps;
  const state: State = { ...BEGUN, what: target.what, movedAt: clock.now() };
  const words = teller(target, state, deps);
  /** Where the next watch begins; null: list first. */
  let version: string | null = null;
  let isListWanted = false;
  let failures = 0;
  /** Of those, how many without any answer in between. */
  let refusals = 0;
  let openedAt: number | null = null;
  /** Ends the watch or the pause at hand. */
  let ending = new AbortController();

  return { state, relist, run };

  function relist(): void {
    isListWanted = true;
    ending.abort();
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      ending = new AbortController();
      try {
        if (version === null || isListWanted) await list();
        else await watch(version);
      } catch (error) {
        if (!signal.aborted && !ending.signal.aborted) await recover(error);
      }
    }
  }

  async function list(): Promise<void> {
    // What is looked for again is absent until it is found, or whoever asks now is told of a failure.
    move(state.phase === 'absent' ? 'absent' : 'listing');
    openedAt = null;
    isListWanted = false;
    const client = openClient(cluster, await deps.connect(), pace.patience);
    try {
      let read: string | null = null;
      const uids = new Set<string>();
      for await (const page of versionedPages(client, target)) {
        if (page.next === BEGINNING) uids.clear();
        for (const item of page.items) {
          const uid = readWatched(item)?.uid;
          if (uid !== undefined) uids.add(uid);
          sink.seen(item);
        }
        read = page.version;
      }
      if (read === null) throw new ClusterError('invalid', `Cluster "${cluster}" gives a list of no version`);
      sink.listed(uids);
      state.lists++;
      state.hasListed = true;
      succeeded();
      version = read;
    } finally {
      client.close();
    }
  }

  async function watch(from: string): Promise<void> {
    openedAt = null;
    const ms = Math.ceil(pace.watchMs * (0.8 + 0.2 * deps.chance()));
    const reading = {
      cluster,
      signal: AbortSignal.any([signal, ending.signal]),
      silenceMs: ms + pace.silenceMs,
      mostBytes: MOST_LINE_BYTES,
      onOpen: () => {
        openedAt = clock.now();
        state.watches++;
        move('watching');
        succeeded();
      },
    };
    const place = { ...target, query: watchQuery(target.query, { from, ms }) };
    for await (const line of watchLines(await deps.connect(), place, reading)) take(line);
    // Whoever ends every watch at once must not be asked a thousand times a second.
    if (!hasLived()) await pause(pace.pauseMs, 'waiting');
    else failures = 0;
  }

  /** Whether the watch at hand, or the last one, was more than an opening. */
  function hasLived(): boolean {
    return openedAt !== null && clock.now() - openedAt >= LIFE * pace.pauseMs;
  }

  function take(text: string): void {
    const line = readWatchLine(text);
    if (line === null) {
      version = null;
      throw new ClusterError('invalid', `Cluster "${cluster}" answers a watch with something that is none`);
    }
    if (line.kind === 'error') throw endedBy(cluster, line);
    state.lines++;
    state.movedAt = clock.now();
    failures = 0;
    if (line.kind === 'seen') sink.seen(line.object);
    if (line.kind === 'deleted') sink.deleted(line.object);
    version = line.version ?? version;
  }

  async function recover(error: unknown): Promise<void> {
    const status = error instanceof ClusterError ? error.status : null;
    const wasAnswered = openedAt !== null;
    if (hasLived()) failures = 0;
    openedAt = null;
    if (status === GONE) version = null;
    if (status === 404 && target.isOptional) {
      version = null;
      words.absent();
      return pause(pace.absentMs, 'absent');
    }
    failures++;
    if (failures >= STUBBORN) version = null;
    // One break is the way of networks, and a version that was forgotten is how it is meant to be.
    const isUsual = failures === 1 || (status === GONE && failures <= STUBBORN);
    if (!isUsual || !state.hasListed) words.failing(sentence(error));
    const asked = error instanceof ClusterError ? (error.retryAfterMs ?? 0) : 0;
    if (!wasAnswered) refusals++;
    const doubled = wasAnswered ? Math.min(failures - 1, MOST_DOUBLED) : refusals - 1;
    const grown = Math.min(pace.pauseMs * 2 ** doubled, pace.longestPauseMs);
    const wait = grown * (0.5 + 0.5 * deps.chance());
    await pause(Math.max(wait, Math.min(asked, LONGEST_RETRY_AFTER_MS)), 'waiting');
  }

  async function pause(ms: number, phase: WatchStatus['phase']): Promise<void> {
    move(phase);
    await sleep(ms, undefined, { signal: AbortSignal.any([signal, ending.signal]) }).catch(() => {});
  }

  function move(phase: WatchStatus['phase']): void {
    state.phase = phase;
    state.movedAt = clock.now();
  }

  function succeeded(): void {
    refusals = 0;
    state.movedAt = clock.now();
    words.well();
  }
}

/** What people are told: each failure once in a while, not at every try. */
function teller({ what }: WatchTarget, state: State, { log, clock }: LoopDeps) {
  let told: { readonly why: string; readonly at: number } | null = null;
  let isAbsent = false;
  return {
    failing(why: string): void {
      const now = clock.now();
      state.failing = { since: state.failing?.since ?? now, why };
      if (told?.why === why && now - told.at < QUIET_MS) return;
      told = { why, at: now };
      log.warn(`${what}: ${why}`, { event: 'watch_failed' });
    },
    well(): void {
      if (state.failing !== null && told !== null)
        log.info(`${what}: watched again`, { event: 'watch_again' });
      state.failing = null;
      isAbsent = false;
    },
    absent(): void {
      state.failing = null;
      if (!isAbsent) log.info(`${what}: the cluster does not know this kind`, { event: 'watch_absent' });
      isAbsent = true;
    },
  };
}

function watchQuery(own: URLSearchParams, { from, ms }: { from: string; ms: number }): URLSearchParams {
  const query = new URLSearchParams(own);
  query.set('watch', '1');
  query.set('resourceVersion', from);
  query.set('allowWatchBookmarks', 'true');
  query.set('timeoutSeconds', String(Math.max(1, Math.round(ms / 1000))));
  return query;
}

function endedBy(cluster: string, { code, message }: { code: number; message: string }): ClusterError {
  const words = `Cluster "${cluster}" ended a watch (${code})${message === '' ? '' : `: ${message}`}`;
  return new ClusterError('unavailable', words, { answer: { status: code, retryAfterMs: null, body: '' } });
}

const BEGUN = {
  phase: 'listing',
  hasListed: false,
  failing: null,
  lists: 0,
  watches: 0,
  lines: 0,
} as const;

function sentence(error: unknown): string {
  if (error instanceof PortError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
