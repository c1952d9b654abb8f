import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export type Command = readonly [string, ...string[]];

export interface SpawnOptions {
  /** File that both output streams are appended to; `inherit` gives them to the terminal. */
  readonly log: string | 'inherit';
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process that goes on until it is stopped. */
export interface Server {
  /** Aborted when it has ended, wanted or not. */
  readonly ended: AbortSignal;
  stop(): Promise<void>;
}

/** All processes of one run of the cloud tests; none of them outlives it. */
export interface Children {
  /** Runs a program to its end and gives its exit code, null when a signal ended it. */
  run(command: Command, options: SpawnOptions): Promise<number | null>;
  serve(command: Command, options: SpawnOptions): Server;
  /** Ends every process, and refuses new ones from now on. */
  stop(): Promise<void>;
}

/** Seconds that a process has after SIGTERM, and its group after this process was killed. */
const GRACE = 10;

// Each child leads a process group, so that what it starts can be ended with it, and Ctrl-C reaches this
// process alone, which then ends them in order. Should this process be killed outright, the watchdog sees
// its standard input end and ends the groups it was last told of.
const WATCHDOG = `
while read -r line; do groups=$line; done
[ -z "$groups" ] && exit
kill -s TERM -- $groups
sleep ${GRACE}
kill -s KILL -- $groups`;

/** Starts with no process but the watchdog. */
export function startChildren(): Children {
  const alive = new Map<number, Server>();
  let isStopping = false;
  const watchdog = spawn('sh', ['-c', WATCHDOG], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // Nothing can be told to a watchdog that could not start or is gone; the run is no worse for it.
  watchdog.on('error', () => {});
  watchdog.stdin.on('error', () => {});
  const tell = () => watchdog.stdin.write(`${[...alive.keys()].map((pid) => -pid).join(' ')}\n`);

  function start(command: Command, options: SpawnOptions): { child: ChildProcess; server: Server } {
    if (isStopping) throw new Error(`Cannot start ${command[0]}: the run was interrupted`);
    const child = spawnLogged(command, options);
    const ended = new AbortController();
    const gone = new Promise<void>((resolve) => {
      const end = () => {
        if (child.pid !== undefined) alive.delete(child.pid);
        tell();
        ended.abort();
        resolve();
      };
      child.once('error', end);
      child.once('exit', end);
    });
    const server = { ended: ended.signal, stop: () => endGroup(child, gone) };
    if (child.pid !== undefined) alive.set(child.pid, server);
    tell();
    return { child, server };
  }

  return {
    serve: (command, options) => start(command, options).server,
    run(command, options) {
      const { child } = start(command, options);
      return new Promise((resolve, reject) => {
        child.once('error', (error) => reject(new Error(`Cannot start ${command[0]}: ${error.message}`)));
        child.once('exit', (code) => resolve(code));
      });
    },
    async stop() {
      isStopping = true;
      await Promise.all([...alive.values()].map((server) => server.stop()));
      watchdog.stdin.end('\n');
    },
  };
}

function spawnLogged([program, ...rest]: Command, options: SpawnOptions): ChildProcess {
  const out = options.log === 'inherit' ? 'inherit' : openSync(options.log, 'a');
  try {
    return spawn(program, rest, {
      detached: true,
      stdio: ['ignore', out, out],
      env: { ...process.env, ...options.environment },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
  } finally {
    if (typeof out === 'number') closeSync(out);
  }
}

async function endGroup(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (child.pid === undefined) return;
  signalGroup(child.pid, 'SIGTERM');
  const patience = new AbortController();
  const isGone = gone.then(() => true);
  const tired = sleep(GRACE * 1000, false, { signal: patience.signal }).catch(() => true);
  if (!(await Promise.race([isGone, tired]))) signalGroup(child.pid, 'SIGKILL');
  await gone;
  patience.abort();
  // What the child had started and left behind.
  signalGroup(child.pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The last lines of a log, for the person who has to find out what went wrong. */
export function logTail(log: string, lines = 15): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
