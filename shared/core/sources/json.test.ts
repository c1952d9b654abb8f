import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../../test/support/repository.ts';
import { decodeJson } from './json.ts';
import type { SourceResult } from './reading.ts';

const encoder = new TextEncoder();
const fixture = (path: string) => new Uint8Array(readFileSync(join(ROOT, 'test/fixtures/sources', path)));
const bytes = (value: unknown) => encoder.encode(typeof value === 'string' ? value : JSON.stringify(value));

function valuesOf(result: SourceResult): Record<string, number> {
  if ('problem' in result) throw new Error(result.problem);
  return Object.fromEntries(result.values.map(({ name, value }) => [name, value]));
}

function notesOf(result: SourceResult): readonly string[] {
  if ('problem' in result) throw new Error(result.problem);
  return result.notes;
}

describe('pointers into JSON', () => {
  const metrics = { auc: '/metrics/auc', 'a/b': '/m/a~1b~0c', second: '/list/1' };
  const document = { metrics: { auc: 0.812 }, m: { 'a/b~c': -1 }, list: [1, 2] };

  test('lead to numbers, through keys with slashes and tildes, and into lists', () => {
    expect(decodeJson(bytes(document), { path: '', metrics })).toEqual({
      values: [
        { name: 'auc', value: 0.812 },
        { name: 'a/b', value: -1 },
        { name: 'second', value: 2 },
      ],
      points: [],
      notes: [],
    });
  });

  test.each([
    ['{"v": NaN}', Number.NaN],
    ['{"s": "NaN } \\" Infinity", "v": -Infinity}', Number.NEGATIVE_INFINITY],
    ['{"v": "Infinity"}', Number.POSITIVE_INFINITY],
    ['{"v": "0.5"}', 0.5],
    ['\uFEFF{"v": 1e3}', 1000],
    ['{"v": 1e999}', Number.POSITIVE_INFINITY],
  ])('take %s for a number', (text, value) => {
    expect(valuesOf(decodeJson(bytes(text), { path: '', metrics: { v: '/v' } }))).toEqual({ v: value });
  });

  test.each([
    [{ v: { a: 1 } }, 'has an object at "/v"; wanted a number'],
    [{ v: [1, 2] }, 'has a list of 2 at "/v"; wanted a number'],
    [{ v: null }, 'has null at "/v"; wanted a number'],
    [{ v: true }, 'has true at "/v"; wanted a number'],
    [{ v: `0,81${'x'.repeat(100)}` }, `has "0,81${'x'.repeat(56)}"… at "/v"; wanted a number`],
    [{}, 'has nothing at "/v"; wanted a number'],
    [[1], 'has nothing at "/v"; wanted a number'],
    ['', 'is empty; wanted JSON'],
    ['{"v": 1', 'is not JSON: '],
    ['{"v": nan}', 'is not JSON: '],
    ['['.repeat(1_000_000), 'is not JSON: '],
  ])('that lead to none are a problem, case %#', (document, problem) => {
    const result = decodeJson(bytes(document), { path: '', metrics: { v: '/v' } });
    expect('problem' in result && result.problem).toContain(problem);
  });

  test('that lead to none are a note where others do', () => {
    const result = decodeJson(bytes({ a: 1 }), { path: '', metrics: { a: '/a', b: '/b', c: '/toString' } });
    expect(valuesOf(result)).toEqual({ a: 1 });
    expect(notesOf(result)).toEqual([
      'has nothing at "/b"; wanted a number',
      'has nothing at "/toString"; wanted a number',
    ]);
  });

  test('read UTF-16 by its mark, and refuse what is neither that nor UTF-8', () => {
    const text = '\uFEFF{"v": 2}';
    const utf16 = Uint8Array.from(
      [...text].flatMap((unit) => [unit.charCodeAt(0) & 255, unit.charCodeAt(0) >> 8]),
    );
    expect(valuesOf(decodeJson(utf16, { path: '', metrics: { v: '/v' } }))).toEqual({ v: 2 });
    expect(decodeJson(Uint8Array.of(0x7b, 0xff, 0x7d), { path: '', metrics: { v: '/v' } })).toEqual({
      problem: 'line 1 is not UTF-8',
    });
  });
});

