import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CsvRow, csvReader } from './csv.ts';

/** Reads a text in pieces that end at `cuts`. */
function read(text: string, cuts: readonly number[] = []): CsvRow[] {
  const reader = csvReader();
  const edges = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  const rows = edges.slice(1).flatMap((end, i) => reader.push(text.slice(edges[i], end)));
  return [...rows, ...reader.end()];
}

const texts = (rows: readonly CsvRow[]) => rows.map(({ cells }) => cells.map(({ text }) => text));

test.each([
  [
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,b\r\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  ['a\rb\r', [['a'], ['b']]],
  ['"x, ""y""\r\nz",2', [['x, "y"\r\nz', '2']]],
  ['\n\n,\n\n', [['', '']]],
  ['""\n', [['']]],
  ['', []],
])('%j', (text, wanted) => {
  const rows = read(text);
  expect(texts(rows)).toEqual(wanted);
  expect(rows.every(({ problem }) => problem === null)).toBe(true);
});

test('a cell knows its line and column, behind a cell of several lines too', () => {
  const [first, second] = read('a,"b\nc",d\ne,f');
  expect(first!.cells.map(({ line, column }) => [line, column])).toEqual([
    [1, 1],
    [1, 3],
    [2, 4],
  ]);
  expect(second!.cells.map(({ line, column }) => [line, column])).toEqual([
    [3, 1],
    [3, 3],
  ]);
});

test('a quote that is never closed is told, and costs no more than a MiB', () => {
  expect(read('a,"b\nc').map(({ problem }) => problem)).toEqual(['has a quote that is never closed']);
  const rows = read(`a\n"${'x'.repeat(1 << 20)}y\nz\n`);
  expect(rows.map(({ problem }) => problem)).toEqual([
    null,
    'is longer than 1 MiB; is a quote not closed?',
    null,
  ]);
  expect(rows[2]!.cells).toEqual([{ text: 'z', line: 3, column: 1 }]);
});

test('cells may be apart by something else, and a comma is then a letter', () => {
  const reader = csvReader(';');
  expect(texts([...reader.push('a;"b;c"\n1,5;\n'), ...reader.end()])).toEqual([
    ['a', 'b;c'],
    ['1,5', ''],
  ]);
});

test('whatever is written and however it is cut, the same cells come back', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'ä', ' ') });
  const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 3 }), { maxLength: 4 });
  fc.assert(
    fc.property(table, fc.array(fc.nat(60)), (rows, cuts) => {
      const text = rows
        .map((cells) => cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
        .join('\r\n');
      const inside = cuts.filter((cut) => cut < text.length);
      expect(texts(read(text, inside))).toEqual(rows);
    }),
  );
});
