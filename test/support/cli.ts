import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { namedArguments } from '../../functions/cli/arguments.ts';
import { explain } from '../../functions/cli/explain.ts';
import type { Terminal } from '../../functions/cli/io.ts';
import { program } from '../../functions/cli/program.ts';
import { eventFile, tensorScalar } from './tfevents-writer.ts';

export const MAIN = fileURLToPath(new URL('../../functions/cli/main.ts', import.meta.url));
export const NIGHTLY = fileURLToPath(new URL('../../examples/nightly', import.meta.url));

/** What one call of the command line gave. */
export interface Answer {
  readonly status: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly uid?: number;
}

/** Nothing of the environment of the tests that would change an answer. */
const NEUTRAL = { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8', COLUMNS: '200' };

/** Runs the command line as its users do, as a process of its own. */
export function tidemark(args: readonly string[], given: Given = {}): Promise<Answer> {
  return start([process.execPath, MAIN, ...args], given);
}

/** Runs a program, for shells around the command line. */
export function start([command = '', ...args]: readonly string[], given: Given = {}): Promise<Answer> {
  const { cwd, env, uid } = given;
  const child = spawn(command, args, {
    env: { ...NEUTRAL, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ status: signal ?? code, stdout, stderr }));
  });
}

/** The same command line without a process of its own: for many calls where spawning is too slow. */
export async function inside(args: readonly string[], given: Pick<Given, 'env'> = {}): Promise<Answer> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    env: { ...given.env },
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    width: 200,
    color: false,
    interactive: false,
    hostname: 'host-a',
  };
  let status = 0;
  try {
    await program(terminal, (code) => {
      status = code;
    }).parseAsync(namedArguments(args), { from: 'user' });
  } catch (error) {
    status = explain(error, terminal);
  }
  return { status, stdout: out.join(''), stderr: err.join('') };
}

/** A folder of its own with a state in it, removed after the tests of the file. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'acceptance-'));
  readonly state = join(this.folder, 'state');
  private sent = 0;

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  write(name: string, content: string | Uint8Array): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  config(value: object): string {
    return this.write('tidemark.json', JSON.stringify(value));
  }

  /** Puts a message in the spool as a foreign publisher would; objects as JSON. */
  message(
    content: object | string | Uint8Array,
    name = `m${String(this.sent++).padStart(5, '0')}.json`,
  ): string {
    const raw = typeof content === 'string' || content instanceof Uint8Array;
    return this.write(join('state', 'spool', 'incoming', name), raw ? content : JSON.stringify(content));
  }

  /** A model folder whose tags have these values, one point a second, as TF2 writes them. */
  model(name: string, tags: Readonly<Record<string, readonly number[]>>): string {
    const records = Object.entries(tags).flatMap(([tag, values]) =>
      values.map((value, step) =>
        tensorScalar(tag, step, { value, wallTime: 1_785_549_600 + step, dtype: 'float64' }),
      ),
    );
    this.write(join(name, 'events.out.tfevents.1785549600.host-a.1.0'), eventFile(records));
    return this.path(name);
  }

  /** With this state and, when one was written, `tidemark.json`. */
  run(args: readonly string[], given: Pick<Given, 'env'> = {}): Promise<Answer> {
    return inside(this.args(args), given);
  }

  spawn(args: readonly string[], given: Given = {}): Promise<Answer> {
    return tidemark(this.args(args), { cwd: this.folder, ...given });
  }

  async query<Row = Record<string, unknown>>(sql: string): Promise<Row[]> {
    const answer = await this.run(['query', sql, '--format', 'json']);
    if (answer.status !== 0) throw new Error(answer.stderr);
    return JSON.parse(answer.stdout) as Row[];
  }

  /** Everything the two tables of results say, but when it was written. */
  async tables(): Promise<{ jobs: object[]; metrics: object[] }> {
    const without = ({ ingested_at: _, ...row }: Record<string, unknown>) => row;
    const jobs = await this.query('select * from job_history order by uuid');
    const metrics = await this.query('select * from metric_history order by uuid, metric_name');
    return { jobs: jobs.map(without), metrics: metrics.map(without) };
  }

  mails(): string[] {
    return this.list('state/mail').filter((name) => name.endsWith('.eml'));
  }

  list(folder: string): string[] {
    try {
      return readdirSync(this.path(folder)).sort();
    } catch {
      return [];
    }
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private args(args: readonly string[]): string[] {
    const config = this.list('.').includes('tidemark.json') ? ['--config', this.path('tidemark.json')] : [];
    return ['--state', this.state, ...config, ...args];
  }
}

/** To be called while a test file is collected. */
export function workspaces(): () => Workspace {
  const made: Workspace[] = [];
  afterAll(() => {
    for (const workspace of made) workspace.remove();
  });
  return () => {
    const workspace = new Workspace();
    made.push(workspace);
    return workspace;
  };
}

/** A `finished` event; `data` over the usual. */
export function finished(
  runId: string,
  data: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const { attempt = 1, finished_at = '2026-08-01T01:00:00Z' } = data;
  return {
    specversion: '1.0',
    type: 'io.tidemark.run.finished.v1',
    source: '//host-a/test',
    id: `${runId}/${attempt}/finished`,
    time: finished_at,
    data: { run_id: runId, test_name: 'mnist', outcome: 'success', finished_at, ...data },
  };
}

/** A `started` event; `data` over the usual. */
export function started(
  runId: string,
  data: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const { attempt = 1, started_at = '2026-08-01T00:50:00Z' } = data;
  return {
    specversion: '1.0',
    type: 'io.tidemark.run.started.v1',
    source: '//host-a/test',
    id: `${runId}/${attempt}/started`,
    time: started_at,
    data: { run_id: runId, test_name: 'mnist', started_at, ...data },
  };
}
