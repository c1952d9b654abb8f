import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { run, shellEnvironment } from './support/command.ts';
import { tellNotRun } from './support/not-run.ts';
import { ROOT } from './support/repository.ts';

const EXAMPLE = join(ROOT, 'examples/nightly');
const NIGHTS = 6;
const EXIT_CODES: Readonly<Record<string, number>> = { pass: 0, fail: 1, inconclusive: 3, pending: 4 };

const folder = mkdtempSync(join(tmpdir(), 'tidemark-package-'));
const home = join(folder, 'home');
const old = findOldNode();
let packed: string[] = [];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** npm of the person, not of the project: inside `npm test` its path is given, else it is on the PATH. */
function npm(words: readonly string[], cwd: string) {
  const script = process.env.npm_execpath;
  const program: [string, ...string[]] = script?.endsWith('.js') ? [process.execPath, script] : ['npm'];
  const quiet = { npm_config_loglevel: 'error', npm_config_update_notifier: 'false' };
  return run([...program, ...words], { cwd, env: { ...shellEnvironment(), ...quiet } });
}

/** A Node older than ours: the one that started npm, or one later on the PATH. */
function findOldNode(): string | null {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((part) => join(part, 'node'));
  for (const path of [process.env.npm_node_execpath, ...onPath]) {
    if (path === undefined || !existsSync(path)) continue;
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' });
    if (Number(version.slice(1).split('.')[0]) < 24) return path;
  }
  return null;
}

/** A few nights of one bundled test, with the files they name, as somebody would copy them. */
function copyExample(to: string): string {
  const lines = readFileSync(join(EXAMPLE, 'runs.jsonl'), 'utf8').trim().split('\n');
  const parse = (line: string): { test_name: string; model_dir: string } => JSON.parse(line);
  const name = parse(lines[0] ?? '{}').test_name;
  const nights = lines.filter((line) => parse(line).test_name === name).slice(0, NIGHTS);
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, 'runs.jsonl'), `${nights.join('\n')}\n`);
  cpSync(join(EXAMPLE, 'tidemark.yaml'), join(to, 'tidemark.yaml'));
  for (const line of nights) {
    const { model_dir } = parse(line);
    cpSync(join(EXAMPLE, model_dir), join(to, model_dir), { recursive: true });
  }
  return name;
}

