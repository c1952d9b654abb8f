// Every test that needs a stand-in for Google Cloud: fetches or builds the stand-ins, starts them, runs the
// tests and stops them. "npm run test:cloud -- --help" says what it can be asked for.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { aiosmtpd } from './cloud/aiosmtpd.ts';
import { bigquery } from './cloud/bigquery.ts';
import { type BroughtUp, bringUp } from './cloud/bring-up.ts';
import { cacheRoot } from './cloud/cache.ts';
import { type Children, startChildren } from './cloud/children.ts';
import { gcs } from './cloud/gcs.ts';
import { jsonnet } from './cloud/jsonnet.ts';
import { mlflow } from './cloud/mlflow.ts';
import { type CloudOptions, cloudOptions, USAGE } from './cloud/options.ts';
import { postgres } from './cloud/postgres.ts';
import { pubsub } from './cloud/pubsub.ts';
import { type Step, summary } from './cloud/report.ts';
import { s3 } from './cloud/s3.ts';
import { zetasql } from './cloud/zetasql.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');
const STAND_INS = [pubsub, bigquery, gcs, zetasql, aiosmtpd, jsonnet, postgres, s3, mlflow];
const IS_CI = process.env.CI === 'true';

function list(): void {
  const kept = existsSync(cacheRoot()) ? readdirSync(cacheRoot()) : [];
  for (const { name, version, standsInFor, needs } of STAND_INS) {
    console.log(`${name.padEnd(9)} ${version.padEnd(10)} for ${standsInFor}; needs ${needs}`);
  }
  console.log(`\nIn the cache ${cacheRoot()}: ${kept.join(', ') || 'nothing'}`);
}

async function runTests(children: Children, up: BroughtUp, words: readonly string[]): Promise<Step> {
  const started = performance.now();
  const config = join(ROOT, 'vitest.cloud.config.ts');
  const code = await children.run([join(BIN, 'vitest'), 'run', '--config', config, ...words], {
    log: 'inherit',
    cwd: ROOT,
    // Whatever starts a script by its first line gets the Node that runs this one.
    environment: {
      ...up.environment,
      PATH: [dirname(process.execPath), BIN, process.env.PATH].join(delimiter),
    },
  });
  const seconds = (performance.now() - started) / 1000;
  const why = code === 0 ? '' : `vitest ended with exit code ${code}`;
  return { name: 'tests', version: '', outcome: code === 0 ? 'passed' : 'FAILED', seconds, words: why };
}

/** Goes on until the run is interrupted. */
function serve(up: BroughtUp, interrupted: AbortSignal): Promise<void> {
  for (const [name, value] of Object.entries(up.environment)) console.log(`export ${name}='${value}'`);
  console.log('The stand-ins run until Ctrl-C.');
  return new Promise((done) => {
    // Something has to keep the process alive meanwhile.
    const waiting = setInterval(() => {}, 1 << 30);
    interrupted.addEventListener('abort', () => {
      clearInterval(waiting);
      done();
    });
  });
}

/** Ends everything in order at the first Ctrl-C or SIGTERM, at once at the second. */
function interruptible(children: Children): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(130);
      console.error(`\n${signal}: the stand-ins are being stopped`);
      interrupted.abort();
      void children.stop();
    });
  }
  return interrupted.signal;
}

async function main({ mode, only, testArguments }: CloudOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-cloud-'));
  const children = startChildren();
  const interrupted = interruptible(children);
  const steps: Step[] = [];
  try {
    const up = await bringUp(STAND_INS, only, { folder, cache: cacheRoot(), children });
    steps.push(...up.steps);
    if (mode === 'serve') await serve(up, interrupted);
    else if (!interrupted.aborted) steps.push(await runTests(children, up, testArguments));
  } finally {
    await children.stop();
  }
  const { lines, ok } = summary(steps, IS_CI);
  if (ok || interrupted.aborted) rmSync(folder, { recursive: true, force: true });
  else console.error(`\nThe logs of the stand-ins are kept in ${folder}`);
  if (mode === 'test') console.log(['', ...lines].join('\n'));
  if (interrupted.aborted) return mode === 'serve' ? 0 : 130;
  return ok ? 0 : 1;
}

try {
  const options = cloudOptions(
    process.argv.slice(2),
    STAND_INS.map(({ name }) => name),
  );
  if (options.mode === 'help') console.log(USAGE);
  else if (options.mode === 'list') list();
  else process.exitCode = await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
