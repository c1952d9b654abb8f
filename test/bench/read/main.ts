// Measures `tidemark read` against TensorBoard's readers: whole processes, turn about, on files it makes itself.
// `npm run bench -- read --venv FOLDER --repeat 7`, `--points 2400000`, `--only tf1`, `--tiny`. FOLDER is a virtual
// environment with `tensorboard` and `tensorboard-data-server`; without one only our own figures are printed.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundledCommandLine } from '../bundle.ts';
import { renderMarkdown } from '../markdown.ts';
import { measure } from '../process.ts';
import { median } from '../table.ts';
import { KINDS, type ReadSizes } from './files.ts';
import { accumulator, ours, type Peer, type Reading, tensorboardPeers } from './peers.ts';

const FULL: ReadSizes = { points: 2_400_000, images: 600, imageBytes: 200_000, manyRuns: 2000 };
const TINY: ReadSizes = { points: 4000, images: 4, imageBytes: 30_000, manyRuns: 4 };
/** What the accumulator reads in minutes is cut to this share, and its time multiplied. */
const SLOW_SHARE = 20;

/** Goals: times as fast as the data server made exact, and as shipped. */
const GOALS: Readonly<Record<string, readonly [exact: number, shipped: number]>> = {
  tf1: [14, 5],
  tf2: [22, 8],
  eight: [12, 5],
  blobs: [2, 1.4],
  many: [1.3, 1.3],
};

interface Options {
  readonly sizes: ReadSizes;
  readonly repeat: number;
  readonly only: readonly string[];
  readonly venv: string | undefined;
}

function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      venv: { type: 'string' },
      repeat: { type: 'string', default: '7' },
      points: { type: 'string' },
      only: { type: 'string', multiple: true },
      tiny: { type: 'boolean', default: false },
    },
  });
  const sizes = values.tiny ? TINY : FULL;
  const points = Number(values.points ?? sizes.points);
  const repeat = values.tiny ? 1 : Number(values.repeat);
  for (const number of [points, repeat])
    if (!Number.isInteger(number) || number < 1)
      throw new Error('Wanted whole numbers above 0 for --points and --repeat');
  const only = values.only ?? Object.keys(KINDS);
  const strange = only.find((kind) => !Object.hasOwn(KINDS, kind));
  if (strange !== undefined)
    throw new Error(`Cannot measure "${strange}": wanted one of ${Object.keys(KINDS).join(', ')}`);
  return { sizes: { ...sizes, points }, repeat, only, venv: values.venv };
}

/** All that is measured of one kind of folder. */
interface Measured {
  readonly kind: string;
  readonly bytes: number;
  readonly points: number;
  readonly peakMB: number;
  readonly peers: readonly {
    readonly name: string;
    readonly ms: number;
    readonly peakMB: number;
    readonly factor: number;
  }[];
  readonly ms: number;
  readonly low: number;
  readonly high: number;
}