/** The files that a page of the checkout points to, from its top. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => posix.join(posix.dirname(page), target).replace(/\/$/, ''));
}

beforeAll(async () => {
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{ "name": "somebody", "private": true }\n');
  const pack = await npm(['pack', '--json', '--pack-destination', folder], ROOT);
  expect(pack, pack.output).toMatchObject({ code: 0 });
  // The build that npm starts first prints its sizes in front of the answer.
  const answer: { filename: string; files: { path: string }[] }[] = Object.values(
    JSON.parse(pack.stdout.slice(pack.stdout.search(/^[[{]/m))),
  );
  packed = answer[0]?.files.map(({ path }) => path) ?? [];
  const install = await npm(['install', '--offline', join(folder, answer[0]?.filename ?? '')], home);
  expect(install, install.output).toMatchObject({ code: 0 });
}, 120_000);

describe('what is published', () => {
  test('needs no other package: the one that draws charts may be absent', () => {
    const wanted = Object.keys(packageJson).filter((key) => /^(peer|bundled?)?dependencies$/i.test(key));
    expect(wanted).toEqual([]);
    expect(Object.keys(packageJson.optionalDependencies)).toEqual(['@resvg/resvg-js']);
    const lock = JSON.parse(readFileSync(join(home, 'package-lock.json'), 'utf8'));
    const others = Object.keys(lock.packages).filter((path) => !/^node_modules\/@resvg\//.test(path));
    expect(others).toEqual(['', 'node_modules/tidemark']);
  });

  test('holds the program, the examples and the schemas, and neither tests nor sources', () => {
    const fonts = ['DejaVuSansCondensed.ttf', 'DejaVuSansCondensed-Bold.ttf', 'LICENSE.txt'];
    for (const path of [
      'dist/cli.js',
      'dist/main.js',
      'README.md',
      'package.json',
      ...fonts.map((name) => `assets/fonts/${name}`),
    ])
      expect(packed).toContain(path);
    for (const start of ['examples/nightly/', 'schemas/']) {
      expect(
        packed.filter((path) => path.startsWith(start)),
        start,
      ).not.toEqual([]);
    }
    const kept = packed.filter((path) => !path.endsWith('.md') && !path.startsWith('examples/templates/'));
    expect(
      kept.filter((path) => /(^|\/)test\/|(?<!\.d)\.ts$|\.test\.|\.tgz$|(^|\/)\.tidemark\//.test(path)),
    ).toEqual([]);
    expect(packed.filter((path) => /\.terraform|\.tfstate|terraform\.tfvars$/.test(path))).toEqual([]);
  });

  test('holds every file that one of its pages points to', () => {
    const there = (path: string) => packed.some((file) => file === path || file.startsWith(`${path}/`));
    const pages = packed.filter((path) => path.endsWith('.md'));
    const links = pages.flatMap((page) => linksOf(page).map((to) => ({ page, to })));
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter(({ to }) => !there(to))).toEqual([]);
  });

  test('carries the licence of every package inside it', () => {
    const text = readFileSync(join(home, 'node_modules/tidemark/dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    expect(text).toContain('commander');
    expect(text).not.toContain('undefined');
  });
});

describe('once installed', () => {
  // What `npx` does, without its leave to fetch anything.
  const npx = (...words: string[]) => npm(['exec', '--no', '--', 'tidemark', ...words], home);

  test('npx tidemark --help answers', async () => {
    const help = await npx('--help');
    expect(help, help.output).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: tidemark /);
  });

  test('read answers the same, byte for byte, with and without the full command line', async () => {
    copyExample(join(home, 'nights'));
    const cli = join(home, 'node_modules/tidemark/dist/cli.js');
    const words = [
      ['nights', '--json', '--tag', 'loss/*'],
      ['nights', '--csv', '--points'],
      ['nights', '--csv', '--duplicates', 'mean'],
      ['nights'],
      ['nights/nowhere', '--json'],
      ['nights/runs.jsonl'],
    ];
    for (const some of words) {
      const quick = await run([process.execPath, cli, 'read', ...some], { cwd: home });
      // A setting in front is not for the quick start.
      const full = await run([process.execPath, cli, '--state', 'state', 'read', ...some], { cwd: home });
      expect(quick, some.join(' ')).toEqual(full);
      expect(quick.output, some.join(' ')).not.toBe('');
    }
  });

  test('it judges the nights of an example and remembers its verdict', async () => {
    const name = copyExample(join(home, 'nights'));
    const where = ['--state', 'state', '--config', 'nights/tidemark.yaml'];
    const backfill = await npx('backfill', 'nights/runs.jsonl', ...where, '--json');
    expect(backfill, backfill.output).toMatchObject({ code: 0 });
    const { runs }: { runs: { run_id: string; verdict: string }[] } = JSON.parse(backfill.stdout);
    expect(runs).toHaveLength(NIGHTS);
    expect(existsSync(join(home, 'state/tidemark.db'))).toBe(true);

    const verdict = await npx('verdict', name, ...where, '--json');
    const last: { run_id: string; verdict: string } = JSON.parse(verdict.stdout);
    expect(last).toEqual(runs.at(-1));
    expect(verdict.code, verdict.output).toBe(EXIT_CODES[last.verdict]);
  });

  test('it draws the chart of a mail where it could install what draws it, and does without it else', async () => {
    const name = copyExample(join(home, 'pictures'));
    const where = ['--state', 'pictured', '--config', 'pictures/tidemark.yaml'];
    await npx('backfill', 'pictures/runs.jsonl', ...where);
    const preview = await npx('mail', 'preview', name, ...where, '--out', 'preview');
    expect(preview, preview.output).toMatchObject({ code: 0 });
    const installed = existsSync(join(home, 'node_modules/@resvg/resvg-js'));
    const pictures = preview.stdout.split('\n').filter((path) => path.endsWith('.png'));
    expect(pictures).toHaveLength(installed ? 1 : 0);
    expect(preview.stderr.includes('A mail goes without its chart')).toBe(!installed);
  });
});

describe('the library', () => {
  const script = `
    import { readRuns } from 'tidemark/tfevents';
    const tags: string[] = [];
    for await (const { series } of readRuns('nights'))
      for (const one of series) if ((one.summary().mean ?? Number.NaN) <= Number.POSITIVE_INFINITY) tags.push(one.tag);
    console.log(JSON.stringify({ tags: new Set(tags).size }));
  `;

  test('is imported by its name, and loads nothing of clouds, mails or databases', async () => {
    copyExample(join(home, 'nights'));
    writeFileSync(join(home, 'use.mts'), script);
    const answer = await run([process.execPath, 'use.mts'], { cwd: home });
    expect(answer, answer.output).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(answer.stdout).tags).toBeGreaterThan(0);
    const reached = importedFrom(join(home, 'node_modules/tidemark/dist'), 'tfevents.js');
    expect(reached.filter((text) => /google|nodemailer|sqlite|commander|zod/i.test(text))).toEqual([]);
  });

  test('has types that a strict program compiles with', async () => {
    writeFileSync(join(home, 'use.mts'), script);
    const flags = [
      '--noEmit',
      '--strict',
      '--target',
      'esnext',
      '--module',
      'nodenext',
      '--lib',
      'esnext',
      '--ignoreConfig',
    ];
    const types = ['--types', join(ROOT, 'node_modules/@types/node')];
    const compiler = join(ROOT, 'node_modules/.bin/tsc');
    const answer = await run([compiler, ...flags, ...types, 'use.mts'], { cwd: home });
    expect(answer, answer.output).toMatchObject({ code: 0, stdout: '' });
  });
});

/** The texts of a bundled module and of all that it imports at once. */
function importedFrom(dist: string, entry: string): string[] {
  const files = [entry];
  const texts: string[] = [];
  for (const file of files) {
    const text = readFileSync(join(dist, file), 'utf8');
    texts.push(text);
    const names = [...text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map((match) => match[1]!);
    files.push(...names.filter((name) => !files.includes(name)));
  }
  return texts;
}

test('an older Node is told in one sentence what is missing', async (context) => {
  if (old === null) {
    const why = 'no Node older than 24 on this machine to try it with';
    tellNotRun('an older Node is told what is missing', why);
    return context.skip(why);
  }
  const answer = await run([old, join(home, 'node_modules/tidemark/dist/cli.js'), '--help'], { cwd: home });
  expect(answer.stderr).toMatch(
    /^Tidemark needs Node 24 or newer; this is v\d+\.\d+\.\d+\. Install Node 24, then run the same command again\.\n$/,
  );
  expect(answer).toMatchObject({ code: 2, stdout: '' });
});
