import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { renderTemplate } from '../../shared/core/templates/render.ts';
import { inside, tidemark } from '../../test/support/cli.ts';
import { ROOT } from '../../test/support/repository.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { CASES, SMALL } from '../../test/templates/definitions.ts';

const EXAMPLES = join(ROOT, 'examples/templates');
const folder = mkdtempSync(join(temporaryFolder(), 'render-'));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const call = (...words: string[]) => inside(words);

const built = (definition: unknown, kind: 'oneshotJob' | 'cronJob' | 'jobSet') => {
  const made = renderTemplate(definition, kind);
  return made.ok ? made.value : null;
};

test('a definition with a schedule becomes a CronJob, in JSON and in YAML', async () => {
  const path = join(EXAMPLES, 'mnist-cpu.yaml');
  const [json, yaml] = [await call('render', path), await call('render', path, '--yaml')];
  expect(json).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(json.stdout)).toEqual(built(CASES[0]?.definition, 'cronJob'));
  expect(parse(yaml.stdout)).toEqual(JSON.parse(json.stdout));
});

test('a definition without a schedule becomes a Job, and --kind says otherwise', async () => {
  const { schedule: _, ...unscheduled } = SMALL;
  const path = file('small.json', JSON.stringify(unscheduled));
  expect(JSON.parse((await call('render', path)).stdout)).toEqual(built(unscheduled, 'oneshotJob'));
  expect(JSON.parse((await call('render', path, '--kind', 'jobSet')).stdout)).toEqual(
    built(unscheduled, 'jobSet'),
  );
  const answer = await call('render', path, '--kind', 'cronJob');
  expect(answer).toMatchObject({ status: 2, stdout: '' });
  expect(answer.stderr).toContain('schedule: is missing; a CronJob wants five fields of cron');
});

describe('a list of definitions', () => {
  const list = [SMALL, { ...SMALL, mode: 'conv' }];
  const path = file('list.json', JSON.stringify(list));
  const objects = list.map((one) => built(one, 'cronJob'));

  test('is a List in JSON', async () => {
    const { stdout } = await call('render', path);
    expect(JSON.parse(stdout)).toEqual({ apiVersion: 'v1', kind: 'List', items: objects });
  });

  test('is as many documents in YAML', async () => {
    const { stdout } = await call('render', path, '--yaml');
    expect(parseAllDocuments(stdout).map((document) => document.toJS())).toEqual(objects);
  });
});

test('every mistake is named with its line, and nothing is printed', async () => {
  const path = file(
    'wrong.yaml',
    'frameworkPrefix: tf\nmodelname: mnist\nmode: func\naccelerator: cpu\nimage: x\ncommand: [a, 7]\ntimeout: 1h\n',
  );
  const answer = await call('render', path);
  expect(answer).toMatchObject({ status: 2, stdout: '' });
  expect(answer.stderr.trim().split('\n')).toEqual([
    `${path}:2: modelname: unknown key; did you mean "modelName"?`,
    `${path}:6: command.1: must be string: current value is 7`,
    `${path}:7: timeout: must be number: current value is "1h"`,
    `${path} has 3 mistakes.`,
  ]);
});

test('a name of 53 characters is refused for a CronJob', async () => {
  const path = file('long.yaml', JSON.stringify({ ...SMALL, testName: 'x'.repeat(53) }));
  const answer = await call('render', path);
  expect(answer).toMatchObject({ status: 2, stdout: '' });
  expect(answer.stderr).toContain('testName: has 53 characters; a CronJob takes at most 52');
});

