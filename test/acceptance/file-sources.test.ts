// A job that writes no event file at all: what its tools leave in its folder is judged all the same.
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { finished, workspaces } from '../support/cli.ts';
import { ROOT } from '../support/repository.ts';

const NOW = ['--now', '2026-08-02T00:00:00Z'];
const FILES = {
  'load_stats.csv': 'csv/locust-2.47_stats.csv',
  'junit.xml': 'junit/pytest.xml',
  'metrics.prom': 'openmetrics/metrics.prom',
  'stdout.log': 'lines/mlperf.log',
};
const SOURCES = [
  { csv: { path: 'load_stats.csv', preset: 'locust', prefix: 'load:' } },
  {
    csv: {
      path: 'epochs.csv',
      columns: { Verlust: 'loss' },
      delimiter: ';',
      decimal: ',',
      aggregate: ['min'],
    },
  },
  { junit: { path: 'junit.xml', prefix: 'tests:' } },
  { openmetrics: { path: 'metrics.prom' } },
  { lines: { path: 'stdout.log' } },
];
const fixed = (comparison: string, fixed_value: number) => ({
  comparison,
  success_threshold: { fixed_value },
});
const CONDITIONS = {
  'load:total/p95': fixed('less_or_equal', 250),
  'load:total/failed': fixed('less_or_equal', 0.01),
  'tests:total/failures': fixed('equal', 1),
  loss_min: fixed('less', 0.5),
  'eval_loss{model="resnet \\"50\\"",split="test"}': fixed('less', 0.1),
  eval_accuracy_max: fixed('greater_or_equal', 0.759),
  time_to_train: fixed('less', 3600),
};

const make = workspaces();
const at = make();

beforeAll(async () => {
  at.write('out/epochs.csv', '\ufeffEpoche;Verlust\n1;0,75\n2;0,25\n3;1.000,5\n');
  for (const [name, from] of Object.entries(FILES))
    copyFileSync(join(ROOT, 'test/fixtures/sources', from), at.path('out', name));
  at.config({
    tests: {
      load: {
        sources: SOURCES,
        metric_collection_config: { metric_to_aggregation_strategies: { eval_accuracy: ['max', 'final'] } },
        regression_test_config: { metric_success_conditions: CONDITIONS },
      },
    },
  });
  at.message(finished('load-1', { test_name: 'load', model_dir: at.path('out') }));
});

const rows = async () => {
  const sql = 'select metric_name, metric_value, verdict, reason from metric_history order by metric_name';
  const found = await at.query<{ metric_name: string; metric_value: number; verdict: string | null }>(sql);
  return new Map(found.map(({ metric_name, ...row }) => [metric_name, row]));
};

