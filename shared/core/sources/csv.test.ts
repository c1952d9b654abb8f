import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceSettings } from '../schema/source.ts';
import { decodeCsv } from './csv.ts';

type Settings = Omit<SourceSettings<'csv'>, 'path'>;

const bytes = (text: string) => new TextEncoder().encode(text);
const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/sources/csv/${name}`, import.meta.url));
const decode = (file: string | Uint8Array, settings: Settings) =>
  decodeCsv(typeof file === 'string' ? bytes(file) : file, { path: 'a.csv', ...settings });

function read(file: string | Uint8Array, settings: Settings) {
  const result = decode(file, settings);
  if ('problem' in result) throw new Error(result.problem);
  return {
    values: Object.fromEntries(result.values.map(({ name, value }) => [name, value])),
    points: result.points.map(({ name, step, value }) => `${name}@${step}=${value}`),
    notes: result.notes,
  };
}

const LOSS = 'epoch,split,loss,acc\n1,train,0.5,0.7\n1,test,0.6,\n2,train,0.4,0.8\n2,test,0.55,NA\n';

describe('columns', () => {
  test('are series, a row a point', () => {
    expect(read(LOSS, { columns: ['loss', 'acc'] }).points).toEqual([
      ...['loss@0=0.5', 'loss@1=0.6', 'loss@2=0.4', 'loss@3=0.55'],
      ...['acc@0=0.7', 'acc@2=0.8'],
    ]);
  });

  test('have the names they are given, of the rows that are wanted', () => {
    const settings = { columns: { loss: 'test_loss' }, where: { split: 'test' } };
    expect(read(LOSS, settings)).toEqual({
      values: {},
      points: ['test_loss@0=0.6', 'test_loss@1=0.55'],
      notes: [],
    });
  });

  test('are aggregated where that is asked', () => {
    const aggregate: Settings['aggregate'] = [
      ...(['final', 'first', 'min', 'max', 'mean', 'average', 'median', 'count', 'sum'] as const),
    ];
    const { values, points } = read('a\n4\n1\nNaN\n1\n', { columns: ['a'], aggregate });
    expect(values).toEqual({
      a_final: 1,
      a_first: 4,
      a_min: 1,
      a_max: 4,
      a_mean: 2,
      a_average: 2,
      a_median: 1,
      a_count: 4,
      a_sum: 6,
    });
    expect(points).toEqual([]);
    expect(read('a\n\n', { columns: ['a'], aggregate }).values).toEqual({ a_count: 0 });
  });
});

test.each<[string, string, Settings, string[]]>([
  ['a byte order mark', '\ufeffa,b\n1,2\n', { columns: ['a'] }, ['a@0=1']],
  [
    'semicolons and decimal commas',
    'a;b\n"1.234,5";0,5\n',
    { columns: ['a', 'b'], delimiter: ';', decimal: ',' },
    ['a@0=1234.5', 'b@0=0.5'],
  ],
  ['tabs', 'a\tb\n1\t2\n', { columns: ['b'], delimiter: '\t' }, ['b@0=2']],
  [
    'quotes, line ends in them, and CRLF',
    '"a, b","c"\r\n"1","x\r\ny"\r\n2,z',
    { columns: ['a, b'] },
    ['a, b@0=1', 'a, b@1=2'],
  ],
  ['blanks around', ' a , b \n 1 , 2 \n', { columns: ['a', 'b'] }, ['a@0=1', 'b@0=2']],
  ['what is not finite', 'a\nnan\n-inf\n', { columns: ['a'] }, ['a@0=NaN', 'a@1=-Infinity']],
  ['rows that are short or long', 'a,b\n1\n2,3,4\n', { columns: ['a', 'b'] }, ['a@0=1', 'a@1=2', 'b@1=3']],
  ['thousands apart', 'a\n"1,234.5"\n', { columns: ['a'] }, ['a@0=1234.5']],
])('a table with %s is read', (_sentence, text, settings, points) => {
  expect(read(text, settings)).toEqual({ values: {}, points, notes: [] });
});

test('a table in UTF-16, as spreadsheets write it, is read', () => {
  const units = Uint16Array.from('\ufeffgröße;b\n1,5;2\n', (unit) => unit.charCodeAt(0));
  const settings: Settings = { columns: ['größe'], delimiter: ';', decimal: ',' };
  expect(read(new Uint8Array(units.buffer), settings).points).toEqual(['größe@0=1.5']);
});

describe('what cannot be used', () => {
  test.each<[string, string, Settings, string]>([
    ['a cell of words', 'a\n1\nfast\n', { columns: ['a'] }, 'line 3: column "a" is "fast", no number'],
    [
      'a decimal comma',
      'a\n1\n"0,5"\n',
      { columns: ['a'] },
      'line 3: column "a" is "0,5", no number; is its decimal mark ","?',
    ],
    [
      'a quote that is not closed',
      'a\n1\n"2\n',
      { columns: ['a'] },
      'line 3 has a quote that is never closed; it is left out',
    ],
    [
      'a column that is not there',
      'a,los\n1,2\n',
      { columns: ['a', 'loss'] },
      'has no column "loss", its header is "a, los"; did you mean "los"?',
    ],
    ['a column that is there twice', 'a,b,b\n1,2,3\n', { columns: ['a', 'b'] }, 'has two columns "b"'],
  ])('is told: %s', (_sentence, text, settings, note) => {
    expect(read(text, settings)).toEqual({ values: {}, points: ['a@0=1'], notes: [note] });
  });

  test('is told: no row is as wanted', () => {
    const { points, notes } = read(LOSS, { columns: ['loss'], where: { split: 'dev' } });
    expect({ points, notes }).toEqual({ points: [], notes: ['no row is as wanted'] });
  });

  test.each<[string, string, Settings, string]>([
    ['nothing', '', { columns: ['a'] }, 'is empty; wanted a header line and rows'],
    [
      'none of the columns',
      'when,who\n1,2\n',
      { columns: ['a', 'b'] },
      'has no column "a", its header is "when, who"',
    ],
    [
      'another delimiter',
      'a;b\n1;2\n',
      { columns: ['a'] },
      'has no column "a", its header is "a;b"; is ";" its delimiter?',
    ],
    [
      'a filter by no column',
      'a\n1\n',
      { columns: ['a'], where: { split: '1' } },
      'has no column "split", its header is "a"',
    ],
    ['a header that never ends', '"a\n1\n', { columns: ['a'] }, 'line 1 has a quote that is never closed'],
    [
      'the wrong file of Locust',
      'Method,Name,Error\n',
      { preset: 'locust' },
      'has no column "Type", its header is "Method, Name, Error"',
    ],
    [
      'a table of something else',
      'Type,Name,p95\n',
      { preset: 'locust' },
      'has no column "Request Count"; wanted the <prefix>_stats.csv of Locust',
    ],
    [
      'no row of Locust',
      'Type,Name,Request Count\n',
      { preset: 'locust' },
      'has a header and no row; was Locust stopped?',
    ],
  ])('is a problem: %s', (_sentence, text, settings, problem) => {
    expect(decode(text, settings)).toEqual({ problem });
  });

  test('is a problem: more than a million numbers', () => {
    expect(decode(`a,b,c,d\n${'1,2,3,4\n'.repeat(250_001)}`, { columns: ['a', 'b', 'c', 'd'] })).toEqual({
      problem: 'has more than 1000000 numbers; name fewer columns, or keep less',
    });
  });
});

describe('Locust', () => {
  test('as it writes today', () => {
    const { values, notes } = read(fixture('locust-2.47_stats.csv'), { preset: 'locust' });
    // The rows of the file itself: 338 requests of which 44 failed, all of them to /broken.
    expect(values).toMatchObject({
      'total/requests': 338,
      'total/failures': 44,
      'total/failed': 44 / 338,
      'total/p95': 23,
      'total/p99.9': 65,
      'total/p100': 65,
      'total/requests_per_second': 67.90186781598184,
      '/broken/failed': 1,
      '/fast/failed': 0,
      '/slow, "quoted"/average': 23.065086936663935,
    });
    expect(notes).toEqual([]);
  });

  test('as it wrote before 1.0, where one name has two methods', () => {
    const { values } = read(fixture('locust-0.14_stats.csv'), { preset: 'locust' });
    expect(values).toMatchObject({
      'GET /users/p95': 47,
      'POST /users/failed': 0.05,
      '/fast/median': 4,
      'total/requests': 540,
      'total/p99.999': 81,
    });
  });

  test.each(['locust-2.47-idle_stats.csv', 'locust-0.14_stats.csv'])(
    'gives no times of what was never requested, in %s',
    (name) => {
      const { values, notes } = read(fixture(name), { preset: 'locust' });
      const which = name.includes('idle') ? 'total' : '/never';
      const of = Object.keys(values).filter((key) => key.startsWith(which));
      const said = ['requests', 'failures', 'requests_per_second'];
      expect(of).toEqual(said.map((measure) => `${which}/${measure}`));
      expect(notes).toEqual([]);
    },
  );

  test('tells a cell that is no number', () => {
    const { values, notes } = read('Type,Name,Request Count,95%\nGET,/a,3,fast\n', { preset: 'locust' });
    expect(values).toEqual({ '/a/requests': 3 });
    expect(notes).toEqual(['line 2: p95 is "fast", which is no number']);
  });
});

test('no bytes make it throw', () => {
  const piece = fc.constantFrom(
    'a',
    ',',
    ';',
    '"',
    '\n',
    '\r',
    '1',
    '0,5',
    'Type',
    'Name',
    'Request Count',
    '95%',
    ' ',
    'é',
  );
  const settings = fc.constantFrom<Settings>(
    { preset: 'locust' },
    { columns: ['a'] },
    { columns: { a: 'b' }, delimiter: ';', aggregate: ['sum'] },
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      settings,
      fc.uint8Array({ maxLength: 10 }),
      (pieces, how, tail) => {
        const result = decode(Uint8Array.from([...bytes(pieces.join('')), ...tail]), how);
        expect('notes' in result || 'problem' in result).toBe(true);
      },
    ),
  );
});
