import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { nearest } from './nearest.ts';
import { check, dotted, problemText, show } from './problem.ts';
import { knownKeys } from './schema/known-keys.ts';
import { MetricConfig } from './schema/test-config.ts';

describe('the word that was meant', () => {
  const WORDS = ['comparison', 'success_threshold', 'final', 'first', 'min', 'max', 'mean'];
  test.each([
    ['comparision', 'comparison'],
    ['Comparison', 'comparison'],
    ['sucess_treshold', 'success_threshold'],
    ['finla', 'final'],
    ['fisrt', 'first'],
    ['mn', 'min'],
    ['colour', null],
    ['x', null],
    ['', null],
    ['x'.repeat(100_000), null],
  ])('%.20s: %s', (word, meant) => {
    expect(nearest(word, WORDS)).toBe(meant);
  });

  test('the nearest, and of equally near ones the first', () => {
    expect(nearest('mac', ['max', 'mac1', 'mat'])).toBe('max');
    expect(nearest('max', ['min', 'max'])).toBe('max');
  });

  test('two neighbours swapped are one mistake, as far as two letters apart', () => {
    expect(nearest('ab', ['ba'])).toBe('ba');
    expect(nearest('abc', ['cba'])).toBeNull();
  });
});

describe('known keys', () => {
  test.each([
    [[], ['test_name', 'metric_collection_config', 'regression_test_config']],
    [
      ['regression_test_config', 'metric_success_conditions', 'any'],
      ['comparison', 'success_threshold', 'on_missing'],
    ],
    [
      ['metric_collection_config', 'time_to_accuracy'],
      ['accuracy_tag', 'accuracy_threshold'],
    ],
  ])('at %j', (path, keys) => {
    expect(knownKeys(MetricConfig, path)).toEqual(expect.arrayContaining(keys));
  });

  test('where nothing is known there are none', () => {
    expect(knownKeys(MetricConfig, ['nothing', 'there'])).toEqual([]);
  });
});

const Schema = z.strictObject({
  name: z.string(),
  kind: z.enum(['pass', 'fail']).optional(),
  size: z.union([z.number(), z.enum(['NaN'])]).optional(),
  list: z.array(z.strictObject({ deep: z.boolean() })).optional(),
  short: z.string().max(3).optional(),
});

describe('mistakes', () => {
  test.each<[string, unknown, string[]]>([
    ['none', { name: 'a' }, []],
    ['missing', {}, ['name: is missing; wanted string']],
    ['of another type', { name: 1 }, ['name: must be string: current value is 1']],
    [
      'not one of the words',
      { name: 'a', kind: 'fial' },
      ['kind: must be one of pass, fail: current value is "fial"; did you mean "fail"?'],
    ],
    ['neither of two', { name: 'a', size: 'big' }, ['size: must be number, or NaN: current value is "big"']],
    ['infinite', { name: 'a', size: Infinity }, ['size: must be number, or NaN: current value is Infinity']],
    [
      'in a list',
      { name: 'a', list: [{ deep: true }, { depe: true }] },
      ['list.1.depe: unknown key; did you mean "deep"?'],
    ],
    ['misspelt, so that it seems missing too', { nmae: 'a' }, ['nmae: unknown key; did you mean "name"?']],
    [
      'unknown and missing are two',
      { colour: 'a' },
      ['name: is missing; wanted string', 'colour: unknown key'],
    ],
    ['not an object', [], ['must be object: current value is []']],
    ['nothing', undefined, ['is missing; wanted object']],
  ])('%s', (_, input, expected) => {
    const checked = check(Schema, input);
    expect(checked.ok ? [] : checked.problems.map(problemText).sort()).toEqual([...expected].sort());
  });

  test('a limit tells the value that broke it', () => {
    const checked = check(Schema, { name: 'a', short: 'long' });
    expect(checked).toMatchObject({ ok: false, problems: [{ path: 'short' }] });
    if (!checked.ok) expect(checked.problems[0]?.message).toContain('current value is "long"');
  });
});

test.each([
  ['text', '"text"'],
  [undefined, 'undefined'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [1e21, '1e+21'],
  ['a\nb\u001b', String.raw`"a\nb\u001b"`],
  [{ a: [1] }, '{"a":[1]}'],
  [10n, '10'],
])('a value in a sentence: %s', (value, text) => {
  expect(show(value)).toBe(text);
});

test('a long value is cut', () => {
  expect(show('x'.repeat(1000))).toHaveLength(80);
});

test('a path has dots between its parts', () => {
  expect(dotted(['tests', 'a.b', 0, 'c'])).toBe('tests.a.b.0.c');
});
