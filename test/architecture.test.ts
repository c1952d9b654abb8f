import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { functionSizes } from './support/functions.ts';
import { circles, importGraph, reachable } from './support/imports.ts';
import { type Layer, type Surroundings, violations } from './support/layers.ts';
import { impurities, undocumentedExports } from './support/purity.ts';
import { isTest, ROOT, readAll, sourceFiles, typescriptFiles } from './support/repository.ts';

/** The import table of ARCHITECTURE.md. */
const SHARED = [
  'shared/core',
  'shared/tfevents',
  'shared/render',
  'shared/ports',
  'shared/pipeline',
  'shared/adapters',
];
const TABLE: readonly Layer[] = [
  {
    folder: 'shared/core',
    // Data that the jsonnet library and the builder of templates share.
    from: ['infra/jsonnet/templates/accelerators.json'],
    packages: ['zod', '@noble/hashes', 'croner', 'simple-statistics', '@stdlib/*'],
  },
  { folder: 'shared/tfevents', from: ['shared/core'] },
  { folder: 'shared/render', from: ['shared/core'] },
  { folder: 'shared/ports', from: [], typesFrom: ['shared/core'] },
  { folder: 'shared/pipeline', from: ['shared/core', 'shared/tfevents', 'shared/render', 'shared/ports'] },
  // What adapters share that speak HTTP themselves.
  { folder: 'shared/adapters/remote', from: ['shared/ports', 'shared/core'], node: true },
  {
    folder: 'shared/adapters/*',
    from: ['shared/ports', 'shared/core', 'shared/adapters/remote'],
    node: true,
  },
  { folder: 'functions', from: [...SHARED, 'package.json'], node: true, packages: 'listed' },
  { folder: 'publisher', from: [...SHARED, 'package.json'], node: true, packages: 'listed' },
  { folder: 'watcher', from: [...SHARED, 'package.json'], node: true, packages: 'listed' },
  { folder: 'scripts', from: [...SHARED, 'package.json'], node: true, packages: 'listed' },
];

/** The foreign packages of an adapter: its SDK, and what that needs to be told who is asking. */
const SDKS = {
  smtp: ['nodemailer'],
  eml: ['nodemailer'],
  pubsub: ['@google-cloud/pubsub'],
  bigquery: ['@google-cloud/bigquery', 'google-auth-library'],
  gcs: ['google-auth-library'],
  kubernetes: ['google-auth-library'],
  postgres: ['pg'],
  protobuf: ['protobufjs'],
  resvg: ['@resvg/resvg-js'],
  s3: ['@aws-sdk/credential-provider-node', '@smithy/signature-v4'],
};

const PURE = /^shared\/(core|tfevents|render)\//;
const ENTRIES = /^(functions\/(cli\/)?main|publisher\/main|watcher\/main|scripts\/[^/]+)\.ts$/;
const MOST_LINES = 400;

const everything = readAll(typescriptFiles());
const sources = readAll(sourceFiles());
const around: Surroundings = {
  listed: new Set(Object.keys({ ...packageJson.devDependencies, ...packageJson.optionalDependencies })),
  sdks: SDKS,
  exists: (path) => existsSync(join(ROOT, path)),
};

/** Offenders of a rule over the files that match, so that a failure names them all at once. */
function offenders(only: RegExp, judge: (source: string, path: string) => readonly string[]): string[] {
  return [...sources].filter(([path]) => only.test(path)).flatMap(([path, source]) => judge(source, path));
}

interface Sized {
  readonly where: string;
  readonly lines: number;
}

function quantile(items: readonly Sized[], share: number): number {
  const lines = items.map((item) => item.lines).sort((a, b) => a - b);
  return lines[Math.ceil(share * lines.length) - 1] ?? 0;
}

function longerThan(items: readonly Sized[], most: number): string[] {
  const long = items.filter(({ lines }) => lines > most).sort((a, b) => b.lines - a.lines);
  return long.map(({ where, lines }) => `${lines} lines  ${where}`);
}

