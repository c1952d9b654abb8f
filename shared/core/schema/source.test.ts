import { describe, expect, test } from 'vitest';
import { check, problemText } from '../problem.ts';
import { ConfigFile } from './config.ts';
import { MetricConfig } from './test-config.ts';

function problemsOf(sources: unknown, connections?: unknown): string[] {
  const checked = check(ConfigFile, { tests: { t: { sources } }, connections });
  return checked.ok ? [] : checked.problems.map(problemText);
}

describe('sources of a config file', () => {
  test('every kind can be written', () => {
    const sources = [
      { tensorboard: {} },
      { json: { path: 'results/*.json', preset: 'pytest-benchmark' } },
      { json: { path: 'out.json', metrics: { auc: '/metrics/auc' } } },
      { json_lines: { path: 'm.jsonl', preset: 'metrics-lines', dimensions: ['split'] } },
      { json_lines: { path: 'n.jsonl', names: { name: '/name', value: '/value' }, step: '/step' } },
      { json_lines: { path: 'o.jsonl', metrics: { loss: '/loss' }, time: '/at' } },
      { k6: { path: 'gs://bucket/run/summary.json', prefix: 'load/' } },
      { csv: { path: '/data/stats.csv', preset: 'locust' } },
      {
        csv: {
          path: 'a.csv',
          columns: { 'p 95': 'p95' },
          where: { split: 'test' },
          delimiter: ';',
          decimal: ',',
        },
      },
      { junit: { path: 'junit.xml' } },
      { openmetrics: { path: 'metrics.prom' } },
      { lines: { path: 'stdout.log' } },
      { mlflow: { connection: 'tracking', run: '{label.mlflow_run_id}' } },
      { mlflow: { connection: 'tracking', experiment: 'e', filter: "tags.version = '{label.version}'" } },
      { sql: { connection: 'warehouse', query: 'select 1', parameters: ['{label.version}'] } },
    ];
    const connections = {
      tracking: 'mlflow+https://mlflow.example.com/base',
      warehouse: 'postgres://reader@db.example.com:5432/eval?sslmode=require',
    };
    expect(problemsOf(sources, connections)).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['an empty list', [], 'sources: too small: expected array to have >=1 items: current value is []'],
    ['an element without a kind', [{}], 'sources.0: needs exactly one of tensorboard, json, json_lines, k6,'],
    [
      'two kinds in one element',
      [{ tensorboard: {}, k6: { path: 'a' } }],
      'sources.0: needs exactly one of tensorboard,',
    ],
    [
      'no preset and no pointers',
      [{ json: { path: 'a' } }],
      'sources.0.json: needs exactly one of preset, metrics',
    ],
    ['a path upwards', [{ k6: { path: 'a/../../b' } }], 'sources.0.k6.path: must not have ".." in it'],
    [
      'a wildcard for a bucket',
      [{ k6: { path: 'gs://b*/a' } }],
      'sources.0.k6.path: must not have * or ? before',
    ],
    ['a path with a line end', [{ k6: { path: 'a\nb' } }], 'sources.0.k6.path: has a control character'],
    [
      'a pointer without a slash',
      [{ json: { path: 'a', metrics: { auc: 'metrics.auc' } } }],
      'sources.0.json.metrics.auc: is not a JSON pointer such as /metrics/auc: current value is "metrics.auc"',
    ],
    [
      'an unknown preset',
      [{ json: { path: 'a', preset: 'pytest' } }],
      'sources.0.json.preset: must be one of perfzero,',
    ],
    [
      'a step beside the preset',
      [{ json_lines: { path: 'a', preset: 'metrics-lines', step: '/s' } }],
      'sources.0.json_lines.step: does not go with a preset',
    ],
    [
      'a filter for a named run',
      [{ mlflow: { connection: 'c', run: 'r', filter: 'f' } }],
      'sources.0.mlflow: filter goes only with experiment',
    ],
    ['a folder', [{ k6: { path: 'results/' } }], 'sources.0.k6.path: must name a file, not a folder'],
    ['a bucket', [{ k6: { path: 'gs://b' } }], 'sources.0.k6.path: must name a file, not a folder'],
    [
      'an unknown placeholder',
      [{ mlflow: { connection: 'c', run: '{labels.run}' } }],
      'sources.0.mlflow.run: has "{labels.run}"; wanted {label.NAME}, {run_id}, {test_name} or {attempt}',
    ],
    [
      'a placeholder in a filter that a label could end',
      [{ mlflow: { connection: 'c', experiment: 'e', filter: 'tags.v = {label.v}' } }],
      "sources.0.mlflow.filter: has {label.v} outside of quotes; write '{label.v}'",
    ],
    [
      'a regular expression, which could take for ever',
      [{ lines: { path: 'a', pattern: '(a+)+' } }],
      'sources.0.lines.pattern: unknown key',
    ],
  ])('%s is a problem', (_what, sources, problem) => {
    const found = problemsOf(sources, { c: 'mlflow+https://host' });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`tests.t.${problem}`);
  });

  test('a misspelt kind is told with what was meant', () => {
    expect(problemsOf([{ jsonl: { path: 'a' } }])[0]).toBe(
      'tests.t.sources.0.jsonl: unknown key; did you mean "json"?',
    );
  });

  test.each<[string, unknown[], string]>([
    [
      'a value by pointers',
      [
        { json: { path: 'a.json', metrics: { auc: '/a' } } },
        { json: { path: 'b.json', metrics: { auc: '/b', loss: '/l' } } },
      ],
      '1.json.metrics.auc: "auc" is also given by sources.0 (json a.json)',
    ],
    [
      'a series',
      [{ json_lines: { path: 'a', metrics: { loss: '/l' } } }, { csv: { path: 'b', columns: ['loss'] } }],
      '1.csv.columns: "loss" is also given by sources.0 (json_lines a)',
    ],
    [
      'everything, by the same settings',
      [{ tensorboard: {} }, { tensorboard: {} }],
      '1: what this source holds is also given by sources.0 (tensorboard)',
    ],
  ])('two sources that give one name are a problem: %s', (_what, sources, problem) => {
    expect(problemsOf(sources)).toEqual([`tests.t.sources.${problem}`]);
  });

  test('a prefix keeps names apart', () => {
    const json = { path: 'a.json', metrics: { auc: '/a' } };
    expect(problemsOf([{ json }, { json: { ...json, prefix: 'eval/' } }])).toEqual([]);
  });
});

