import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeOpenMetrics } from './openmetrics.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/sources/openmetrics/${name}`, import.meta.url));

function read(text: string | Uint8Array) {
  const result = decodeOpenMetrics(typeof text === 'string' ? bytes(text) : text);
  if ('problem' in result) throw new Error(result.problem);
  return { ...result, values: result.values.map(({ name, value }) => [name, value]) };
}

// What prom.py beside the files gave its metrics.
const WRITTEN = [
  ['eval_accuracy', 0.9831],
  ['eval_loss{model="resnet \\"50\\"",split="test"}', 0.0525],
  ['eval_loss{model="C:\\\\runs\\nnew",split="train"}', 0.031],
  ['diverged', Number.NaN],
  ['best_bound', Number.NEGATIVE_INFINITY],
  ['samples_total{split="train"}', 1_280_000],
  ['step_seconds_bucket{le="0.05"}', 1],
  ['step_seconds_bucket{le="0.1"}', 3],
  ['step_seconds_bucket{le="0.5"}', 4],
  ['step_seconds_bucket{le="+Inf"}', 5],
  ['step_seconds_count', 5],
  ['step_seconds_sum', 1.27],
  ['batch_bytes_count', 2],
  ['batch_bytes_sum', 3000.5],
  ['build_info{cuda="12",version="1.2.3"}', 1],
  ['phase{phase="warmup"}', 0],
  ['phase{phase="train"}', 0],
  ['phase{phase="done"}', 1],
];

test.each(['metrics.prom', 'metrics.om'])(
  '%s of the Python client is read, and when things were created is not',
  (name) => {
    expect(read(fixture(name))).toEqual({ values: WRITTEN, points: [], notes: [] });
  },
);

describe('a sample', () => {
  test.each([
    ['with its labels in any order', 'a{z="1",b="2"} 3', 'a{b="2",z="1"}', 3],
    ['with blanks everywhere', '  a { b = "2" , c="" , }   3   ', 'a{b="2",c=""}', 3],
    ['with no labels in its braces', 'a{} 3', 'a', 3],
    ['with a brace, a comma and a # in a label', 'a{b="},#"} 3', 'a{b="},#"}', 3],
    ['with a time', 'a 3 1795425190000', 'a', 3],
    [
      'with an exemplar behind its time',
      'a_bucket{le="1"} 3 1795425190.5 # {trace="x y"} 0.7',
      'a_bucket{le="1"}',
      3,
    ],
    ['with a name in quotes', '{"eval.loss","split name"="test"} 3', '"eval.loss"{"split name"="test"}', 3],
    ['with colons', 'job:loss:mean5m 3', 'job:loss:mean5m', 3],
    ['without fraction', 'a 1e3', 'a', 1000],
  ])('%s', (_sentence, line, name, value) => {
    expect(read(`${line}\n`)).toEqual({ values: [[name, value]], points: [], notes: [] });
  });

  test.each([
    ['no name', '{b="1"} 3', 'is no sample: "{b=\\"1\\"} 3"; wanted name{label="value"} number'],
    [
      'a label that is never closed',
      'a{b="1} 3',
      'is no sample: "a{b=\\"1} 3"; wanted name{label="value"} number',
    ],
    ['no value', 'a', 'has no number behind its name: ""'],
    ['a decimal comma', 'a 0,25', 'has no number behind its name: "0,25"'],
    ['two times', 'a 1 2 3', 'has "2 3" behind its value; wanted a time at most'],
    ['a time that is none', 'a 1 soon', 'has "soon" behind its value; wanted a time at most'],
  ])('with %s is left out and told, and is a problem where it is all there is', (_sentence, line, told) => {
    const { values, notes } = read(`ok 1\n${line}\n`);
    expect(values).toEqual([['ok', 1]]);
    expect(notes).toEqual([`line 2 ${told}; it is left out`]);
    expect(decodeOpenMetrics(bytes(`${line}\n`))).toEqual({ problem: `line 1 ${told}` });
  });

  test('that comes again counts as it was last', () => {
    const { values, notes } = read('a{x="1",y="2"} 1\na{y="2",x="1"} 2\n');
    expect(values).toEqual([['a{x="1",y="2"}', 2]]);
    expect(notes).toEqual(['a{x="1",y="2"} comes more than once; the last counts']);
  });

  test('without a line end may be cut short, so it is left out', () => {
    const { values, notes } = read('a 1\nb 0.98');
    expect(values).toEqual([['a', 1]]);
    expect(notes).toEqual(['line 2 has no end, so its value may be cut short; it is left out']);
  });

  test('behind # EOF is not read', () => {
    expect(read('a 1\n# EOF\nb 2\n').values).toEqual([['a', 1]]);
  });

  test('that only looks like a creation is read', () => {
    expect(read('# TYPE tickets gauge\ntickets_created 3\n').values).toEqual([['tickets_created', 3]]);
  });

  test('with a name of more than a thousand characters is left out', () => {
    const { values, notes } = read(`${'a'.repeat(1001)} 1\nb 2\n`);
    expect(values).toEqual([['b', 2]]);
    expect(notes[0]).toContain('longer than 1000 characters');
  });
});

test('an empty text has no metrics, and that is no error', () => {
  expect(read('')).toEqual({ values: [], points: [], notes: [] });
  expect(read('# HELP a b\n\n')).toEqual({ values: [], points: [], notes: [] });
});

test('bytes that are not UTF-8 are a problem with their line', () => {
  expect(decodeOpenMetrics(Uint8Array.from([...bytes('a 1\nb{c="'), 0xe4, ...bytes('"} 2\n')]))).toEqual({
    problem: 'line 2 is not UTF-8',
  });
});

test('more than a hundred thousand metrics are data', () => {
  const text = Array.from({ length: 100_001 }, (_, at) => `m${at} 1\n`).join('');
  expect(decodeOpenMetrics(bytes(text))).toHaveProperty('problem');
});

test('no bytes make it throw', () => {
  const piece = fc.constantFrom(
    'a',
    '{',
    '}',
    '"',
    '\\',
    '=',
    ',',
    ' ',
    '\n',
    '# ',
    'TYPE',
    '1',
    'NaN',
    '+Inf',
    '\t',
    'é',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.uint8Array({ maxLength: 10 }), (pieces, tail) => {
      const result = decodeOpenMetrics(Uint8Array.from([...bytes(pieces.join('')), ...tail]));
      expect('notes' in result || 'problem' in result).toBe(true);
    }),
  );
});
