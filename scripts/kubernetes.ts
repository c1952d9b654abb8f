// Starts a real API server with its Job controller. "test" runs the adapter's contract against it, "record" writes
// test/fixtures/kubernetes anew.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { bringUp } from './cloud/bring-up.ts';
import { cacheRoot } from './cloud/cache.ts';
import { type Children, startChildren } from './cloud/children.ts';
import { type Step, summary } from './cloud/report.ts';
import { record } from './kubernetes/record.ts';
import { kubernetes } from './kubernetes/stand-in.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');

type Environment = Readonly<Record<string, string>>;

async function runTests(children: Children, environment: Environment, words: readonly string[]) {
  const command = [
    join(BIN, 'vitest'),
    'run',
    '--config',
    join(ROOT, 'vitest.kubernetes.config.ts'),
  ] as const;
  const PATH = [dirname(process.execPath), BIN, process.env.PATH].join(delimiter);
  return children.run([...command, ...words], {
    log: 'inherit',
    cwd: ROOT,
    environment: { ...environment, PATH },
  });
}

async function timed(name: string, run: () => Promise<number | null>): Promise<Step> {
  const started = performance.now();
  const code = await run().catch((error: unknown) => {
    console.error(error);
    return 1;
  });
  const seconds = (performance.now() - started) / 1000;
  const outcome = code === 0 ? 'passed' : 'FAILED';
  return { name, version: '', outcome, seconds, words: code === 0 ? '' : `ended with exit code ${code}` };
}

async function main(mode: string, words: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-kubernetes-'));
  const children = startChildren();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void children.stop());
  const steps: Step[] = [];
  try {
    const up = await bringUp([kubernetes], null, { folder, cache: cacheRoot(), children });
    steps.push(...up.steps);
    const run =
      mode === 'record' ? () => record(up.environment) : () => runTests(children, up.environment, words);
    if (up.steps.every(({ outcome }) => outcome === 'passed')) steps.push(await timed(mode, run));
  } finally {
    await children.stop();
  }
  const { lines, ok } = summary(steps, process.env.CI === 'true' || mode === 'record');
  if (ok) rmSync(folder, { recursive: true, force: true });
  else console.error(`\nThe logs of the cluster are kept in ${folder}`);
  console.log(['', ...lines].join('\n'));
  return ok ? 0 : 1;
}

const [mode = 'test', ...words] = process.argv.slice(2);
if (mode === 'test' || mode === 'record') process.exitCode = await main(mode, words);
else {
  console.error(`Cannot "${mode}": say test (with paths and options of vitest) or record`);
  process.exitCode = 2;
}