describe('a run with four kinds of files', () => {
  test('is judged by all of them, and each condition by the number in its file', async () => {
    const { status, stderr, stdout } = await at.run(['tick', '--json', ...NOW]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const [run] = JSON.parse(stdout).runs;
    expect(run.verdict).toBe('fail');
    const failed = run.conditions.filter(({ verdict }: { verdict: string }) => verdict === 'fail');
    // 44 of the 338 requests of the fixture failed; everything else is as it should be.
    expect(failed.map(({ metric, value }: { metric: string; value: number }) => [metric, value])).toEqual([
      ['load:total/failed', 44 / 338],
    ]);
    const table = await rows();
    for (const [name, value] of [
      ['load:total/p95', 23],
      ['tests:total/failures', 1],
      ['loss_min', 0.25],
      ['eval_loss{model="resnet \\"50\\"",split="test"}', 0.0525],
      ['eval_accuracy_max', 0.7591],
      ['time_to_train', 1250.25],
    ] as const)
      expect(table.get(name), name).toMatchObject({ metric_value: value, verdict: 'pass' });
    // Not asked for by any condition, and kept all the same.
    expect(table.get('tests:pytest/skipped')).toMatchObject({ metric_value: 2, verdict: null });
  });

  test('is judged the same by a replay when the files are gone', async () => {
    const before = await at.tables();
    rmSync(at.path('out'), { recursive: true });
    expect((await at.run(['replay'])).status).toBe(0);
    expect(await at.tables()).toEqual(before);
  });
});

describe('files that say nothing', () => {
  const one = make();
  const conditioned = (name: string) => ({
    regression_test_config: { metric_success_conditions: { [name]: fixed('less', 250) } },
  });

  test('fail the condition that wants their number, with a sentence that names file and place', async () => {
    one.write('gone/other.txt', '');
    one.write('bad/load_stats.csv', 'Type,Name\n');
    one.write(
      'evil/junit.xml',
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><testsuite name="&b;"/>',
    );
    const locust = [{ csv: { path: 'load_stats.csv', preset: 'locust' } }];
    one.config({
      tests: {
        gone: { sources: locust, ...conditioned('total/p95') },
        bad: { sources: locust, ...conditioned('total/p95') },
        evil: { sources: [{ junit: { path: 'junit.xml' } }], ...conditioned('total/tests') },
      },
    });
    for (const test_name of ['gone', 'bad', 'evil'])
      one.message(finished(`${test_name}-1`, { test_name, model_dir: one.path(test_name) }));
    const tick = await one.run(['tick', ...NOW]);
    expect(tick.status).toBe(0);
    const told = {
      gone: 'sources.0 (csv load_stats.csv): Cannot read "FILE/load_stats.csv": there is no such file',
      bad: 'sources.0 (csv load_stats.csv): Cannot read "FILE/load_stats.csv": has no column "Request Count"',
      evil: 'sources.0 (junit junit.xml): Cannot read "FILE/junit.xml": line 1 declares a document type',
    };
    for (const [name, words] of Object.entries(told)) {
      expect(tick.stderr).toContain(words.replace('FILE', one.path(name)));
      expect((await one.run(['verdict', name])).status, name).toBe(1);
    }
    expect(tick.stderr).not.toContain('root:');
  });
});

describe('one load test by k6', () => {
  const one = make();
  const FORMS = ['legacy', 'handle-summary', 'machine-readable'];
  const crossed = 'http_req_duration/threshold/avg<1';

  beforeAll(async () => {
    one.config({
      tests: {
        load: {
          sources: [{ k6: { path: 'summary.json' } }],
          regression_test_config: { metric_success_conditions: { [crossed]: fixed('equal', 1) } },
        },
      },
    });
    for (const [n, form] of FORMS.entries()) {
      one.write(`${form}/summary.json`, readFileSync(join(ROOT, `test/fixtures/sources/k6/${form}.json`)));
      const times = { started_at: `2026-08-01T0${n}:00:00Z`, finished_at: `2026-08-01T0${n}:10:00Z` };
      const labels = { version: form };
      one.message(finished(form, { test_name: 'load', labels, model_dir: one.path(form), ...times }));
    }
    expect((await one.run(['tick', ...NOW])).status).toBe(0);
  });

  test.each(FORMS)('passes the same policy as %s', async (form) => {
    const policy = 'p95<=250ms,failed<=0.125,checks/rate>=1';
    const answer = await one.run(['verdict', 'load', '--version', form, '--policy', policy, '--json']);
    expect({ status: answer.status, verdict: JSON.parse(answer.stdout).verdict }).toEqual({
      status: 0,
      verdict: 'pass',
    });
    const stricter = await one.run(['verdict', 'load', '--version', form, '--policy', 'failed<=0.1249']);
    expect(stricter.status).toBe(1);
  });

  // The legacy form writes true for a threshold that was crossed, the newer one ok: false; the newest does not say.
  test.each([
    ['legacy', 'fail', 0],
    ['handle-summary', 'fail', 0],
    ['machine-readable', 'fail', null],
  ])('%s: a crossed threshold is told', async (form, verdict, value) => {
    const sql = `select verdict, metric_value as value from metric_history where run_id = '${form}' and metric_name = '${crossed}'`;
    expect(await one.query(sql)).toEqual([{ verdict, value }]);
  });
});
