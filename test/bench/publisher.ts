// `npm run bench -- publisher [--starts N] [--tiny]`: the init container from its start until the message is published,
// and what its image holds, beside the original's tool. Pub/Sub is the stand-in that PUBSUB_EMULATOR_HOST names (`npm
// run test:cloud -- --serve --only pubsub` prints it), else a server of this process that answers at once.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { findProgram } from '../../scripts/cloud/tools.ts';
import { assembleRoot, buildPublisher, bytesUnder } from '../support/publisher-image.ts';
import { measure } from './process.ts';
import { type Figure, figureTable } from './table.ts';

const TOPIC = '/v1/projects/p1/topics/metrics-written';
const ENV = {
  PROJECT: 'p1',
  METRIC_CONFIG: '{"test_name":"mnist"}',
  MODEL_DIR: 'gs://bucket/mnist-1',
  JOB_NAME: 'mnist-1',
  POD_NAMESPACE: 'automated',
  CLUSTER: 'tutorial-cluster',
  JOB_UID: 'u-1',
};

/** Measures and prints a Markdown table. */
export async function publisherBench(argv: readonly string[]): Promise<void> {
  const options = {
    starts: { type: 'string', default: '15' },
    tiny: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: [...argv], options });
  const starts = values.tiny ? 2 : Number(values.starts);
  if (!Number.isInteger(starts) || starts < 1) {
    throw new Error(`Cannot read --starts "${values.starts}": wanted a whole number above 0`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const { host, kind, close } = await pubSub();
  try {
    Object.assign(process.env, ENV, { PUBSUB_EMULATOR_HOST: host });
    const bundle = buildPublisher();
    const script = join(bundle, 'main.js');
    const figures: Figure[] = [
      await publishedFigure(`publisher, start to published, beside ${kind}`, { script, starts }),
      await times('the same until it is gone', starts, { script }),
      await times('node -e 0, for comparison', starts, { script: '-e', args: ['0'] }),
      megabytes('bundle and wrapper', bytesUnder(bundle)),
    ];
    if (findProgram('ldd')) {
      figures.push(megabytes('files of the image, unpacked', bytesUnder(assembleRoot(folder, bundle))));
      if (!values.tiny)
        figures.push(megabytes('its layer, compressed by gzip', packedBytes(join(folder, 'rootfs'))));
    }
    if (!values.tiny) figures.push(...original(starts));
    process.stderr.write(`load average ${loadavg().map((one) => one.toFixed(1))[0]}\n`);
    process.stdout.write(`${figureTable(figures)}\n`);
  } finally {
    close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Started {
  readonly script: string;
  readonly args?: readonly string[];
}

async function times(
  name: string,
  starts: number,
  { script, args = ['--strict'] }: Started,
): Promise<Figure> {
  const samples: number[] = [];
  for (let n = 0; n < starts; n++) samples.push((await measure({ script, args })).ms);
  return { name, unit: 'ms', samples };
}

/** From before the start until the message's id is printed; what is checked and told comes after that. */
async function publishedFigure(name: string, about: { script: string; starts: number }): Promise<Figure> {
  const samples: number[] = [];
  for (let n = 0; n < about.starts; n++) {
    const begun = performance.now();
    const child = spawn(process.execPath, [about.script, '--strict'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.once('data', () => samples.push(performance.now() - begun));
    const code = await new Promise<number | null>((done) => child.on('close', done));
    if (code !== 0) throw new Error(`the publisher ended with ${code}`);
  }
  return { name, unit: 'ms', samples, target: { kind: 'below', value: 500 } };
}

function megabytes(name: string, bytes: number): Figure {
  return { name, unit: 'MB', samples: [bytes / 1e6] };
}

function packedBytes(root: string): number {
  const pipe = spawnSync('sh', ['-c', 'tar -C "$1" -cf - . | gzip | wc -c', 'sh', root], {
    encoding: 'utf8',
  });
  return Number(pipe.stdout);
}

/** What the original's publisher starts, where this machine has it. */
function original(starts: number): Figure[] {
  const gcloud = findProgram('gcloud');
  if (gcloud === null) return [];
  const samples = Array.from({ length: starts }, () => {
    const begun = performance.now();
    execFileSync(gcloud, ['pubsub', 'topics', 'publish', '--help'], { stdio: 'ignore' });
    return performance.now() - begun;
  });
  const sdk = dirname(dirname(realpathSync(gcloud)));
  const size = Number(execFileSync('du', ['-sk', sdk], { encoding: 'utf8' }).split('\t')[0]) * 1024;
  return [
    { name: 'gcloud pubsub topics publish --help, which publishes nothing', unit: 'ms', samples },
    megabytes('Cloud SDK of this machine', size),
  ];
}

async function pubSub() {
  const given = process.env.PUBSUB_EMULATOR_HOST;
  if (given) {
    await fetch(`http://${given}${TOPIC}`, { method: 'PUT' });
    return { host: given, kind: 'a stand-in', close: () => {} };
  }
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('{"messageIds":["1"]}'));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    host: `127.0.0.1:${port}`,
    kind: 'a server that answers at once',
    close: () => void server.close(),
  };
}
