// The tools that test the pages, held against pages that are wrong.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFence, isKnown } from './support/fences.ts';
import { anchors, type Fence, namedFiles, readPage, relativeLinks } from './support/markdown.ts';
import { firstAbsent, readConsole } from './support/replay.ts';
import { makeStage, type Stage, stageNpm } from './support/stage.ts';

const fence = (language: string, text: string, exit = 0): Fence => ({ language, text, exit, line: 1 });

describe('a page', () => {
  test('comes apart into fences without their indentation and prose', () => {
    const text = [
      '# A',
      '- item',
      '  ```sh exit=1',
      '  false',
      '    deeper',
      '  ```',
      'end',
      '````text',
      '```',
      '````',
    ];
    const page = readPage(text.join('\n'));
    expect(page.fences).toEqual([
      { language: 'sh', exit: 1, line: 3, text: 'false\n  deeper' },
      { language: 'text', exit: 0, line: 8, text: '```' },
    ]);
    expect(page.prose.map(({ number }) => number)).toEqual([1, 2, 7]);
  });

  test.each([
    ['an open fence', '```sh\ntrue'],
    ['an unknown word behind the language', '```sh norun\ntrue\n```'],
  ])('with %s is refused', (_what, text) => {
    expect(() => readPage(text)).toThrow(/the fence of line 1/);
  });

  test('names its links, files and anchors', () => {
    const text = 'See [a](docs/a.md#part-1), ![b](b.svg), [c](https://c.example), `[d](d.md)`.\n[e]: e.md\n';
    const { prose } = readPage(text);
    expect(relativeLinks(prose).map(({ target }) => target)).toEqual(['docs/a.md#part-1', 'b.svg', 'e.md']);
    const files = readPage(
      '`shared/core/a.ts` `./test/b.json` `a.ts` `loss/train` `.tidemark/x.json` `dist/cli.js`',
    );
    expect(namedFiles(files.prose).map(({ target }) => target)).toEqual(['shared/core/a.ts', 'test/b.json']);
    const titles = readPage('# What it is: `run`\n## Two\n## Two\n#no title').prose;
    expect(anchors(titles)).toEqual(['what-it-is-run', 'two', 'two-1']);
  });

  test.each(['bash', 'shell', 'js', 'typescript', ''])(
    'cannot hide a fence from its test as "%s"',
    (language) => {
      expect(isKnown(fence(language, ''))).toBe(false);
    },
  );
});

describe('shown output', () => {
  test.each([
    [['b'], 'a\nb\nc', null],
    [['a', 'c'], 'a\nb\nc\n', null],
    [['c', 'a'], 'a\nb\nc', 'a'],
    [['took … s'], 'took 0.31 s', null],
    [['a.c'], 'abc', 'a.c'],
    [['…', 'b'], 'a\nb', null],
    [['a'], 'ab', 'a'],
  ])('%j in %j: absent is %j', (shown, output, absent) => {
    expect(firstAbsent(shown, output)).toBe(absent);
  });

  test('belongs to the command above it, which may go over several lines', () => {
    expect(readConsole('$ a \\\n  --b\n1\n\n2\n$ c')).toEqual([
      { command: 'a \\\n  --b', output: ['1', '2'] },
      { command: 'c', output: [] },
    ]);
    expect(() => readConsole('no command')).toThrow('starts with "$ "');
  });
});

test('npm commands that start our command line are run as what they start, others are left to CI', () => {
  const text = 'npm ci && npm run other # all\nnpm start\nnpm run -s tidemark -- read x --json\ntrue';
  expect(stageNpm(text)).toEqual({
    script: ':\nnode functions/cli/main.ts demo\nnode functions/cli/main.ts read x --json\ntrue',
    left: ['npm ci', 'npm run other'],
  });
});

describe('a fence', () => {
  let stage: Stage;
  beforeAll(() => {
    stage = makeStage();
  });
  afterAll(() => stage.remove());

  test.each([
    ['sh that works', fence('sh', 'echo a | grep -q a\ntest -e package.json')],
    ['sh that fails as announced', fence('sh', 'exit 3', 3)],
    [
      'ts with types and a relative import',
      fence(
        'ts',
        "import p from './package.json' with { type: 'json' };\nconst n: string = p.name;\nif (n !== 'tidemark') throw n;",
      ),
    ],
    [
      'console with its output',
      fence('console', '$ echo one; echo two >&2\none\ntwo\n$ export X=5\n$ echo $X\n5'),
    ],
    ['console that asks for a code', fence('console', '$ (exit 3)\n$ echo $?\n3')],
    ['console that fails as announced', fence('console', '$ echo a; false\na', 1)],
    ['npm that CI runs', fence('sh', 'npm ci\nnpm test')],
    ['yaml that is no config', fence('yaml', 'a: 1')],
  ])('%s is right', async (_what, sample) => {
    expect(await checkFence(sample, stage)).toEqual([]);
  });

  test.each([
    ['sh that fails', fence('sh', 'false\ntrue'), /ended with 1 instead of 0/],
    ['sh whose pipe fails', fence('sh', 'false | cat'), /ended with 1/],
    ['sh that should fail', fence('sh', 'true', 1), /ended with 0 instead of 1/],
    ['ts that throws', fence('ts', 'const n: number = 1; throw new Error("no " + n);'), /no 1/],
    ['ts that imports what is gone', fence('ts', "import './shared/gone.ts';"), /gone/],
    ['console with other output', fence('console', '$ echo one\ntwo'), /does not print "two"/],
    ['console that fails unannounced', fence('console', '$ false\n$ echo b'), /ended with 1/],
    ['console that should fail', fence('console', '$ true', 1), /no command ended with 1/],
    ['console that leaves the shell', fence('console', '$ exit 0\n$ true'), /the shell ended before/],
    ['npm that nothing runs', fence('sh', 'npm run other'), /nothing runs it/],
    ['yaml that is none', fence('yaml', 'a: [1'), /flow/i],
    ['json that is none', fence('json', '{'), /JSON/],
  ])('%s is wrong', async (_what, sample, message) => {
    expect((await checkFence(sample, stage)).join('\n')).toMatch(message);
  });
});
