import { expect, test } from 'vitest';
import { linesOf, textOf } from './text.ts';

const of = (...bytes: number[]) => Uint8Array.from(bytes);

test.each([
  ['UTF-8', of(0xc3, 0xa9), undefined, 'é'],
  ['UTF-8 with its mark', of(0xef, 0xbb, 0xbf, 0x61), undefined, 'a'],
  ['UTF-16 with its mark', of(0xff, 0xfe, 0x61, 0x00), undefined, 'a'],
  ['UTF-16 with its mark, the high byte first', of(0xfe, 0xff, 0x00, 0x61), undefined, 'a'],
  ['Latin-1 that says so', of(0xe9), 'ISO-8859-1', 'é'],
  ['UTF-8 that calls itself UTF-16, as .NET writes', of(0x61), 'utf-16', 'a'],
  ['a mark that belies what it says', of(0xef, 0xbb, 0xbf, 0xc3, 0xa9), 'ISO-8859-1', 'é'],
])('%s is read', (_sentence, bytes, declared, text) => {
  expect(textOf(bytes, declared === undefined ? {} : { declared })).toEqual({ text, notes: [] });
});

test.each([
  ['Latin-1 that says nothing', of(0x61, 0x0a, 0xe9), undefined, 'line 2 is not UTF-8'],
  ['half a character of UTF-16', of(0xff, 0xfe, 0x61), undefined, 'line 1 is not UTF-16LE'],
  ['an encoding of others', of(0x61), 'ebcdic', 'is in the encoding "ebcdic"; wanted UTF-8'],
  ['a name that objects inherit', of(0x61), 'constructor', 'is in the encoding "constructor"; wanted UTF-8'],
])('%s is a problem', (_sentence, bytes, declared, problem) => {
  expect(textOf(bytes, declared === undefined ? {} : { declared })).toEqual({ problem });
});

test('lines end as any system ends them, and the last one may not', () => {
  const lines = [...linesOf('a\nb\r\n\rc')];
  expect(lines.map(({ text }) => text)).toEqual(['a', 'b', '', 'c']);
  expect(lines.map(({ isWhole }) => isWhole)).toEqual([true, true, true, false]);
  expect([...linesOf('a\n')]).toEqual([{ text: 'a', isWhole: true }]);
  expect([...linesOf('')]).toEqual([]);
});
