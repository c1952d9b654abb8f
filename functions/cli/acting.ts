import { userInfo } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { parseDuration } from '../../shared/core/time.ts';
import { PortError } from '../../shared/ports/error.ts';
import type { History } from '../../shared/ports/history.ts';
import type { HeldLease } from '../../shared/ports/lease.ts';
import { isEmbedded, openHistory, openLease } from '../adapters.ts';
import type { GlobalFlags, Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { type Terminal, terminalLog } from './io.ts';
import { begin } from './open-ports.ts';

/** Flags of what people do about episodes. */
export interface ActingFlags {
  readonly by?: string;
  readonly note?: string;
  readonly for?: string;
}

/** What a command that changes something for a person works with. */
export interface Acting {
  readonly setup: Setup;
  readonly history: History;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly actor: string;
  readonly note: string | null;
}

const TRIES = 60;
const PAUSE_MS = 500;

/** Holds the lease while the work is done; a tick that is at work is waited for, half a minute long. */
export async function acting<T>(
  flags: ActingFlags & GlobalFlags,
  terminal: Terminal,
  work: (given: Acting) => Promise<T>,
): Promise<T> {
  const { setup, clock } = await begin(flags, terminal);
  const actor = actorOf(flags, terminal);
  const held = await acquired(setup, terminal);
  try {
    // Who writes has to finish first what a pass that died has begun; a file that is not there is not made.
    const create = !isEmbedded(setup.history);
    const history = await openHistory(setup.history, { create, env: terminal.env });
    try {
      return await work({ setup, history, now: clock.now(), actor, note: flags.note?.trim() || null });
    } finally {
      await history.close();
    }
  } finally {
    await held.release();
  }
}

async function acquired(setup: Setup, terminal: Terminal): Promise<HeldLease> {
  const lease = await openLease(setup, { env: terminal.env, log: terminalLog(terminal) });
  for (let left = TRIES; left > 0; left--) {
    const held = await lease.acquire();
    if (held !== null) return held;
    await wait(PAUSE_MS);
  }
  throw new PortError('busy', 'A tick is at work on this state; try again when it is done');
}

/** Who does it: as it is said, else whoever is logged in. */
function actorOf({ by }: ActingFlags, { env }: Terminal): string {
  const named = by ?? env.USER ?? env.LOGNAME ?? loggedIn();
  if (named.trim() === '') throw new UsageError('Cannot tell who does this: say it with --by NAME');
  return named.trim();
}

function loggedIn(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

const LEAST_MS = 60_000;

/** How long something is to last, in milliseconds. */
export function lasting(text: string, { most }: { readonly most: number }): number {
  // A bare number would be seconds, and nobody who writes 7 means those.
  const ms = /[a-z]$/.test(text.trim()) ? parseDuration(text) : null;
  if (ms === null || ms < LEAST_MS)
    throw new UsageError(`Cannot read --for "${text}": write 12h, 7d or 1h30m, a minute at least`);
  if (ms > most) {
    throw new UsageError(
      `Cannot take --for "${text}": at most ${Math.floor(most / 86_400_000)}d, so that nothing is quiet for good`,
    );
  }
  return ms;
}