describe('the product', () => {
  test('imports only what its layer may', () => {
    const found = offenders(/./, (source, path) => violations(TABLE, { path, source }, around));
    expect(found).toEqual([]);
  });

  test('takes clock, chance and environment as arguments in pure code', () => {
    const judge = (source: string, path: string) =>
      impurities(source, path).map(({ what, line }) => `${path}:${line} uses ${what}`);
    expect(offenders(PURE, judge)).toEqual([]);
  });

  test('has no circular imports', () => {
    const found = circles(importGraph(sources)).map((circle) => circle.join(' → '));
    expect(found).toEqual([]);
  });

  test('has no file that nothing uses', () => {
    const entries = [...everything.keys()].filter((path) => ENTRIES.test(path) || path.startsWith('test/'));
    const used = reachable(importGraph(everything), entries);
    const dead = [...sources.keys()].filter((path) => !used.has(path) && !path.endsWith('.d.ts'));
    expect(dead, 'reached from no entry and no test but the one beside it').toEqual([]);
  });

  test('states the contract of every port in a doc comment', () => {
    const judge = (source: string, path: string) =>
      undocumentedExports(source, path).map((name) => `${path}: ${name} has no doc comment`);
    expect(offenders(/^shared\/ports\//, judge)).toEqual([]);
  });
});

describe('sizes', () => {
  const files = [...sources].map(([where, source]) => ({ where, lines: source.split('\n').length - 1 }));
  const functions = [...sources].flatMap(([path, source]) => functionSizes(source, path));

  test(`no file is over ${MOST_LINES} lines`, () => {
    expect(longerThan(files, MOST_LINES)).toEqual([]);
  });

  test('half of the files are under 100 lines, nine in ten under 250', () => {
    expect(quantile(files, 0.5), longerThan(files, 99).join('\n')).toBeLessThan(100);
    expect(quantile(files, 0.9), longerThan(files, 249).join('\n')).toBeLessThan(250);
  });

  test('nine functions in ten have at most 45 lines', () => {
    expect(quantile(functions, 0.9), longerThan(functions, 45).join('\n')).toBeLessThanOrEqual(45);
  });

  test('no function takes more than two parameters and an options object', () => {
    expect(functions.filter(({ parameters }) => parameters > 3).map(({ where }) => where)).toEqual([]);
  });
});

describe('the rules can fail', () => {
  const known = [
    'shared/core/a.ts',
    'shared/ports/a.ts',
    'shared/adapters/file/a.ts',
    'functions/cli/a.ts',
    'publisher/a.ts',
    'watcher/a.ts',
    'test/a.ts',
  ];
  const sample: Surroundings = { ...around, exists: (path) => known.includes(path) };
  const judge = (path: string, source: string) => violations(TABLE, { path, source }, sample);

  test.each([
    ['core reads a file', 'shared/core/x.ts', "import { readFileSync } from 'node:fs';"],
    ['core takes a type from a port', 'shared/core/x.ts', "import type { Queue } from '../ports/a.ts';"],
    ['core re-exports an adapter', 'shared/core/x.ts', "export * from '../adapters/file/a.ts';"],
    ['core names a type inline', 'shared/core/x.ts', "export type Q = import('../ports/a.ts').Queue;"],
    ['core uses a package of others', 'shared/core/x.ts', "import { Command } from 'commander';"],
    ['a port runs code of core', 'shared/ports/x.ts', "import { judge } from '../core/a.ts';"],
    ['the pipeline picks an adapter', 'shared/pipeline/x.ts', "await import('../adapters/file/a.ts');"],
    ['the pipeline uses a package', 'shared/pipeline/x.ts', "import * as z from 'zod';"],
    ['an adapter imports another', 'shared/adapters/spool/x.ts', "import { open } from '../file/a.ts';"],
    [
      'an adapter uses a foreign SDK',
      'shared/adapters/spool/x.ts',
      "import { createTransport } from 'nodemailer';",
    ],
    ['an adapter lies in no folder', 'shared/adapters/x.ts', ''],
    ['the publisher imports a command', 'publisher/x.ts', "import '../functions/cli/a.ts';"],
    ['the watcher imports the publisher', 'watcher/x.ts', "import '../publisher/a.ts';"],
    ['a command imports the watcher', 'functions/cli/x.ts', "import '../../watcher/a.ts';"],
    ['a command imports a test helper', 'functions/cli/x.ts', "import '../../test/a.ts';"],
    ['a package is not listed', 'functions/cli/x.ts', "import leftPad from 'left-pad';"],
    ['a file is not there', 'functions/cli/x.ts', "import './gone.ts';"],
    ['a name is computed', 'functions/cli/x.ts', "await import('./' + name + '.ts');"],
  ])('%s', (_sentence, path, source) => {
    expect(judge(path, source)).toHaveLength(1);
  });

  test.each([
    ['core in core', 'shared/core/rule/x.ts', "import { a } from '../a.ts'; import * as z from 'zod';"],
    ['a type of core in a port', 'shared/ports/x.ts', "import type { Run } from '../core/a.ts';"],
    ['a mail adapter', 'shared/adapters/smtp/x.ts', "import { createTransport } from 'nodemailer';"],
    [
      'import in a comment or a string',
      'shared/core/x.ts',
      '// import "node:fs"\nexport const a = "import \'node:fs\'";',
    ],
  ])('and allow %s', (_sentence, path, source) => {
    expect(judge(path, source)).toEqual([]);
  });

  test.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'Math.random()',
    'Math["random"]()',
    'process.env.HOME',
    'performance.now()',
  ])('%s is impure', (source) => {
    expect(impurities(source, 'x.ts')).toHaveLength(1);
  });

  test.each([
    'new Date(0)',
    'Date.parse(text)',
    'Math.max(1)',
    '"Date.now()"',
    '// process.exit',
    'a.process',
  ])('%s is pure', (source) => {
    expect(impurities(source, 'x.ts')).toEqual([]);
  });

  test('a circle is found and named', () => {
    const text = (to: string) => `import type { A } from './${to}.ts';`;
    const graph = importGraph(
      new Map([
        ['a.ts', text('b')],
        ['b.ts', text('c')],
        ['c.ts', text('b')],
      ]),
    );
    expect(circles(graph)).toEqual([['b.ts', 'c.ts', 'b.ts']]);
    expect(reachable(graph, ['c.ts'])).toEqual(new Set(['c.ts', 'b.ts']));
  });

  test('sizes are measured and the longest named first', () => {
    const text = 'function a(x, y, z, w) {\n}\nclass B {\n  m(this: B) {\n\n    return () => 1;\n  }\n}\n';
    const sizes = functionSizes(text, 'x.ts');
    expect(sizes.map(({ lines, parameters }) => [lines, parameters])).toEqual([
      [2, 4],
      [4, 0],
      [1, 0],
    ]);
    expect(longerThan(sizes, 1)).toEqual(['4 lines  x.ts:4', '2 lines  x.ts:1 a']);
    expect([0.5, 0.9].map((share) => quantile(sizes, share))).toEqual([2, 4]);
  });

  test('an export without a contract is found', () => {
    const text =
      '/** Said. */\nexport interface A {}\n// not said\nexport function b() {}\nexport const c = () => 1;\nexport const d = 1;\n';
    expect(undocumentedExports(text, 'x.ts')).toEqual(['b', 'c']);
  });
});

test('tests are told from the product', () => {
  expect(['test/a.ts', 'shared/core/a.test.ts', 'shared/core/a.ts'].map(isTest)).toEqual([true, true, false]);
});
