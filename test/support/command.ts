import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

export interface Finished {
  /** Exit code, null when a signal or the time limit ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams in the order they arrived. */
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd: string;
  /** Replaces the environment; by default that of the tests without npm's own variables. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** The environment a person's shell would have: npm's variables gone, folders in front of the PATH. */
export function shellEnvironment(...folders: readonly string[]): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|TIDEMARK_|VITEST|NODE_ENV|NODE_OPTIONS|FORCE_COLOR)/i.test(name),
  );
  const path = [...folders, dirname(process.execPath), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, NO_COLOR: '1' };
}

/** Runs a program to its end, with its standard input closed after `input`. */
export function run(command: readonly [string, ...string[]], options: CommandOptions): Promise<Finished> {
  const [program, ...rest] = command;
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: options.env ?? shellEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 120_000,
  });
  const seen = { stdout: '', stderr: '', output: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      seen[stream] += text;
      seen.output += text;
    });
  }
  // A program that ends without reading its input is no failure.
  child.stdin.on('error', () => {}).end(options.input ?? '');
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, ...seen }));
  });
}
