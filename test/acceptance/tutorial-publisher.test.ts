// What the tutorial's publisher sends, as it sends it: `jq '. + {…}'` over METRIC_CONFIG.
import { describe, expect, test } from 'vitest';
import { workspaces } from '../support/cli.ts';

const TEST = 'tf-mnist-example-cpu';
const TAG = 'epoch_sparse_categorical_accuracy';
const workspace = workspaces();

/** The METRIC_CONFIG of the original's template, with the tutorial's own spelling of one key. */
const METRIC_CONFIG = {
  test_name: TEST,
  metric_collection_config: {
    write_to_bigquery: true,
    default_aggregation_strategies: ['final'],
    metric_to_aggregation_strategy: { [TAG]: ['final'] },
  },
  regression_test_config: {
    metric_success_conditions: {
      [`${TAG}_final`]: { comparison: 'greater', success_threshold: { fixed_value: 0.96 } },
      default: {
        comparison: 'less',
        success_threshold: { stddevs_from_mean: 4 },
        wait_for_n_points_of_history: 10,
      },
    },
  },
};

const published = (modelDir: string) => ({
  ...METRIC_CONFIG,
  model_dir: modelDir,
  logs_link: 'https://console.cloud.google.com/logs?project=p',
  job_name: `${TEST}-1785549600`,
  job_namespace: 'automated',
  zone: 'us-central1-b',
  region: 'us-central1',
  cluster_name: 'tutorial-cluster',
});

describe('a v1 message in the spool', () => {
  const at = workspace();

  test('without an end is recorded and open: one waits, the verdict is pending', async () => {
    at.message(published(at.model('out', { [TAG]: [0.5, 0.79], loss: [2, 1] })));
    const tick = await at.run(['tick', '--json']);
    expect(JSON.parse(tick.stdout)).toMatchObject({ runs: [], waiting: 1, rejected: 0, mails: 0 });
    const verdict = await at.run(['verdict', TEST, '--json']);
    expect(verdict.status).toBe(4);
    expect(JSON.parse(verdict.stdout)).toMatchObject({
      outcome: 'running',
      verdict: 'pending',
      conditions: [],
    });
  });

  test('with job_info is judged; a metric that no level names falls under "default"', async () => {
    const stop = Math.floor(Date.now() / 1000) + 600;
    const job_info = { status: 'success', stop_time: stop, num_failures: 0 };
    at.message({ ...published(at.path('out')), job_info });
    const tick = await at.run(['tick', '--json']);
    expect(JSON.parse(tick.stdout)).toMatchObject({ waiting: 0, rejected: 0 });
    const verdict = await at.run(['verdict', TEST, '--json']);
    expect(verdict.status).toBe(1);
    expect(JSON.parse(verdict.stdout).conditions).toEqual([
      expect.objectContaining({ metric: `${TAG}_final`, lower: 0.96, verdict: 'fail', reason: 'below' }),
      expect.objectContaining({ metric: 'loss_final', verdict: 'inconclusive', reason: 'history' }),
      expect.objectContaining({ metric: 'total_wall_time', verdict: 'inconclusive', reason: 'history' }),
    ]);
    const [job] = await at.query('select * from job_history');
    expect(job).toMatchObject({
      num_failures: 0,
      stackdriver_logs_link: 'https://console.cloud.google.com/logs?project=p',
      kubernetes_workload_link: `https://console.cloud.google.com/kubernetes/job/us-central1-b/tutorial-cluster/automated/${TEST}-1785549600`,
    });
  });

  test('that never says how it ended is lost after 48 hours', async () => {
    const later = workspace();
    later.message(published('/nowhere'));
    await later.run(['tick']);
    const afterTwoDays = new Date(Date.now() + 48 * 3_600_000 + 60_000).toISOString();
    await later.run(['tick', '--now', afterTwoDays]);
    expect(JSON.parse((await later.run(['verdict', TEST, '--json'])).stdout)).toMatchObject({
      outcome: 'lost',
      verdict: 'fail',
    });
  });
});

