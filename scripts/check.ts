// The one command of the project: everything that must hold before a change is shared. What stands behind
// `npm test --` goes to the tests only: `npm test -- shared/core -t bounds`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

interface Result extends Step {
  readonly ok: boolean;
  readonly seconds: number;
}

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');
const BENCH = 'test/bench/main.ts';

// Whatever starts a script by its first line gets the Node that runs this one.
const PATH = [dirname(process.execPath), BIN, process.env.PATH].join(delimiter);
const folder = mkdtempSync(join(tmpdir(), 'tidemark-check-'));
// Where tests write what this machine cannot run (test/support/not-run.ts): it must not go under among what passed.
const NOT_RUN = join(folder, 'not-run');

function steps(testArguments: readonly string[]): Step[] {
  const node = process.execPath;
  const tool = (name: string) => join(BIN, name);
  const types = (project: string): Step => ({
    name: `types of ${project === '.' ? 'everything' : project}`,
    command: [tool('tsc'), '-p', project],
  });
  return [
    { name: 'format and lint', command: [tool('biome'), 'check', '.'] },
    // The pure parts by themselves first: there nothing of Node is declared, so nothing of it compiles.
    ...['shared/core', 'shared/tfevents', 'shared/render', '.'].map(types),
    { name: 'generated files', command: [node, 'scripts/generate.ts', '--check'] },
    { name: 'tests', command: [tool('vitest'), 'run', ...testArguments] },
    ...(existsSync(join(ROOT, BENCH))
      ? [{ name: 'benchmark runs', command: [node, BENCH, '--tiny'] } as const]
      : []),
  ];
}

/** Runs a step to its end; its words go straight to the terminal. */
function run(step: Step): Result {
  console.log(`\n── ${step.name}`);
  const started = performance.now();
  const [command, ...rest] = step.command;
  const { status, error } = spawnSync(command, rest, {
    cwd: ROOT,
    env: { ...process.env, PATH, TIDEMARK_TEST_NOT_RUN: NOT_RUN },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) console.error(`Cannot run ${command}: ${error.message}; has "npm ci" run?`);
  const seconds = (performance.now() - started) / 1000;
  console.log(`── ${step.name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds.toFixed(1)} s`);
  return { ...step, ok: status === 0, seconds };
}

const results = steps(process.argv.slice(2)).map(run);
const failed = results.filter(({ ok }) => !ok);

console.log('');
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? 'passed' : 'FAILED'}  ${seconds.toFixed(1).padStart(6)} s  ${name}`);
}
for (const { command } of failed) {
  console.log(
    `To see it alone: ${command.map((word) => word.replace(`${ROOT}/`, '').replace(/^.*\/node$/, 'node')).join(' ')}`,
  );
}
const notRun = existsSync(NOT_RUN) ? readFileSync(NOT_RUN, 'utf8').trim().split('\n') : [];
for (const line of new Set(notRun)) console.log(line);
rmSync(folder, { recursive: true });
console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
