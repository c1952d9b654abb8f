import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { shellEnvironment } from './command.ts';
import { ROOT } from './repository.ts';

/** The scheduled function in a process of its own, as the platform would run it. */
export interface FunctionProcess {
  readonly child: ChildProcess;
  /** Lines of its log, parsed. */
  readonly log: Record<string, unknown>[];
  /** What it wrote that was no JSON. */
  readonly noise: string[];
  /** Where it listens. */
  readonly port: number;
  /** Calls it as the scheduler does; the time is that of the schedule. */
  tick(scheduleTime?: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** Resolves when the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface FunctionOptions {
  /** The module that registers the function. */
  readonly module: string;
  /** Which of its functions; the tick unless it is said. */
  readonly name?: string;
  readonly cwd: string;
  /** Added to an environment without any of Tidemark's settings. */
  readonly env: Readonly<Record<string, string>>;
}

const SERVER = join(ROOT, 'test/function/server.ts');

/** Starts the function and waits until it answers. */
export async function startFunction({
  module,
  name = 'tick',
  cwd,
  env,
}: FunctionOptions): Promise<FunctionProcess> {
  const child = spawn(process.execPath, [SERVER, module, name], {
    cwd,
    env: { ...shellEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const log: Record<string, unknown>[] = [];
  const noise: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => noise.push(text));
  const port = await new Promise<number>((ready, fail) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, listening] = /^listening (\d+)$/.exec(line) ?? [];
      if (listening !== undefined) ready(Number(listening));
      else if (line.startsWith('{')) log.push(JSON.parse(line) as Record<string, unknown>);
      else noise.push(line);
    });
    void gone.then(() => fail(new Error(`The function did not start: ${noise.join('\n')}`)));
  });
  return {
    child,
    log,
    noise,
    port,
    tick: async (scheduleTime) => {
      const headers = scheduleTime === undefined ? {} : { 'X-CloudScheduler-ScheduleTime': scheduleTime };
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return gone;
    },
  };
}
