import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One process from its start to its end. */
export interface Measured {
  /** Wall time from before the start until the process is gone. */
  readonly ms: number;
  /** Most memory that was resident at once, in MB of 10⁶ bytes. */
  readonly peakMB: number;
  readonly stdout: string;
}

export interface Command {
  readonly script: string;
  readonly args: readonly string[];
  /** Exit codes that are right. */
  readonly codes?: readonly number[];
  /** Where the process leaves its peak memory; without it none is measured and nothing is preloaded. */
  readonly peakFile?: string;
}

/**
 * Runs in the measured process at its very end. VmHWM and not `resourceUsage().maxRSS`: the kernel starts the
 * latter at what the parent held when it forked.
 */
const LEAVE_PEAK = `data:text/javascript,${encodeURIComponent(`
  import { readFileSync, writeFileSync } from 'node:fs';
  process.on('exit', () => {
    let kB = process.resourceUsage().maxRSS;
    try { kB = Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]); } catch {}
    writeFileSync(process.env.BENCH_PEAK_FILE, String(kB * 1024));
  });
`)}`;

/** Runs a script in a Node of its own. Throws with what it said when it ends otherwise than it should. */
export async function measure({ script, args, codes = [0], peakFile }: Command): Promise<Measured> {
  const preload = peakFile === undefined ? [] : ['--import', LEAVE_PEAK];
  const env = peakFile === undefined ? process.env : { ...process.env, BENCH_PEAK_FILE: peakFile };
  const started = performance.now();
  const child = spawn(process.execPath, [...preload, script, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  const code = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  const ms = performance.now() - started;
  if (code === null || !codes.includes(code)) {
    throw new Error(`${args.join(' ')} ended with ${code}: ${said.stderr.slice(-2000)}`);
  }
  const peakMB = peakFile === undefined ? 0 : Number(readFileSync(peakFile, 'utf8')) / 1e6;
  return { ms, peakMB, stdout: said.stdout };
}
