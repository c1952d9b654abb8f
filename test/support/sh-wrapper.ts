import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'vitest';
import { findProgram } from '../../scripts/cloud/tools.ts';
import type { WrapperKind, WrapperRequest } from '../contracts/wrapper.ts';
import { inGroup } from './memory-group.ts';
import { notRun } from './not-run.ts';
import { ROOT } from './repository.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const WRAPPER = join(ROOT, 'publisher/tidemark-run.sh');

/** A shell with the programs that an image around it has. */
export interface Shell {
  readonly name: string;
  /** The words that start it. */
  readonly words: readonly [string, ...string[]];
  readonly path: string;
}

/**
 * The shells that images have: dash with curl as in Debian's, bash with wget, and busybox with nothing but itself as
 * in Alpine's. Null where this machine has no such shell.
 */
export function findShell(name: 'dash' | 'bash' | 'busybox'): Shell | null {
  const program = findProgram(name);
  if (program === null) return null;
  if (name === 'dash') return { name, words: [program], path: process.env.PATH ?? '' };
  const folder = temporaryFolder();
  if (name === 'busybox') {
    execFileSync(program, ['--install', '-s', folder]);
    return { name, words: [program, 'sh'], path: folder };
  }
  return { name, words: [program], path: onlyWget(folder) };
}

/** The programs of this machine without curl, so that wget has to do. */
function onlyWget(folder: string): string {
  const names = [
    'wget',
    'sh',
    'cat',
    'mv',
    'rm',
    'mkdir',
    'sed',
    'tr',
    'od',
    'cut',
    'date',
    'base64',
    'sleep',
    'env',
    'true',
  ];
  for (const name of [...names, 'setsid', 'timeout', 'uname']) {
    const program = findProgram(name);
    if (program !== null) symlinkSync(program, join(folder, name));
  }
  return folder;
}

/** Runs the body with the shell, or leaves a skipped test that says so; in CI a shell that is missing is a failure. */
export function withShell(name: 'dash' | 'bash' | 'busybox', body: (shell: Shell) => void): void {
  const shell = findShell(name);
  const title = `tidemark-run under ${name}`;
  if (shell !== null) body(shell);
  else if (process.env.CI !== 'true') notRun(title, `this machine has no ${name}`);
  else {
    test(title, () => {
      throw new Error(`install ${name}`);
    });
  }
}

/** The wrapper under a shell. */
export function shellWrapper(shell: Shell): WrapperKind {
  // What cannot set aside that INT is ignored sends TERM in its place.
  const deaf = shell.name === 'busybox' ? { SIGINT: 'TERM', SIGQUIT: 'TERM' } : {};
  return { unit: 1_000, arrivesAs: deaf, start: (request) => startShell(shell, request) };
}

/** `google`: what the environment given besides says. */
export interface ShellRequest extends Omit<WrapperRequest, 'queue'> {
  readonly queue: WrapperRequest['queue'] | 'google';
}

/** Starts `tidemark-run` with more environment and other flags than those of the request. */
export function startShell(
  shell: Shell,
  request: ShellRequest,
  more: { readonly env?: Readonly<Record<string, string>>; readonly flags?: readonly string[] } = {},
): ChildProcess {
  const { state, command, queue, timeout, grace, heartbeat, publishWait, group } = request;
  const flag = (name: string, ms?: number) => (ms === undefined ? [] : [name, `${Math.ceil(ms / 1000)}s`]);
  const flags = [
    ...['--test-name', 'mnist', '--run-id', 'run-1'],
    ...[...flag('--timeout', timeout), ...flag('--grace', grace), ...flag('--heartbeat', heartbeat)],
    ...(more.flags ?? []),
  ];
  const wait =
    publishWait === undefined ? {} : { TIDEMARK_PUBLISH_WAIT: String(Math.ceil(publishWait / 1000)) };
  const env = { PATH: shell.path, D: state, HOSTNAME: 'box', TIDEMARK_STATE: state, ...wait, ...more.env };
  const [program = '', ...args] = inGroup(group, [...shell.words, WRAPPER, ...flags, '--', ...command]);
  return spawn(program, args, { env: { ...env, ...queueEnv(queue, state) } });
}

let silent: number | undefined;
const server = createServer(() => {});
// It must not hold the process of the tests.
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  silent = typeof address === 'object' ? address?.port : undefined;
});
server.unref();

function queueEnv(queue: ShellRequest['queue'], state: string): Record<string, string> {
  if (queue === 'google') return {};
  if (queue === 'spool') return { TIDEMARK_QUEUE: `spool:${join(state, 'spool')}` };
  const port = queue === 'throws' ? 1 : silent;
  return { TIDEMARK_QUEUE: 'pubsub://p1/topic', PUBSUB_EMULATOR_HOST: `127.0.0.1:${port}` };
}
