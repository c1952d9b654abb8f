import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { METRIC, makeDatabase, TEST_NAME } from './database.ts';
import type { Name } from './options.ts';
import { measure } from './process.ts';
import { AFTERWARDS, configText } from './runs.ts';
import type { Figure, Target } from './table.ts';

const SMALL = 1000;

interface Question {
  readonly name: Name;
  readonly title: string;
  readonly args: readonly string[];
  readonly target?: Target;
}

const VERDICT_TARGET: Target = { kind: 'below', value: 200 };

/** What is asked of a small database and of a large one. */
const QUESTIONS: readonly Question[] = [
  { name: 'verdict', title: 'verdict', args: ['verdict', TEST_NAME], target: VERDICT_TARGET },
  { name: 'history', title: 'history --metric', args: ['history', TEST_NAME, '--metric', METRIC] },
  { name: 'history', title: 'history, every metric', args: ['history', TEST_NAME] },
  { name: 'idle', title: 'tick with nothing new', args: ['tick', '--now', AFTERWARDS] },
];

/** Whole processes that ask a database of few rows and one of many. */
export async function askingFigures(bench: Bench): Promise<Figure[]> {
  const { folder, sizes, tell } = bench;
  const questions = QUESTIONS.filter(({ name }) => sizes.only.includes(name));
  const states = [...new Set([Math.min(SMALL, sizes.rows), sizes.rows])].map((rows) => ({
    rows,
    state: join(folder, `rows-${rows}`),
  }));
  for (const { rows, state } of states) {
    tell(`a database of ${rows} metric rows`);
    await makeDatabase(join(state, 'tidemark.db'), rows);
  }
  const config = join(folder, 'tidemark.json');
  writeFileSync(config, configText());
  const figures: Figure[] = [];
  for (const { title, args, target } of questions) {
    const samples = states.map((): number[] => []);
    // Turn about, so that a busy moment of the machine meets all sizes.
    for (let start = -1; start < sizes.starts; start++) {
      for (const [at, { state }] of states.entries()) {
        const { ms } = await measure({
          script: bench.script,
          args: [...args, '--state', state, '--config', config],
        });
        // The first start fills the caches.
        if (start >= 0) samples[at]!.push(ms);
      }
    }
    tell(`${title}: asked ${sizes.starts} times of each`);
    states.forEach(({ rows }, at) => {
      const name = `${title}, ${rows} metric rows`;
      figures.push({ name, unit: 'ms', samples: samples[at]!, ...(target === undefined ? {} : { target }) });
    });
  }
  for (const { state } of states) rmSync(state, { recursive: true });
  return figures;
}

/** How long the command line takes to start and say what it can do, beside a Node that does nothing. */
export async function helpFigures({ script, folder, sizes, tell }: Bench): Promise<Figure[]> {
  mkdirSync(folder, { recursive: true });
  const commands = [
    { name: '--help', script, args: ['--help'] },
    { name: 'node -e 0, for comparison', script: '-e', args: ['0'] },
  ];
  const samples = commands.map((): number[] => []);
  for (let start = -1; start < sizes.starts; start++) {
    for (const [at, command] of commands.entries()) {
      const { ms } = await measure(command);
      if (start >= 0) samples[at]!.push(ms);
    }
  }
  tell(`--help: started ${sizes.starts} times`);
  return commands.map(({ name }, at) => ({ name, unit: 'ms', samples: samples[at]! }));
}