describe("METRIC_CONFIG of the original's templates", () => {
  const template = {
    test_name: 'tf-nightly-resnet-func-v2-8',
    metric_collection_config: {
      write_to_bigquery: 'True',
      default_aggregation_strategies: ['final'],
      bigquery_dataset_name: 'xl_ml_metrics_dataset',
      bigquery_table_name: 'metric_history',
    },
    regression_test_config: {
      write_to_error_reporting: 'False',
      alert_for_failed_jobs: 'True',
      metric_success_conditions: {
        total_wall_time: {
          comparison: 'less',
          success_threshold: { stddevs_from_mean: 5 },
          wait_for_n_points_of_history: 10,
        },
      },
    },
  };

  test.each([
    ['the wall time rule, flags as text', template],
    ['a default condition of 4 deviations after 10', METRIC_CONFIG],
    ['no regression test', { ...template, regression_test_config: null }],
  ])('%s is valid', async (_, config) => {
    const at = workspace();
    const path = at.write('metric-config.json', JSON.stringify(config));
    expect(await at.run(['validate', path])).toMatchObject({ status: 0, stderr: '' });
  });

  test('a typo in it is told with path and suggestion, and nothing else', async () => {
    const at = workspace();
    const loss_final = { comparision: 'less', success_threshold: { fixed_value: 1 } };
    const config = { test_name: 't', regression_test_config: { metric_success_conditions: { loss_final } } };
    const path = at.write('metric-config.json', JSON.stringify(config));
    const answer = await at.run(['validate', path, '--json']);
    expect(answer.status).toBe(2);
    const problems = JSON.parse(answer.stdout).problems as { path: string; message: string }[];
    expect(problems.map((problem) => `${problem.path}: ${problem.message}`)).toEqual([
      'regression_test_config.metric_success_conditions.loss_final.comparision: unknown key; did you mean "comparison"?',
    ]);
  });
});

describe('publish in the environment of the init container', () => {
  const environment = {
    JOB_NAME: `${TEST}-7`,
    POD_NAMESPACE: 'automated',
    POD_UID: 'b1b0c9a2-0000-0000-0000-000000000000',
    ZONE: 'us-central1-b',
    REGION: 'us-central1',
    CLUSTER: 'tutorial-cluster',
    STACKDRIVER_LOGS: 'https://console.cloud.google.com/logs',
  };

  test('its message is read back as the run it names', async () => {
    const at = workspace();
    const MODEL_DIR = at.model('out', { [TAG]: [0.97] });
    const env = { ...environment, MODEL_DIR, METRIC_CONFIG: JSON.stringify(METRIC_CONFIG) };
    const answer = await at.spawn(['publish'], { env });
    expect(answer).toMatchObject({ status: 0, stderr: '' });
    expect(answer.stdout).toMatch(/^messageIds:\n- '[0-9a-f]{64}'\n$/);
    await at.run(['tick']);
    const status = JSON.parse((await at.run(['status', '--json'])).stdout);
    expect(status.open).toMatchObject([{ test_name: TEST, attempt: 1 }]);
  });

  test('with JOB_UID, what `run` tells in the same Job is the same run', async () => {
    const at = workspace();
    const MODEL_DIR = at.model('out', { [TAG]: [0.97] });
    const JOB_UID = '0d9a6a53-6f0e-4b5a-9f1c-2f6f4f2b7a11';
    const env = { ...environment, JOB_UID, MODEL_DIR, METRIC_CONFIG: JSON.stringify(METRIC_CONFIG) };
    await at.spawn(['publish'], { env });
    await at.spawn(['run', '--test-name', TEST, '--', 'true'], { env });
    const tick = JSON.parse((await at.run(['tick', '--json'])).stdout);
    expect(tick).toMatchObject({ waiting: 0, runs: [{ run_id: JOB_UID, outcome: 'success' }] });
    expect(tick.runs).toHaveLength(1);
  });

  test('a quote in a variable breaks nothing', async () => {
    const at = workspace();
    const env = { ...environment, MODEL_DIR: `/data/"o'ut\\`, METRIC_CONFIG: JSON.stringify(METRIC_CONFIG) };
    await at.spawn(['publish'], { env });
    const [file] = at.list('state/spool/incoming');
    expect(JSON.parse(at.read(`state/spool/incoming/${file}`))).toMatchObject({ model_dir: `/data/"o'ut\\` });
  });
});
