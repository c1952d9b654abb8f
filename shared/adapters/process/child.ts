import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { oomKills } from './oom-kills.ts';

const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** Those of the forwarded signals by which a person or a scheduler ends a job. */
const STOPPING: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);
/** Longest time a timer of Node can hold, in milliseconds; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
const POLL_MS = 20;
/** Of a command that was killed, or of a shell whose last command was. */
const KILLED = 128 + constants.signals.SIGKILL;
/** A killed process that stays: a zombie nobody reaps, or one that hangs inside the kernel. */
const KILL_PATIENCE_MS = 2_000;

export type HowEnded =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | {
      readonly kind: 'not-started';
      readonly reason: 'not-found' | 'not-executable';
      readonly message: string;
    };

export interface ChildEnd {
  readonly how: HowEnded;
  /** What a shell would say of it: the code, 128 + signal, 126, 127; 124 after the timeout. */
  readonly status: number;
  readonly timedOut: boolean;
  /** The first signal by which we were told to stop while it ran. */
  readonly stoppedBy: NodeJS.Signals | null;
  /** The kernel killed it, or what it waited for, for want of memory. */
  readonly outOfMemory: boolean;
}

export interface SuperviseOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; none when absent. */
  readonly timeout?: number | undefined;
  /** Milliseconds between TERM and KILL after the timeout. */
  readonly grace: number;
  readonly onTimeout?: () => void;
}

export interface Supervised {
  readonly ended: Promise<ChildEnd>;
  /** Gives the signals back. Until then they do not end this process, so that the end can be told. */
  release(): void;
}

/**
 * Runs a command in a process group of its own with our standard streams, and forwards signals to the whole
 * group. After the timeout no member of the group is left. Never rejects: a command that cannot be started
 * has ended too.
 */
export function superviseChild(command: readonly string[], options: SuperviseOptions): Supervised {
  let group: number | undefined;
  let stoppedBy: NodeJS.Signals | null = null;
  const forward = (signal: NodeJS.Signals) => {
    if (STOPPING.has(signal)) stoppedBy ??= signal;
    if (group !== undefined) signalGroup(group, signal);
  };
  // Before spawning: a signal that comes in between must find the child, not end us and leave it behind.
  for (const signal of FORWARDED) process.on(signal, forward);

  const killsBefore = oomKills();
  const { child, how } = start(command, options.env);
  group = child?.pid;

  return { ended: supervise(), release };

  async function supervise(): Promise<ChildEnd> {
    let ending: Promise<void> | undefined;
    const cancelTimer = after(options.timeout, () => {
      if (group === undefined) return;
      options.onTimeout?.();
      ending = endGroup(group, options.grace);
    });
    const ended = await how;
    cancelTimer();
    await ending;
    const timedOut = ending !== undefined;
    const status = timedOut ? 124 : statusOf(ended);
    const wasKilled = status === KILLED && !timedOut && stoppedBy === null;
    const outOfMemory = wasKilled && (oomKills() ?? 0) > (killsBefore ?? Number.POSITIVE_INFINITY);
    const end = { how: ended, status, timedOut, stoppedBy, outOfMemory };
    group = undefined; // the number may soon belong to others
    return end;
  }

  function release(): void {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}

function start(command: readonly string[], env: SuperviseOptions['env']) {
  const [file = '', ...args] = command;
  let child: ChildProcess | undefined;
  try {
    child = spawn(file, args, { stdio: 'inherit', detached: true, env: { ...env } });
  } catch (error) {
    return { child, how: Promise.resolve(notStarted(file, error)) }; // an empty name, a NUL byte
  }
  const running = child;
  const how = new Promise<HowEnded>((resolve) => {
    running.once('error', (error) => {
      if (running.pid === undefined) resolve(notStarted(file, error));
    });
    running.once('exit', (code, signal) => {
      resolve(signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal });
    });
  });
  return { child, how };
}

function notStarted(file: string, error: unknown): HowEnded {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why = error instanceof Error ? error.message : String(error);
  if (code === 'ENOENT' || file === '') {
    return { kind: 'not-started', reason: 'not-found', message: `Cannot start "${file}": command not found` };
  }
  const said = code === 'EACCES' ? 'permission denied' : why;
  return { kind: 'not-started', reason: 'not-executable', message: `Cannot start "${file}": ${said}` };
}

function statusOf(how: HowEnded): number {
  if (how.kind === 'exit') return how.code;
  if (how.kind === 'signal') return 128 + constants.signals[how.signal];
  return how.reason === 'not-found' ? 127 : 126;
}

/** TERM to the group; when the grace is over, KILL until nobody is left. */
async function endGroup(group: number, grace: number): Promise<void> {
  signalGroup(group, 'SIGTERM');
  signalGroup(group, 'SIGCONT'); // a stopped process cannot see the TERM
  const graceEnds = performance.now() + grace;
  while (performance.now() < graceEnds) {
    if (!signalGroup(group, 0)) return;
    await sleep(POLL_MS);
  }
  const patienceEnds = performance.now() + KILL_PATIENCE_MS;
  while (signalGroup(group, 'SIGKILL') && performance.now() < patienceEnds) await sleep(POLL_MS);
}

/** False when the group has no member left. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Calls `act` after that many milliseconds, however many; answers with what cancels it. */
function after(ms: number | undefined, act: () => void): () => void {
  if (ms === undefined) return () => {};
  let timer: NodeJS.Timeout;
  const arm = (left: number) => {
    const part = Math.min(left, LONGEST_TIMER);
    timer = setTimeout(() => (left > part ? arm(left - part) : act()), part);
  };
  arm(ms);
  return () => clearTimeout(timer);
}
