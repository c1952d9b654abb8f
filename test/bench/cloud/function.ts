import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { shellEnvironment } from '../../support/command.ts';
import { ROOT } from '../../support/repository.ts';

/** What is started: a module that registers the function `tick`, or a whole program that serves by itself. */
export type Served = { readonly module: string } | { readonly program: string };

/** A process that answers HTTP. */
export interface Serving {
  /** Calls it as the scheduler does. */
  call(): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** Most memory that was resident at once so far, in MB of 10⁶ bytes; NaN where the system does not tell. */
  peakMB(): number;
  /** Processor time so far, seconds; NaN where the system does not tell. */
  cpuSeconds(): number;
  /** Lines that it logged as warnings or errors, and everything that was no JSON. */
  readonly complaints: string[];
  stop(): Promise<void>;
}

/** JavaScript, so that a bundle is not measured with what strips types; loopback only, unlike the framework's own. */
const SERVER = `
  import { pathToFileURL } from 'node:url';
  import { getTestServer } from '@google-cloud/functions-framework/testing';
  await import(pathToFileURL(process.argv[1]).href);
  const server = getTestServer('tick');
  server.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port));
`;

/** Starts it and waits until it listens. Throws with what it said when it ends before. */
export async function serve(served: Served, env: Readonly<Record<string, string>>): Promise<Serving> {
  const code = 'program' in served ? served.program : SERVER;
  const words = 'module' in served ? [served.module] : [];
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, ...words], {
    // Where the framework is found.
    cwd: ROOT,
    env: { ...shellEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const complaints: string[] = [];
  const port = await listening(child, { gone, complaints });
  return {
    complaints,
    async call() {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST' });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    peakMB: () => peakOf(child.pid!),
    cpuSeconds: () => cpuOf(child.pid!),
    stop() {
      child.kill('SIGKILL');
      return gone;
    },
  };
}

function listening(
  child: ChildProcess,
  { gone, complaints }: { gone: Promise<void>; complaints: string[] },
): Promise<number> {
  child.stderr!.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  return new Promise((ready, fail) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const [, port] = /^listening (\d+)$/.exec(line) ?? [];
      if (port !== undefined) ready(Number(port));
      else if (!line.startsWith('{"') || /"severity":"(?!INFO)/.test(line)) complaints.push(line);
    });
    void gone.then(() => fail(new Error(`The function did not start: ${complaints.join('\n')}`)));
  });
}

function peakOf(pid: number): number {
  try {
    const [, kB = 'NaN'] = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return (Number(kB) * 1024) / 1e6;
  } catch {
    return Number.NaN;
  }
}

/** Ticks a second in which Linux counts processor time for programs, whatever the machine. */
const CLOCK_TICKS = 100;

function cpuOf(pid: number): number {
  try {
    // Behind the name, which may hold anything: state is the first field, user and system time are the 12th and 13th.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
  } catch {
    return Number.NaN;
  }
}

/** The function from its sources. */
export const SOURCES = join(ROOT, 'functions/main.ts');

/** Builds the function and copies it, so that nobody builds under a measurement. Answers with its module. */
export function bundledFunction(): { readonly module: string; remove(): void } {
  const script = join(ROOT, 'scripts/build-function.ts');
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', cwd: ROOT });
  if (status !== 0) throw new Error(`Cannot build the function: ${stderr}`);
  // Under node_modules, since it looks for the framework from where it lies.
  const folder = join(ROOT, 'node_modules/.cache', `tidemark-bench-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, 'build/function'), folder, { recursive: true });
  return { module: join(folder, 'index.js'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
