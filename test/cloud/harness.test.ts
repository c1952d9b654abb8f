import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { bringUp } from '../../scripts/cloud/bring-up.ts';
import { startChildren } from '../../scripts/cloud/children.ts';
import { cloudOptions } from '../../scripts/cloud/options.ts';
import { type Step, summary } from '../../scripts/cloud/report.ts';
import type { StandIn, Workshop } from '../../scripts/cloud/stand-in.ts';
import {
  acceptsConnections,
  findProgram,
  freePort,
  MissingToolError,
  needProgram,
} from '../../scripts/cloud/tools.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NAMES = ['pubsub', 'gcs'];

describe('what a run is asked for', () => {
  test.each([
    [[], { mode: 'test', only: null, testArguments: [] }],
    [['--only', 'gcs,pubsub'], { mode: 'test', only: ['gcs', 'pubsub'], testArguments: [] }],
    [
      ['--only', 'gcs', 'a/b', '--', '-t', 'x'],
      { mode: 'test', only: ['gcs'], testArguments: ['a/b', '-t', 'x'] },
    ],
    [['--list'], { mode: 'list', only: null, testArguments: [] }],
    [['--serve'], { mode: 'serve', only: null, testArguments: [] }],
    [['-h', '--list'], { mode: 'help', only: null, testArguments: [] }],
  ])('%j', (words, expected) => {
    expect(cloudOptions(words, NAMES)).toEqual(expected);
  });

  test('a stand-in that does not exist is named beside those that do', () => {
    expect(() => cloudOptions(['--only', 'gcs,s3'], NAMES)).toThrow(
      'Cannot run only s3: the stand-ins are pubsub, gcs',
    );
  });
});

describe('the end of a run', () => {
  const step = (name: string, outcome: Step['outcome'], words = ''): Step => ({
    name,
    version: '1',
    outcome,
    seconds: 2,
    words,
  });
  const steps = [
    step('pubsub', 'passed', 'from the cache'),
    step('gcs', 'could not run', 'no go on the PATH'),
  ];

  test('tells what could not run, and does not fail for it', () => {
    const { lines, ok } = summary(steps, false);
    expect(ok).toBe(true);
    expect(lines).toEqual([
      'passed           2.0 s  pubsub  1  from the cache',
      'could not run    2.0 s  gcs     1  no go on the PATH',
      'No gcs, so its tests were skipped: no go on the PATH',
      '1 passed, 0 failed, 1 could not run',
    ]);
  });

  test('is a failure for the same reason in CI', () => {
    const { lines, ok } = summary(steps, true);
    expect([ok, lines.at(-1)]).toEqual([false, '1 passed, 1 failed (1 could not run)']);
  });

  test.each([
    ['passed', true, '2 passed, 0 failed'],
    ['left out', true, '1 passed, 0 failed'],
    ['FAILED', false, '1 passed, 1 failed'],
  ] as const)('counts what %s', (outcome, isOk, count) => {
    const { lines, ok } = summary([step('a', 'passed'), step('b', outcome)], true);
    expect([ok, lines.at(-1)]).toEqual([isOk, count]);
  });
});

function standIn(name: string, prepare: (workshop: Workshop) => ReturnType<StandIn['prepare']>): StandIn {
  return { name, version: '1', standsInFor: '', needs: '', prepare };
}

async function brought(standIns: readonly StandIn[], only: readonly string[] | null = null) {
  const children = startChildren();
  const folder = temporaryFolder();
  onTestFinished(() => children.stop());
  vi.spyOn(console, 'log').mockReturnValue();
  const said = vi.spyOn(console, 'error').mockReturnValue();
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const up = await bringUp(standIns, only, { folder, cache: join(folder, 'cache'), children });
  return { ...up, folder, said: said.mock.calls.flat().join('\n') };
}

/** A server on `port` that says a word first. */
const server = (port: number) =>
  `console.log('hello'); require('node:net').createServer().listen(${port}, '127.0.0.1')`;

describe('bringing stand-ins up', () => {
  test('starts a server, waits for it, and hands on what the tests have to know', async () => {
    const port = await freePort();
    const good = standIn('good', async (workshop) => ({
      version: '2',
      how: 'found',
      async start() {
        await workshop.serve([process.execPath, '-e', server(port)], {
          isReady: () => acceptsConnections(port),
        });
        return { GOOD: String(port) };
      },
    }));
    const { steps, environment, folder } = await brought([good]);
    expect(steps).toMatchObject([{ name: 'good', version: '2', outcome: 'passed', words: 'found' }]);
    expect(environment).toMatchObject({ GOOD: String(port), TIDEMARK_TEST_ABSENT: '' });
    expect(existsSync(join(folder, 'good.log'))).toBe(true);
  });

  test.each([
    ['lacks a tool', 'could not run', async () => needProgram('no-such-tool', 'the tool')],
    ['cannot be built', 'FAILED', (shop: Workshop) => shop.run([process.execPath, '-e', 'process.exit(4)'])],
    [
      'ends at its start',
      'FAILED',
      (shop: Workshop) => shop.serve([process.execPath, '-e', '0'], { isReady: async () => false }),
    ],
  ] as const)('goes on without one that %s, and names it', async (_how, outcome, act) => {
    const bad = standIn('bad', async (workshop) => {
      await act(workshop);
      return { how: '', start: async () => ({}) };
    });
    const fine = standIn('fine', async () => ({ how: '', start: async () => ({ FINE: 'yes' }) }));
    const { steps, environment, said } = await brought([bad, fine]);
    expect(steps.map((step) => step.outcome)).toEqual([outcome, 'passed']);
    expect(environment).toMatchObject({ FINE: 'yes', TIDEMARK_TEST_ABSENT: 'bad' });
    expect(said).toMatch(/no no-such-tool on the PATH: install the tool|exit code 4|the server ended/);
  });

  test('starts a server a second time, since somebody else may have taken its port', async () => {
    let starts = 0;
    const unlucky = standIn('unlucky', async () => ({
      how: '',
      async start() {
        starts += 1;
        if (starts === 1) throw new Error('the address is in use');
        return {};
      },
    }));
    const { steps } = await brought([unlucky]);
    expect([steps[0]?.outcome, starts]).toEqual(['passed', 2]);
  });

  test('leaves out what nobody asked for', async () => {
    const never = standIn('never', () => Promise.reject(new Error('it was asked')));
    const { steps, environment } = await brought([never], []);
    expect([steps[0]?.outcome, environment.TIDEMARK_TEST_ABSENT]).toEqual(['left out', 'never']);
  });

  test('keeps what was made for the next run', async () => {
    const makes = standIn('makes', async (workshop) => {
      const keep = () => workshop.keep({ name: 'x', version: '1', recipe: [], make: async () => {} });
      const [first, second] = [await keep(), await keep()];
      mkdirSync(workshop.folder('state'), { recursive: true });
      writeFileSync(join(first.folder, 'file'), '');
      return { how: [first.how, second.how].join(', then '), start: async () => ({}) };
    });
    const { steps } = await brought([makes]);
    expect(steps[0]?.words).toBe('fetched or built now, then from the cache');
  });
});

test('a program is found on the PATH, and one that is not there is said to be missing', () => {
  expect(findProgram('sh')).toMatch(/^\/.*\/sh$/);
  expect(findProgram('no-such-tool')).toBeNull();
  expect(() => needProgram('no-such-tool', 'it')).toThrow(MissingToolError);
});