describe('presets', () => {
  test('PerfZero: metrics, the process, and the wall time', () => {
    const result = decodeJson(fixture('json/perfzero_summary.json'), { path: '', preset: 'perfzero' });
    expect(valuesOf(result)).toEqual({
      exp_per_second: 282.84,
      accuracy_top_1: 0.76301,
      avg_exp_per_second: 277.41,
      'process_info/max_rss': 4269047808,
      'process_info/max_vms': 40894889984,
      'process_info/max_cpu_percent': 771.1,
      total_wall_time: 527.058,
    });
    expect(notesOf(result)).toEqual([]);
  });

  test('pytest-benchmark: what the tool wrote, in seconds', () => {
    const file = fixture('pytest-benchmark/out.json');
    const { benchmarks } = JSON.parse(new TextDecoder().decode(file));
    const values = valuesOf(decodeJson(file, { path: '', preset: 'pytest-benchmark' }));
    expect(Object.keys(values)).toHaveLength(30);
    expect(values['test_search.py::test_bisect[3]/median']).toBe(benchmarks[0].stats.median);
    expect(values['test_search.py::test_sorted/rounds']).toBe(benchmarks[2].stats.rounds);
    expect(values['test_search.py::test_sorted/ops']).toBe(benchmarks[2].stats.ops);
  });

  test('Google Benchmark: what the tool wrote, every time in seconds', () => {
    const file = fixture('google-benchmark/out.json');
    const { benchmarks } = JSON.parse(new TextDecoder().decode(file)) as {
      benchmarks: Record<string, number>[];
    };
    const named = (name: string) => benchmarks.find((one) => Object(one).name === name)!;
    const result = decodeJson(file, { path: '', preset: 'google-benchmark' });
    const values = valuesOf(result);
    expect(values['Push/8/real_time']).toBe(named('Push/8').real_time! / 1e9);
    expect(values['Push/8/bytes_per_second']).toBe(named('Push/8').bytes_per_second);
    expect(values['Push/8/grown']).toBe(7);
    expect(values['Push/64/repeats:3/real_time_median']).toBe(
      named('Push/64/repeats:3_median').real_time! / 1e6,
    );
    expect(values['Push/64/repeats:3/cpu_time_cv']).toBe(named('Push/64/repeats:3_cv').cpu_time);
    // Single repetitions count by their aggregates, and a fit is no measurement.
    expect(Object.keys(values)).not.toContain('Push/64/repeats:3/real_time');
    expect(Object.keys(values).filter((name) => /BigO|RMS|coefficient|rms|iterations/.test(name))).toEqual(
      [],
    );
    expect(notesOf(result)).toEqual([
      '"Broken" failed or was skipped: "no such device"',
      'the benchmark library was built for debugging; times are longer than they need be',
    ]);
  });

  test('Google Benchmark: repetitions without aggregates are a series, and units that nobody knows are left out', () => {
    const benchmarks = [
      { run_name: 'a', run_type: 'iteration', real_time: 2, time_unit: 'ms' },
      { run_name: 'a', run_type: 'iteration', real_time: 4, time_unit: 'ms' },
      { name: 'old', real_time: 12 },
      { run_name: 'b', real_time: 1, time_unit: 'h', hits: 3, label: '7' },
    ];
    const result = decodeJson(bytes({ benchmarks }), { path: '', preset: 'google-benchmark' });
    expect(result).toEqual({
      values: [
        { name: 'old/real_time', value: 12e-9 },
        { name: 'b/hits', value: 3 },
      ],
      points: [
        { name: 'a/real_time', step: 0, wallTime: Number.NaN, value: 0.002 },
        { name: 'a/real_time', step: 1, wallTime: Number.NaN, value: 0.004 },
      ],
      notes: ['"b" has the time_unit "h"; wanted ns, us, ms or s'],
    });
  });

  test('lm-eval: tasks and groups; what is no number is none', () => {
    expect(valuesOf(decodeJson(fixture('json/lm-eval.json'), { path: '', preset: 'lm-eval' }))).toEqual({
      'mmlu/acc,none': 0.6521,
      'mmlu/acc_stderr,none': 0.0038,
      'hellaswag/acc,none': 0.5716988647679745,
      'hellaswag/acc_stderr,none': 0.004938212723748204,
      'hellaswag/acc_norm,none': 0.7545309699263095,
      'hellaswag/acc_norm_stderr,none': 0.004294853999177879,
      'squadv2/exact,none': 51.2,
    });
  });

  test('trainer state: series by step, NaN as Python writes it', () => {
    const result = decodeJson(fixture('json/trainer_state.json'), { path: '', preset: 'trainer-state' });
    if ('problem' in result) throw new Error(result.problem);
    const of = (wanted: string) =>
      result.points.filter(({ name }) => name === wanted).map(({ step, value }) => [step, value]);
    expect(of('loss')).toEqual([
      [500, 0.6121],
      [1000, 0.3977],
    ]);
    expect(of('grad_norm')).toEqual([
      [500, 3.25],
      [1000, Number.NaN],
    ]);
    expect(of('train_runtime')).toEqual([[1000, 181.22]]);
    expect(of('step')).toEqual([]);
    expect(result.values).toEqual([{ name: 'best_metric', value: 0.4213 }]);
  });

  test('a trainer state that transformers itself has written', () => {
    const bytes = fixture('json/trainer_state-4.57.json');
    const result = decodeJson(bytes, { path: '', preset: 'trainer-state' });
    if ('problem' in result) throw new Error(result.problem);
    const of = (wanted: string) =>
      result.points.filter(({ name }) => name === wanted).map(({ step, value }) => [step, value]);
    expect(of('loss')).toEqual([
      [5, 1.8234],
      [10, 1.2071],
      [15, 0.9502],
      [20, 0.8113],
    ]);
    expect(of('eval_accuracy')).toEqual([
      [10, 0.71],
      [20, 0.81],
    ]);
    expect(of('train_loss')).toEqual([[20, 1.198]]);
    expect(result.values).toEqual([{ name: 'best_metric', value: 0.81 }]);
  });

  test.each([
    ['perfzero', 'has nothing at "/benchmark_result"; wanted an object'],
    ['pytest-benchmark', 'has nothing at "/benchmarks"; wanted a list'],
    ['google-benchmark', 'has nothing at "/benchmarks"; wanted a list'],
    ['lm-eval', 'has nothing at "/results"; wanted an object'],
    ['trainer-state', 'has nothing at "/log_history"; wanted a list'],
  ] as const)('%s: a file of another kind is a problem', (preset, problem) => {
    for (const other of [{}, [], null, 1]) {
      expect(decodeJson(bytes(other), { path: '', preset })).toEqual({ problem });
    }
  });

  test('entries of another shape are left out with a note', () => {
    const benchmarks = [null, { fullname: 'a', stats: { median: 1 } }, { fullname: 'b' }];
    const result = decodeJson(bytes({ benchmarks }), { path: '', preset: 'pytest-benchmark' });
    expect(valuesOf(result)).toEqual({ 'a/median': 1 });
    expect(notesOf(result)).toEqual([
      '/benchmarks/0 has no fullname or no stats; it is left out',
      '/benchmarks/2 has no fullname or no stats; it is left out',
    ]);
  });
});
