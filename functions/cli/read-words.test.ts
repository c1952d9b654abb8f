import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Terminal } from './io.ts';
import { program } from './program.ts';
import { type ReadWords, readWords } from './read-words.ts';

const terminal: Terminal = {
  env: {},
  out: () => {},
  err: () => {},
  width: 80,
  color: false,
  interactive: false,
  hostname: 'host-a',
};

/** What the full parser makes of the words; null when it refuses them. */
async function parsed(words: readonly string[]): Promise<ReadWords | null> {
  const top = program(terminal, () => {});
  let answer: ReadWords | null = null;
  const read = top.commands.find((command) => command.name() === 'read')!;
  read.action((paths: string[]) => {
    answer = { paths, options: read.optsWithGlobals() };
  });
  await top.parseAsync(['read', ...words], { from: 'user' }).catch(() => {});
  return answer;
}

describe('the words of read', () => {
  test.each<[string, ReadWords | null]>([
    ['runs --json', { paths: ['runs'], options: { json: true } }],
    ['--tag loss/* a b', { paths: ['a', 'b'], options: { tag: 'loss/*' } }],
    [
      'a --restart keep --points --csv',
      { paths: ['a'], options: { restart: 'keep', points: true, csv: true } },
    ],
    ['', null],
    ['--json', null],
    ['a --help', null],
    ['a -h', null],
    ['a --state s', null],
    ['a --tag=loss', null],
    ['a --tag', null],
    ['a --restart sometimes', null],
    ['a --toString x', null],
    ['a --resync 4', null],
    ['gs://bucket/a', null],
    ['a GS://bucket/a', null],
    ['s3://bucket/a', null],
    ['-- a', null],
  ])('"%s" are plain, or left to the full parser', (line, wanted) => {
    expect(readWords(line.split(' ').filter((word) => word !== ''))).toEqual(wanted);
  });

  test('mean what they mean to the full parser, wherever they are plain', async () => {
    const word = fc.constantFrom(
      ...[
        'a',
        'b/c',
        '',
        '-',
        '--',
        '-h',
        '--help',
        '--version',
        'full',
        'last',
        'keep',
        'help',
        'read',
        'loss*',
      ],
      ...[
        '--json',
        '--csv',
        '--points',
        '--strict',
        '--tag',
        '--restart',
        '--duplicates',
        '--verify',
        '--resync',
      ],
      ...[
        '--no-json',
        '--js',
        '--state',
        '--config',
        '--now',
        '--mail',
        '--tag=x',
        '--json=1',
        '--strictly',
        '7',
      ],
    );
    let plain = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
        const quick = readWords(words);
        if (quick === null) return;
        plain++;
        expect(await parsed(words), words.join(' ')).toEqual(quick);
      }),
      { numRuns: 3000, seed: 8 },
    );
    expect(plain).toBeGreaterThan(100);
  });
});
