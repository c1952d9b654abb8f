import { expect, test } from 'vitest';
import { type Column, type Row, rowReader } from './reading.ts';

// Numbers of types as in `pg_type`.
const TYPES = {
  bool: 16,
  int8: 20,
  int4: 23,
  text: 25,
  float8: 701,
  timestamptz: 1184,
  numeric: 1700,
  json: 114,
};

function read(columns: Readonly<Record<string, keyof typeof TYPES>>, ...rows: Row[]) {
  const named = Object.entries(columns).map(([name, type]): Column => ({ name, type: TYPES[type] }));
  const reader = rowReader(named);
  for (const row of rows) reader.take([row]);
  return reader.reading();
}

test('metric and value are a number a row', () => {
  expect(read({ value: 'numeric', metric: 'text' }, ['0.5', 'auc'], ['NaN', 'loss'])).toEqual({
    values: [
      { name: 'auc', value: 0.5 },
      { name: 'loss', value: Number.NaN },
    ],
    points: [],
    notes: [],
  });
});

test('other columns are metrics of their own, whatever kind of number they are', () => {
  const columns = { auc: 'float8', rows: 'int8', ok: 'bool', low: 'float8' } as const;
  expect(read(columns, ['0.30000000000000004', '9007199254740993', 't', '-Infinity']).values).toEqual([
    { name: 'auc', value: 0.1 + 0.2 },
    { name: 'rows', value: 9007199254740992 },
    { name: 'ok', value: 1 },
    { name: 'low', value: Number.NEGATIVE_INFINITY },
  ]);
});

test('with a step every row is a point', () => {
  const columns = { step: 'int4', time: 'timestamptz', loss: 'float8' } as const;
  const rows: Row[] = [
    ['1', '2026-11-23 09:40:00.25+00', '0.5'],
    ['2', '2026-11-23 09:40:01+00', '0.25'],
    ['3', null, '0.2'],
  ];
  const at = Date.UTC(2026, 10, 23, 9, 40) / 1000;
  expect(read(columns, ...rows).points).toEqual([
    { name: 'loss', step: 1, wallTime: at + 0.25, value: 0.5 },
    { name: 'loss', step: 2, wallTime: at + 1, value: 0.25 },
    { name: 'loss', step: 3, wallTime: Number.NaN, value: 0.2 },
  ]);
  const long = { metric: 'text', value: 'float8', step: 'int4', time: 'float8' } as const;
  expect(read(long, ['a', '1', '0', '12.5']).points).toEqual([
    { name: 'a', step: 0, wallTime: 12.5, value: 1 },
  ]);
});

test('NULL is not there, and no row is none; both are noted', () => {
  expect(read({ auc: 'float8', loss: 'float8' }, [null, '1'])).toEqual({
    values: [{ name: 'loss', value: 1 }],
    points: [],
    notes: ['1 number is NULL, so not there'],
  });
  expect(read({ auc: 'float8' })).toEqual({ values: [], points: [], notes: ['the query gave no row'] });
});

test.each<[string, Readonly<Record<string, keyof typeof TYPES>>, readonly Row[], string]>([
  [
    'text where a number belongs',
    { auc: 'text' },
    [],
    'the column "auc" is not a number or boolean; cast it in the query',
  ],
  ['JSON', { value: 'json', metric: 'text' }, [], 'the column "value" is not a number or boolean'],
  ['a metric that is no name', { value: 'int4', metric: 'int4' }, [], 'the column "metric" is not text'],
  ['columns beside metric and value', { metric: 'text', value: 'int4', split: 'text' }, [], 'it has "split"'],
  ['a time without a step', { auc: 'int4', time: 'float8' }, [], 'goes only with a column "step"'],
  ['a second row', { auc: 'int4' }, [['1'], ['2']], 'it gives more than one row'],
  [
    'a name that comes again',
    { metric: 'text', value: 'int4' },
    [
      ['a', '1'],
      ['a', '1'],
    ],
    '"a" comes more than once',
  ],
  ['a step that is not there', { loss: 'int4', step: 'int4' }, [['1', null]], 'a row has no "step"'],
  ['a number beyond doubles', { auc: 'numeric' }, [[`1${'0'.repeat(400)}`]], 'is too large'],
])('%s is refused', (_what, columns, rows, words) => {
  expect(() => read(columns, ...rows)).toThrow(expect.objectContaining({ code: 'invalid' }));
  expect(() => read(columns, ...rows)).toThrow(words);
});

test('two columns of one name are refused', () => {
  const column = { name: 'a', type: TYPES.int4 };
  expect(() => rowReader([column, column])).toThrow('two columns are called "a"');
});