test('the YAML is what a reader of YAML 1.1 and one of 1.2 both read right', async () => {
  const hostile = CASES.filter(({ kinds }) => kinds.includes('cronJob')).map(({ definition }) => definition);
  // kubectl's reader goes by 1.1, where these are no texts unless they are quoted.
  const words = [
    'yes',
    'on',
    'Null',
    '~',
    '1_000',
    '0x1F',
    '0o17',
    '12:30:45',
    '1e3',
    '.inf',
    '2026-08-01',
    '=',
    '<<',
  ];
  const traps = { ...SMALL, command: words, env: { A: ' x ', B: '\t', C: 'a: b #c' } };
  const path = file('hostile.json', JSON.stringify([...hostile, traps]));
  const { stdout } = await call('render', path, '--yaml');
  const wanted = [...hostile, traps].map((definition) => built(definition, 'cronJob'));
  for (const version of ['1.1', '1.2'] as const) {
    expect(parseAllDocuments(stdout, { version }).map((document) => document.toJS())).toEqual(wanted);
  }
});

describe('a module', () => {
  test('in TypeScript gives its default export', async () => {
    const answer = await tidemark(['render', join(EXAMPLES, 'translate-tpu.ts')]);
    expect(answer).toMatchObject({ status: 0, stderr: '' });
    const names = JSON.parse(answer.stdout).items.map(
      ({ metadata }: { metadata: { name: string } }) => metadata.name,
    );
    expect(names).toEqual(['tf-nightly-transformer-func-v5e-2x4', 'tf-nightly-transformer-func-v6e-2x4']);
  });

  test('that prints something does not spoil the answer', async () => {
    const path = file('loud.mjs', `console.log('hello');\nexport default ${JSON.stringify(SMALL)};\n`);
    expect(JSON.parse((await call('render', path)).stdout)).toEqual(built(SMALL, 'cronJob'));
  });

  test.each([
    ['throws', 'throw new Error("no such thing");', 'Error: no such thing'],
    ['cannot be parsed', 'export default {', 'SyntaxError'],
    ['exports nothing', 'export const a = 1;', 'it has no default export'],
    ['exports a function', 'export default () => 1;', 'must be object'],
    ['ends the process', 'process.exit(3);', 'exit code 3'],
  ])('that %s is told in a sentence', async (_, text, sentence) => {
    const path = file('broken.mjs', text);
    const answer = await tidemark(['render', path]);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).toContain(sentence);
    expect(answer.stderr).not.toMatch(/^\s+at /m);
  });
});

test('a TypeScript file that Node takes for no module is told with what to do', async () => {
  const root = temporaryFolder();
  const text = `export default ${JSON.stringify(SMALL)};\n`;
  writeFileSync(join(root, 'package.json'), '{"type":"commonjs"}');
  mkdirSync(join(root, 'node_modules/x'), { recursive: true });
  for (const name of ['test.ts', 'test.mts', 'node_modules/x/test.mts'])
    writeFileSync(join(root, name), text);
  const inside = await tidemark(['render', join(root, 'node_modules/x/test.mts')]);
  expect(inside).toMatchObject({ status: 2, stderr: expect.stringContaining('copy the file to a folder') });
  const common = await tidemark(['render', join(root, 'test.ts')]);
  expect(common).toMatchObject({ status: 2, stderr: expect.stringContaining('name it .mts') });
  const named = await tidemark(['render', join(root, 'test.mts')]);
  expect(JSON.parse(named.stdout)).toEqual(built(SMALL, 'cronJob'));
});

test.each([
  ['a file that is not there', 'missing.yaml', 'no such file'],
  ['a module that is not there', 'missing.ts', 'there is no such file'],
  ['a file of another kind', 'x.toml', 'wanted a file that ends in .yaml'],
])('%s', async (_, name, sentence) => {
  const answer = await tidemark(['render', join(folder, name)]);
  expect(answer).toMatchObject({ status: 2, stdout: '' });
  expect(answer.stderr).toContain(sentence);
});

test('without a jsonnet command a jsonnet file is refused in a sentence', async () => {
  const answer = await tidemark(['render', join(EXAMPLES, 'mnist-cpu.jsonnet')], { env: { PATH: folder } });
  expect(answer).toMatchObject({ status: 2, stdout: '' });
  expect(answer.stderr).toContain('there is no jsonnet command on the PATH; install go-jsonnet');
});
