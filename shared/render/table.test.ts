import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Column, renderTable } from './table.ts';
import { cutToWidth, displayWidth, wrap } from './width.ts';

const COLUMNS: readonly Column[] = [
  { title: 'test' },
  { title: 'value', align: 'right' },
  { title: 'verdict', paint: (shown, { text, color }) => (text === 'fail' ? color.red(shown) : shown) },
];
const ROWS = [
  ['tf-mnist-example-cpu', '0.79', 'fail'],
  ['resnet', '1,234,567', 'pass'],
];

test('columns are as wide as their widest cell, numbers stand to the right', () => {
  expect(renderTable(COLUMNS, ROWS, { width: 80, color: false }).split('\n')).toEqual([
    'test                      value  verdict',
    'tf-mnist-example-cpu       0.79  fail',
    'resnet                1,234,567  pass',
  ]);
});

test('a narrow terminal cuts the widest column first', () => {
  expect(renderTable(COLUMNS, ROWS, { width: 32, color: false }).split('\n')).toEqual([
    'test              value  verdict',
    'tf-mnist-ex…       0.79  fail',
    'resnet        1,234,567  pass',
  ]);
});

test('colour changes nothing but colour', () => {
  const painted = renderTable(COLUMNS, ROWS, { width: 32, color: true });
  expect(painted).toContain('\u001b[31mfail\u001b[39m');
  expect(stripVTControlCharacters(painted)).toBe(renderTable(COLUMNS, ROWS, { width: 32, color: false }));
});

test('wide characters take two columns, an emoji is one character, accents take none', () => {
  expect(displayWidth('表格')).toBe(4);
  expect(displayWidth('👩‍🔬🇩🇪✔️')).toBe(6);
  expect(displayWidth('é')).toBe(1);
  expect(cutToWidth('表格表格', 6)).toBe('表格…');
  expect(cutToWidth('👩‍🔬👩‍🔬', 3)).toBe('👩‍🔬…');
  const table = renderTable(
    [{ title: 'name' }, { title: 'n' }],
    [
      ['表格', '1'],
      ['🧪x', '2'],
    ],
    { width: 80, color: false },
  );
  expect(table.split('\n')).toEqual(['name  n', '表格  1', '🧪x   2']);
});

test('cells cannot move the cursor, break the line or turn the text around', () => {
  const hostile = 'a\u001b[2Jb\nc\u202ed\u0007\u009be\r';
  const table = renderTable([{ title: 't' }], [[hostile]], { width: 80, color: false });
  expect(table).toBe('t\na[2Jb cde');
});

test('no line is wider than the terminal or ends in a space', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '表', '👩‍🔬', ' ', '\n', '\u001b', 'é', '\ud800') });
  const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 40 }), (cells, width) => {
      for (const line of renderTable(COLUMNS, cells, { width, color: false }).split('\n')) {
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(line).toBe(line.trimEnd());
      }
    }),
  );
});

test('an unlimited width cuts nothing; a missing cell is empty', () => {
  const wide = 'x'.repeat(500);
  const table = renderTable([{ title: 'a' }, { title: 'b' }], [[wide]], {
    width: Number.POSITIVE_INFINITY,
    color: false,
  });
  expect(table.split('\n')[1]).toBe(wide);
});

test('wrapping keeps words whole and indents what follows', () => {
  expect(wrap('one two three', 7, { indent: '  ' })).toEqual(['one two', '  three']);
  expect(wrap('https://example.com/very/long', 10)).toEqual(['https://example.com/very/long']);
  expect(wrap('a https://example.com/very/long b', 10)).toEqual(['a', 'https://example.com/very/long', 'b']);
  expect(wrap('  a  b cd', 6, { indent: '  ' })).toEqual(['  a  b', '  cd']);
  expect(wrap('', 10)).toEqual(['']);
});
