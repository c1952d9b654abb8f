import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../../test/support/repository.ts';
import type { SourceSettings } from '../schema/source.ts';
import { decodeJsonLines } from './json-lines.ts';

type Settings = Omit<SourceSettings<'json_lines'>, 'path'>;

const decode = (text: string, settings: Settings) =>
  decodeJsonLines(new TextEncoder().encode(text), { path: '', ...settings });
const NO_TIME = Number.NaN;

describe('lines of metrics and dimensions', () => {
  const file = readFileSync(join(ROOT, 'test/fixtures/sources/json/metrics.jsonl'), 'utf8');

  test('give values under their names; what comes with several dimensions does not count', () => {
    expect(decode(file, { preset: 'metrics-lines' })).toEqual({
      values: [
        { name: 'logloss', value: 0.4471 },
        { name: 'step_time', value: 1.25 },
      ],
      points: [],
      notes: [
        'line 2: "auc" comes with the dimensions "{model=ctr-v2,split=test}" and "{model=ctr-v2,split=train}", and none counts; name in "dimensions" what tells them apart',
      ],
    });
  });

  test('give names with the dimensions that the settings name', () => {
    const result = decode(file, { preset: 'metrics-lines', dimensions: ['split'] });
    expect(result).toMatchObject({
      values: [
        { name: 'auc{split=test}', value: 0.812 },
        { name: 'logloss{split=test}', value: 0.4471 },
        { name: 'auc{split=train}', value: 0.829 },
        { name: 'step_time', value: 1.25 },
      ],
      notes: [],
    });
  });

  test('a line with the same dimensions again is a correction', () => {
    const lines = '{"metrics":{"a":1},"dimensions":{"k":"v"}}\n{"dimensions":{"k":"v"},"metrics":{"a":2}}\n';
    expect(decode(lines, { preset: 'metrics-lines' })).toEqual({
      values: [{ name: 'a', value: 2 }],
      points: [],
      notes: ['line 2: "a" comes again; the last counts'],
    });
  });

  test('numbers may be NaN; what is none is told', () => {
    const lines = '{"metrics":{"a":NaN,"b":"high","c":null}}\n{"metrics":[1]}\n';
    expect(decode(lines, { preset: 'metrics-lines' })).toEqual({
      values: [{ name: 'a', value: Number.NaN }],
      points: [],
      notes: [
        'line 1: "b" is "high"; wanted a number',
        'line 1: "c" is null; wanted a number',
        'line 2 has a list of 1 at "/metrics"; wanted an object; it is left out',
      ],
    });
  });

  test('dimensions that would make every name long are refused', () => {
    const line = JSON.stringify({ metrics: { a: 1 }, dimensions: { k: 'x'.repeat(2000) } });
    expect(decode(`${line}\n`, { preset: 'metrics-lines', dimensions: ['k'] })).toEqual({
      problem: 'line 1 has dimensions of more than 1000 characters',
    });
  });

  test('of more metrics than any run has are a problem', () => {
    const metrics = Object.fromEntries(Array.from({ length: 100_001 }, (_, at) => [`m${at}`, at]));
    const result = decode(JSON.stringify({ metrics }), { preset: 'metrics-lines' });
    expect(result).toEqual({ problem: 'has more than 100000 metrics; those of one run are fewer' });
  });
});

describe('points by pointers', () => {
  test('a line has a name, a value, a step and a time', () => {
    const lines = [
      '{"name":"loss","value":0.9,"step":10,"at":"2026-11-20T02:15:07Z"}',
      '{"name":"loss","value":"0.4","step":20,"at":1795140967.5}',
      '{"event":"checkpoint saved"}',
      '',
      '{"name":"acc","value":0.8,"step":20,"at":"soon"}',
    ];
    const names = { name: '/name', value: '/value' };
    expect(decode(`${lines.join('\r\n')}\n`, { names, step: '/step', time: '/at' })).toEqual({
      values: [],
      points: [
        { name: 'loss', step: 10, wallTime: 1795140907, value: 0.9 },
        { name: 'loss', step: 20, wallTime: 1795140967.5, value: 0.4 },
        { name: 'acc', step: 20, wallTime: NO_TIME, value: 0.8 },
      ],
      notes: [],
    });
  });

  test('a line has a number for each series; steps count where nobody names them', () => {
    const lines = '{"train":{"loss":0.9}}\n{"train":{"loss":0.7},"eval":0.6}\n{"train":{"loss":null}}\n';
    expect(decode(lines, { metrics: { loss: '/train/loss', eval: '/eval' } })).toMatchObject({
      points: [
        { name: 'loss', step: 0, value: 0.9 },
        { name: 'loss', step: 1, value: 0.7 },
        { name: 'eval', step: 0, value: 0.6 },
      ],
      notes: [],
    });
  });

  test('what is no number is told with its line', () => {
    const names = { name: '/n', value: '/v' };
    expect(decode('{"n":"a","v":"x"}\n{"n":7,"v":1}\n{"n":"a","v":1}\n', { names })).toMatchObject({
      points: [{ name: 'a', step: 0, value: 1 }],
      notes: [
        'line 1: "a" is "x"; wanted a number under a name',
        'line 2: a name is 7; wanted a number under a name',
      ],
    });
  });
});

describe('lines that are no JSON', () => {
  const metrics = { a: '/a' };

  test('a last line without an end is cut short', () => {
    expect(decode('{"a":1}\n{"a":2}\n{"a":3', { metrics })).toMatchObject({
      points: [{ value: 1 }, { value: 2 }],
      notes: ['line 3 is cut short: it has no end and is not JSON; it is left out'],
    });
    expect(decode('{"a":1}\n{"a":2}', { metrics })).toMatchObject({ points: [{ value: 1 }, { value: 2 }] });
  });

  test('others are left out, and counted', () => {
    const result = decode(`{"a":1}\n${'oops\n'.repeat(1000)}`, { metrics });
    expect('notes' in result && result.notes).toHaveLength(4);
    expect('notes' in result && result.notes.at(-1)).toBe('and 997 more lines that are left out');
  });

  test.each([
    ['', 'is empty; wanted a JSON object a line'],
    ['\n\n', 'is empty; wanted a JSON object a line'],
    ['no json\n', 'line 1 is not JSON: '],
    ['[1\n', 'line 1 is not JSON: '],
    ['7\n', 'line 1 is 7; wanted an object'],
    ['{"a":1', 'line 1 is cut short'],
  ])('alone are a problem: %j', (text, problem) => {
    const result = decode(text, { metrics });
    expect('problem' in result && result.problem).toContain(problem);
  });

  test('bytes that are none of UTF-8 cost no line', () => {
    const bytes = Uint8Array.of(...new TextEncoder().encode('{"a":1,"b":"'), 0xff, 0x22, 0x7d, 0x0a);
    expect(decodeJsonLines(bytes, { path: '', metrics })).toMatchObject({
      points: [{ value: 1 }],
      notes: ['line 1 is not UTF-8; what cannot be read stands as \uFFFD'],
    });
  });
});
