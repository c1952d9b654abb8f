import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { globMatcher, mayHold } from './glob.ts';

describe('a glob', () => {
  test.each([
    ['*', '', true],
    ['*', 'train/loss', true],
    ['', '', true],
    ['', 'a', false],
    ['loss', 'loss', true],
    ['loss', 'Loss', false],
    ['loss', 'loss/a', false],
    ['*loss', 'train/epoch_loss', true],
    ['train/*', 'train/a/b', true],
    ['train/*', 'train', false],
    ['epoch_*_vs_*', 'epoch_loss_vs_iterations', true],
    ['a*b*c', 'a1b2b3c', true],
    ['a*b*c', 'a1b2b3', false],
    ['a**b', 'ab', true],
    ['l?ss', 'loss', true],
    ['l?ss', 'lss', false],
    ['?', '🚀', true],
    ['loss ?', 'loss 🚀', true],
    ['?*', '', false],
    ['*?', 'a', true],
    ['*', '*', true],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['(a+)+', '(a+)+', true],
    ['a\\*', 'a\\b', true],
    ['new\nline', 'new\nline', true],
    ['new*line', 'new\nline', true],
    ['__proto__', '__proto__', true],
    ['constructor', 'toString', false],
  ])('%j on %j: %s', (pattern, text, fits) => {
    expect(globMatcher(pattern)(text)).toBe(fits);
  });

  test('agrees with a plain recursive definition', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        expect(globMatcher(pattern)(text)).toBe(defined(pattern, text));
      }),
      { numRuns: 3000 },
    );
  });

  test('needs no exponential time', () => {
    const matches = globMatcher(`${'a*'.repeat(50)}b`);
    expect(matches('a'.repeat(20_000))).toBe(false);
  });
});

function defined(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*')
    return defined(pattern.slice(1), text) || (text !== '' && defined(pattern, text.slice(1)));
  return (
    text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && defined(pattern.slice(1), text.slice(1))
  );
}

describe('folders that can hold what a glob matches', () => {
  test.each([
    ['results', 'results/a.json', true],
    ['results', 'results/*.json', true],
    ['results/deep', 'results/*.json', true],
    ['results', 'res*', true],
    ['any/where', '*.json', true],
    ['result', 'results/a.json', false],
    ['results/deep', 'results/a.json', false],
    ['results', 'results', false],
    ['other', 'results/*.json', false],
    ['results', '', false],
  ])('%s for %s: %s', (folder, pattern, may) => {
    expect(mayHold(folder, pattern)).toBe(may);
  });
});
