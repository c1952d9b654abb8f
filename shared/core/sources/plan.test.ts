import { describe, expect, test } from 'vitest';
import { hasEventFiles, plannedSources } from './plan.ts';

const run = {
  testName: 't',
  runId: 'r',
  attempt: 1,
  labels: { version: "v'1" },
  modelDir: 'gs://b/models//',
};

function placeOf(path: string, modelDir: string | null) {
  const [planned] = plannedSources([{ k6: { path } }], { ...run, modelDir });
  return planned!.from;
}

describe('where a file is looked for', () => {
  test.each<[path: string, modelDir: string | null, place: string, pattern: string]>([
    ['out.json', 'm', 'm', 'out.json'],
    ['out.json', 'm//', 'm', 'out.json'],
    ['deep/er/out.json', '/data/m', '/data/m/deep/er', 'out.json'],
    ['deep/*/out.json', 'gs://b/m', 'gs://b/m/deep', '*/out.json'],
    ['ru?/out.json', 'm', 'm', 'ru?/out.json'],
    ['out.json', 'a*b', 'a*b', 'out.json'],
    ['out.json', '/', '/', 'out.json'],
    ['/data/*.json', 'm', '/data', '*.json'],
    ['/out.json', null, '/', 'out.json'],
    ['s3://b/*.json', null, 's3://b', '*.json'],
    ['gs://b/run/x.json', null, 'gs://b/run', 'x.json'],
  ])('%s of a run in %s: in %s, what matches %s', (path, modelDir, place, pattern) => {
    expect(placeOf(path, modelDir)).toMatchObject({ kind: 'files', place, pattern });
  });

  test('a relative path needs a folder that it is relative to', () => {
    expect(placeOf('out.json', null)).toEqual({
      kind: 'nowhere',
      problem: 'Cannot read "out.json": the run named no model_dir',
    });
  });
});

describe('what a server is asked', () => {
  test('is filled with what the run says; SQL gets it as parameters alone', () => {
    const query = 'select * from eval where version = $1';
    const sources = [
      { mlflow: { connection: 'a', run: '{run_id}' } },
      { sql: { connection: 'b', query, parameters: ['{label.version}', '{attempt}'] } },
    ];
    expect(plannedSources(sources, run).map(({ from }) => from)).toEqual([
      { kind: 'remote', request: { kind: 'mlflow', connection: 'a', run: 'r' } },
      { kind: 'remote', request: { kind: 'sql', connection: 'b', query, parameters: ["v'1", '1'] } },
    ]);
  });

  test('is nothing where a label is missing, or could end the text that it stands in', () => {
    const mlflow = (filter: string) => ({ mlflow: { connection: 'a', experiment: 'e', filter } });
    const sources = [mlflow("tags.v = '{label.none}'"), mlflow("tags.v = '{label.version}'")];
    expect(plannedSources(sources, run).map(({ from }) => from)).toEqual([
      { kind: 'nowhere', problem: 'Cannot ask a: the run has no label "none"' },
      {
        kind: 'nowhere',
        problem:
          'Cannot ask a: label.version has a quote, backslash or control character, which no filter may have',
      },
    ]);
  });
});

test('event files are among the sources where nobody names any, or where they are named', () => {
  expect(hasEventFiles(null)).toBe(true);
  expect(hasEventFiles([{ k6: { path: 'a' } }, { tensorboard: {} }])).toBe(true);
  expect(hasEventFiles([{ k6: { path: 'a' } }])).toBe(false);
});