/** Prints two tables: ours by itself, and how many times as long the others take. */
export async function readBench(argv: readonly string[]): Promise<void> {
  const { sizes, repeat, only, venv } = readOptions(argv);
  const top = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    const script = bundledCommandLine(join(top, 'dist'));
    const peers = venv === undefined ? [] : tensorboardPeers(venv);
    if (peers.length === 0) tell('no data server: give --venv FOLDER to measure it too');
    const all: Measured[] = [];
    for (const kind of only) {
      const folder = join(top, kind);
      mkdirSync(folder);
      KINDS[kind]!(folder, sizes);
      const measured = await measureKind({ kind, folder, script, repeat, peers });
      const slow = venv === undefined || peers.length === 0 ? [] : [await slowly(kind, { top, sizes, venv })];
      all.push({
        ...measured,
        peers: [...measured.peers, ...slow.map((one) => ({ ...one, factor: one.ms / measured.ms }))],
      });
      tell(`${kind}: ${measured.ms.toFixed(0)} ms`);
      rmSync(folder, { recursive: true });
    }
    const empty = await emptyStart(repeat);
    process.stdout.write(`${ownTable(all)}\n\n`);
    if (peers.length > 0) process.stdout.write(`${peerTable(all)}\n\n`);
    const load = loadavg()
      .map((one) => one.toFixed(1))
      .join(', ');
    process.stdout.write(
      `Empty start of Node ${process.versions.node}: ${empty.toFixed(0)} ms. Load average at the end: ${load}.\n`,
    );
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

interface Task {
  readonly kind: string;
  readonly folder: string;
  readonly script: string;
  readonly repeat: number;
  readonly peers: readonly Peer[];
}

/** Turn about, so that what else the machine does strikes all alike. */
async function measureKind({ kind, folder, script, repeat, peers }: Task): Promise<Measured> {
  const own = ours(script);
  const [mine, theirs]: [Reading[], Reading[][]] = [[], peers.map(() => [])];
  // Once for the caches of files and of compiled code.
  const { peakMB, points } = await own.readPeak(folder, join(folder, '../peak'));
  if (points === 0) throw new Error(`Nothing was read of ${kind}`);
  for (let turn = 0; turn < repeat; turn++) {
    mine.push(await own.read(folder));
    for (const [at, peer] of peers.entries()) theirs[at]!.push(await peer.read(folder));
  }
  const times = mine.map(({ ms }) => ms);
  const ms = median(times);
  return {
    kind,
    bytes: sizeOf(folder),
    points,
    peakMB,
    ms,
    low: Math.min(...times),
    high: Math.max(...times),
    peers: peers.map(({ name }, at) => ({
      name,
      ms: median(theirs[at]!.map((one) => one.ms)),
      peakMB: Math.max(...theirs[at]!.map((one) => one.peakMB)),
      // Of each pair by itself: a busy second is then in both.
      factor: median(theirs[at]!.map((one, turn) => one.ms / mine[turn]!.ms)),
    })),
  };
}

/** The accumulator on a share of the points; its time for all of them, as it takes so long for each. */
async function slowly(kind: string, { top, sizes, venv }: { top: string; sizes: ReadSizes; venv: string }) {
  const peer = accumulator(venv);
  const share = kind === 'small' || sizes.points <= TINY.points ? 1 : SLOW_SHARE;
  const folder = join(top, `${kind}-share`);
  mkdirSync(folder);
  const { points, images, imageBytes, manyRuns } = sizes;
  const part = { points: points / share, images: images / share, imageBytes, manyRuns: manyRuns / share };
  KINDS[kind]!(folder, part);
  const { ms } = await peer.read(folder);
  mkdirSync(join(folder, 'none'));
  const { ms: start } = await peer.read(join(folder, 'none'));
  rmSync(folder, { recursive: true });
  return { name: peer.name, ms: start + (ms - start) * share, peakMB: 0 };
}

async function emptyStart(repeat: number): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < repeat; turn++) times.push((await measure({ script: '-e', args: ['0'] })).ms);
  return median(times);
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function ownTable(all: readonly Measured[]): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  return renderMarkdown(
    [
      { title: 'tidemark read --json' },
      ...['MB', 'Points', 'ms', 'Lowest to highest', 'MB/s', 'Points/ms', 'Peak MB'].map(right),
    ],
    all.map(({ kind, bytes, points, ms, low, high, peakMB }) => [
      kind,
      (bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 0),
      String(points),
      ms.toFixed(0),
      `${low.toFixed(0)} to ${high.toFixed(0)}`,
      (bytes / 1000 / ms).toFixed(bytes < 1e6 ? 1 : 0),
      (points / ms).toFixed(0),
      peakMB.toFixed(0),
    ]),
  );
}

function peerTable(all: readonly Measured[]): string {
  const names = all[0]!.peers.map(({ name }) => name);
  const columns = names.flatMap((name) => [`${name}, ms`, 'times', 'goal', 'MB']);
  const rows = all.map(({ kind, peers }) => [
    kind,
    ...peers.flatMap(({ ms, factor, peakMB }, at) => [
      ms.toFixed(0),
      factor.toFixed(1),
      at < 2 ? String(GOALS[kind]?.[at] ?? '') : kind === 'many' || kind === 'small' ? '' : '150',
      peakMB === 0 ? '' : peakMB.toFixed(0),
    ]),
  ]);
  return renderMarkdown(
    [{ title: 'Against' }, ...columns.map((title) => ({ title, align: 'right' as const }))],
    rows,
  );
}
