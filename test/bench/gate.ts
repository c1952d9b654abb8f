// `npm run bench -- gate`: how long the bundled gate takes for an answer from a large embedded history, how many it gives
// in a second, and whether it holds its answer while a tick works. Asked over HTTP by this process.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { bundledCommandLine } from './bundle.ts';
import { makeDatabase, TEST_NAME } from './database.ts';
import { numbers } from './lcg.ts';
import { readSizes } from './sizes.ts';
import { type Figure, figureTable } from './table.ts';

const FULL = { rows: 1_000_000, asked: 500, seconds: 10, callers: 16 };
const TINY = { rows: 2000, asked: 5, seconds: 1, callers: 2 };
const TOKEN = 'bench';
/** Runs of a test that are of one version, one after the other. */
const RUNS_OF_VERSION = 40;
const POLICY = 'accuracy_final>=0.5,loss_final<=1.5x';

/** Prints one Markdown table. */
export async function gateBench(argv: readonly string[]): Promise<void> {
  const { sizes } = readSizes(argv, { full: FULL, tiny: TINY });
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  let gate: Gate | null = null;
  try {
    const script = bundledCommandLine(join(folder, 'dist'));
    tell(`a database of ${sizes.rows} metric rows`);
    const versions = await prepare(folder, sizes.rows);
    gate = await startGate(script, folder);
    const questions = questionsOf(versions);
    const figures = [
      ...(await answerFigures(gate, questions, sizes)),
      await throughputFigure(gate, questions, sizes),
      await steadyFigure(gate, { questions, script, folder }),
    ];
    tell(`Node ${process.versions.node}, ${availableParallelism()} cores`);
    process.stdout.write(`${figureTable(figures)}\n`);
  } finally {
    gate?.child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A database whose runs have versions, and a config that lets us ask; answers with how many versions there are. */
async function prepare(folder: string, rows: number): Promise<number> {
  const file = join(folder, 'state/tidemark.db');
  await makeDatabase(file, rows);
  const database = new DatabaseSync(file);
  database.exec(`
    UPDATE job_history SET labels = json_object('version', 'v' || n, 'env', iif(n % 5 = 0, 'prod', 'staging'))
    FROM (SELECT uuid AS id, row_number() OVER (PARTITION BY test_name ORDER BY timestamp) / ${RUNS_OF_VERSION} AS n
          FROM job_history) WHERE uuid = id`);
  const [row] = database
    .prepare(
      "SELECT count(DISTINCT json_extract(labels, '$.version')) AS n FROM job_history WHERE test_name = ?",
    )
    .all(TEST_NAME);
  database.close();
  const sha256 = createHash('sha256').update(TOKEN).digest('hex');
  writeFileSync(
    join(folder, 'tidemark.json'),
    JSON.stringify({ gate: { tokens: [{ sha256, tests: ['*'] }] } }),
  );
  return Number(row?.n);
}

interface Gate {
  readonly child: ChildProcess;
  readonly port: number;
}

async function startGate(script: string, folder: string): Promise<Gate> {
  const args = [script, 'gate', '--port', '0', '--state', 'state', '--config', 'tidemark.json'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const port = await new Promise<number>((ready, fail) => {
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      const [, found] = /:(\d+)\n/.exec(told) ?? [];
      if (found !== undefined) ready(Number(found));
    });
    child.once('exit', () => fail(new Error(`The gate did not open: ${told}`)));
  });
  return { child, port };
}

interface Question {
  readonly name: string;
  /** A path, another one each time. */
  readonly next: () => string;
}

function questionsOf(versions: number): readonly [Question, ...Question[]] {
  const random = numbers(5);
  const version = () => `v${Math.floor(random.next() * versions)}`;
  const path = (more: Readonly<Record<string, string>>) =>
    `/v1/verdict?${new URLSearchParams({ test: TEST_NAME, version: version(), policy: POLICY, ...more })}`;
  return [
    { name: 'against a version', next: () => path({ baseline: version() }) },
    { name: 'against a label', next: () => path({ baseline_label: 'env=prod' }) },
    { name: 'against a label that no run has', next: () => path({ baseline_label: 'env=nowhere' }) },
  ];
}

async function answerFigures(
  gate: Gate,
  questions: readonly Question[],
  { asked }: { readonly asked: number },
): Promise<Figure[]> {
  const agent = new Agent({ keepAlive: true });
  const figures: Figure[] = [];
  for (const { name, next } of questions) {
    const samples: number[] = [];
    // The first ones fill caches.
    for (let n = -3; n < asked; n++) {
      const begun = performance.now();
      await get(gate, next(), agent);
      if (n >= 0) samples.push(performance.now() - begun);
    }
    figures.push({ name: `an answer ${name}`, unit: 'ms', samples, target: { kind: 'below', value: 20 } });
  }
  agent.destroy();
  return figures;
}

/** Every caller asks again as soon as he is answered. */
async function throughputFigure(
  gate: Gate,
  [{ name, next }]: readonly [Question, ...Question[]],
  { seconds, callers }: { readonly seconds: number; readonly callers: number },
): Promise<Figure> {
  const samples: number[] = [];
  for (let second = 0; second < seconds; second++) {
    const agent = new Agent({ keepAlive: true });
    const begun = performance.now();
    let count = 0;
    const call = async () => {
      for (; performance.now() - begun < 1000; count++) await get(gate, next(), agent);
    };
    await Promise.all(Array.from({ length: callers }, call));
    samples.push(count / ((performance.now() - begun) / 1000));
    agent.destroy();
  }
  const title = `answers in a second ${name}, ${callers} callers`;
  return { name: title, unit: '1/s', samples, target: { kind: 'at least', value: 500 } };
}

/** How many different answers one question gets while a tick is at work on the same history. */
async function steadyFigure(
  gate: Gate,
  { questions, script, folder }: { questions: readonly Question[]; script: string; folder: string },
): Promise<Figure> {
  const agent = new Agent({ keepAlive: true });
  const path = questions[0]!.next();
  const seen = new Set<string>();
  const tick = spawn(process.execPath, [script, 'replay', '--state', 'state', '--config', 'tidemark.json'], {
    cwd: folder,
    stdio: 'ignore',
  });
  let isDone = false;
  const done = new Promise<void>((ended) => tick.once('exit', () => ended())).then(() => {
    isDone = true;
  });
  // A replay of so many runs takes minutes; what it does to the answer shows in seconds.
  const enough = performance.now() + 10_000;
  while (!isDone && performance.now() < enough) seen.add(await get(gate, path, agent));
  tick.kill();
  await done;
  agent.destroy();
  const target = { kind: 'at most', value: 1 } as const;
  return { name: 'different answers while a replay works', unit: '', samples: [seen.size], target };
}

/** The id of the verdict; throws for any status but 200. */
async function get({ port }: Gate, path: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    request({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        if (response.statusCode === 200) resolve((JSON.parse(text) as { id: string }).id);
        else reject(new Error(`${response.statusCode}: ${text}`));
      });
    })
      .on('error', reject)
      .end();
  });
}
