import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from '../process.ts';

/** One reading of a folder by one program, a whole process. */
export interface Reading {
  readonly ms: number;
  /** Most memory that was resident at once, in MB of 10⁶ bytes; 0 where it was not measured. */
  readonly peakMB: number;
  /** Points that were kept, −1 where the program does not tell. */
  readonly points: number;
}

/** A program that reads event files. */
export interface Peer {
  readonly name: string;
  /** What it leaves out that we do not; empty for the same work. */
  readonly note: string;
  read(folder: string): Promise<Reading>;
}

/** Our bundled command line: every point, every CRC, the JSON document. */
export function ours(
  script: string,
): Peer & { readPeak(folder: string, peakFile: string): Promise<Reading> } {
  const read = async (folder: string, peakFile?: string): Promise<Reading> => {
    const args = ['read', folder, '--json'];
    const { ms, peakMB, stdout } = await measure({
      script,
      args,
      ...(peakFile === undefined ? {} : { peakFile }),
    });
    const { runs } = JSON.parse(stdout) as { runs: { tags: { count: number }[] }[] };
    const points = runs.flatMap(({ tags }) => tags).reduce((sum, { count }) => sum + count, 0);
    return { ms, peakMB, points };
  };
  return { name: 'tidemark read', note: '', read: (folder) => read(folder), readPeak: read };
}

/** What TensorBoard brings, from a virtual environment; fewer when it is not all there. */
export function tensorboardPeers(environment: string): Peer[] {
  const python = join(environment, 'bin/python');
  const ask = 'import tensorboard_data_server as server; print(server.server_binary())';
  const { status, stdout } = spawnSync(python, ['-c', ask], { encoding: 'utf8' });
  if (status !== 0) return [];
  const binary = stdout.trim();
  return [
    {
      name: 'data server, exact',
      note: 'no CRC of data',
      read: (folder) =>
        serve(binary, [...SERVER, '--samples-per-plugin', 'scalars=1000000000', '--logdir', folder]),
    },
    {
      name: 'data server, as shipped',
      note: '1,000 points a tag, no CRC of data',
      read: (folder) => serve(binary, [...SERVER, '--logdir', folder]),
    },
  ];
}

const SERVER = ['--port', '0', '--reload', 'once', '--verbose'];

/** Until the server says that all is loaded; it would then answer questions for ever. */
async function serve(binary: string, args: readonly string[]): Promise<Reading> {
  const started = performance.now();
  const child = spawn(binary, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const reading = await new Promise<Reading>((done, fail) => {
    child.on('error', fail);
    child.on('close', () => fail(new Error(`The data server ended: ${said.slice(-2000)}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (!said.includes('Finished load cycle')) return;
      const ms = performance.now() - started;
      const [, kB = '0'] = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      done({ ms, peakMB: (Number(kB) * 1024) / 1e6, points: -1 });
    });
  });
  child.removeAllListeners('close');
  child.kill('SIGKILL');
  await new Promise((gone) => child.on('close', gone));
  return reading;
}

const ACCUMULATE = `
import sys, os
from tensorboard.backend.event_processing import event_accumulator as ea
points = 0
for folder, _, names in os.walk(sys.argv[1]):
    if any('tfevents' in name for name in names):
        one = ea.EventAccumulator(folder, size_guidance={'scalars': 0, 'tensors': 0, 'images': 1}).Reload()
        tags = one.Tags()
        points += sum(len(one.Scalars(tag)) for tag in tags['scalars'])
        points += sum(len(one.Tensors(tag)) for tag in tags['tensors'])
print(points)
`;

/** TensorBoard's class that everybody scripts against, with nothing sampled and every CRC checked. */
export function accumulator(environment: string): Peer {
  const python = join(environment, 'bin/python');
  return {
    name: 'EventAccumulator',
    note: '',
    read: async (folder) => {
      const started = performance.now();
      const { status, stdout, stderr } = spawnSync(python, ['-c', ACCUMULATE, folder], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`EventAccumulator ended with ${status}: ${stderr.slice(-2000)}`);
      return { ms: performance.now() - started, peakMB: 0, points: Number(stdout) };
    },
  };
}