describe('connections', () => {
  test('a source can only name one that the file has', () => {
    const sources = [{ mlflow: { connection: 'traking', run: 'r' } }];
    expect(problemsOf(sources, { tracking: 'mlflow+https://host' })).toEqual([
      'tests.t.sources.0.mlflow.connection: is none of connections; did you mean "tracking"?: current value is "traking"',
    ]);
  });

  test.each([
    [
      'mysql://host/db',
      'is no connection that this version knows; wanted mlflow+https://HOST or postgres://',
    ],
    ['mlflow+https://user:hunter2@host', 'holds a password or token: remove it'],
    ['postgres://u@host/db?password=hunter2', 'holds a password or token: remove it'],
    ['postgres://u@/db', 'is not complete; wanted'],
    ['mlflow+https://ho st', 'is not complete; wanted'],
  ])('%s is refused, and no secret of it is repeated', (url, problem) => {
    const [found] = problemsOf([{ tensorboard: {} }], { db: url });
    expect(found).toContain(`connections.db: ${problem}`);
    expect(found).not.toContain('hunter2');
  });

  test('a name is one that can stand in a variable of the environment', () => {
    expect(problemsOf([{ tensorboard: {} }], { 'A b': 'postgres://u@host/db' })).toHaveLength(1);
  });
});

test('a message may bring sources, but no query of its own', () => {
  const checked = check(MetricConfig, {
    sources: [{ k6: { path: 'a.json' } }, { sql: { connection: 'db', query: 'select 1' } }],
  });
  expect(checked.ok ? [] : checked.problems.map(problemText)).toEqual([
    'sources: a query (sql) goes only in the config file, not in a message',
  ]);
});
