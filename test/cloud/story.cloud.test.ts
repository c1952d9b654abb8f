// The whole road of the tutorial on stand-ins of every service: publisher → Pub/Sub → scheduled function → event
// files in Cloud Storage → Kubernetes → BigQuery → a mail over STARTTLS (S1 of the stories this project serves).
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatTime } from '../../shared/core/time.ts';
import { type CloudStage, cloudStage } from '../support/cloud-stage.ts';
import type { FunctionProcess } from '../support/function-process.ts';
import { type Recording, recording } from '../support/kubernetes-recordings.ts';
import { type KubernetesServer, startKubernetesServer } from '../support/kubernetes-server.ts';
import { describeWith } from '../support/stand-ins.ts';
import { eventFile, scalars } from '../support/tfevents-writer.ts';

const TEST = 'tf-mnist-example-cpu';
const TAG = 'epoch_sparse_categorical_accuracy';
const CLUSTER = 'tutorial-cluster';
const NAMESPACE = 'automated';

/** The METRIC_CONFIG of the tutorial. */
const METRIC_CONFIG = {
  test_name: TEST,
  accelerator: 'cpu',
  metric_collection_config: {
    write_to_bigquery: true,
    default_aggregation_strategies: ['final'],
    metric_to_aggregation_strategy: { [TAG]: ['final', 'min'] },
  },
  regression_test_config: {
    metric_success_conditions: {
      [`${TAG}_final`]: { comparison: 'greater', success_threshold: { fixed_value: 0.96 } },
    },
  },
};

/** 1,000 values that end as the story says; the smallest stands in the middle of them, where samples miss it. */
function accuracies(last: number): number[] {
  const values = Array.from({ length: 1000 }, (_, i) => 0.3 + i * 0.0004);
  values[503] = 0.0625;
  values[999] = last;
  return values;
}

/** Recorded Jobs that have ended, and the outcome of each. */
const ENDED = {
  failure: 'failure',
  deadline: 'timeout',
  'pod-failure-policy': 'failure',
  'out-of-memory': 'oom',
  'success-after-suspension': 'success',
};
const OPEN = ['suspended', 'success-criteria-met', 'between-retries', 'failure-target'];

/** The Job of a recording while it ran. */
function running(job: Recording): Pick<Recording, 'jobs' | 'pods'> {
  const items = job.jobs.items.map((item) => ({ ...item, status: { active: 1, ready: 1 } }));
  return { jobs: { items }, pods: { items: [] } };
}

describeWith(['pubsub', 'gcs', 'bigquery'], 'the tutorial on Google Cloud', () => {
  let kubernetes: KubernetesServer;
  let stage: CloudStage;
  let tick: FunctionProcess;

  beforeAll(async () => {
    kubernetes = await startKubernetesServer();
    stage = await cloudStage({
      tests: { [TEST]: { owner: ['owner@example.com'] } },
      clusters: { [CLUSTER]: { endpoint: kubernetes.url, auth: 'none', location: 'us-central1-b' } },
    });
    tick = await stage.start();
  });

  afterAll(async () => {
    await tick?.stop();
    await stage?.close();
    await kubernetes?.close();
  });

  /** The init container of a Job, as the template starts it. */
  async function publish(job: Recording, more: Record<string, string> = {}): Promise<void> {
    const { status, stdout, stderr } = await stage.tidemark(['publish'], {
      METRIC_CONFIG: JSON.stringify(METRIC_CONFIG),
      JOB_NAME: job.jobName,
      JOB_UID: job.jobUid,
      POD_NAMESPACE: NAMESPACE,
      CLUSTER,
      ZONE: 'us-central1-b',
      ...more,
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toContain('messageIds:');
  }

  function row(runId: string, metric: string) {
    return stage.query(
      `SELECT metric_value, metric_lower_bound, metric_upper_bound, verdict, reason FROM metric_history
       WHERE run_id = '${runId}' AND metric_name = '${metric}' AND timestamp > TIMESTAMP '2020-01-01T00:00:00Z'`,
    );
  }

  test('one epoch: 0.79 where more than 0.96 was demanded fails, with the tutorial’s log line', async () => {
    const job = recording('success');
    kubernetes.put(NAMESPACE, running(job));
    const MODEL_DIR = await stage.model('mnist/1', {
      'train/events.out.tfevents.1.host.v2': eventFile(scalars({ [TAG]: accuracies(0.75) })),
    });
    await publish(job, { MODEL_DIR });
    const waiting = await tick.tick('2026-11-23T04:00:00Z');
    expect(waiting).toMatchObject({ status: 200 });
    kubernetes.put(NAMESPACE, job);
    const { status, body } = await tick.tick('2026-11-23T04:15:00Z');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { runs: 1, verdicts: { fail: 1 }, mails: 1 },
    });
    expect(tick.log.map(({ message }) => message)).toContain(
      `Metric \`${TAG}_final\` was out of bounds for test \`${TEST}\`. Bounds were (0.96, inf) and value was 0.75`,
    );
    expect(await row(job.jobUid, `${TAG}_final`)).toEqual([
      {
        metric_value: 0.75,
        metric_lower_bound: 0.96,
        metric_upper_bound: null,
        verdict: 'fail',
        reason: 'below',
      },
    ]);
    expect(await row(job.jobUid, `${TAG}_min`)).toMatchObject([{ metric_value: 0.0625 }]);
  });

  test('its owner gets one mail, over STARTTLS and with a login', async () => {
    expect(stage.mails).toHaveLength(1);
    const [mail] = stage.mails;
    expect(mail!.to).toEqual(['owner@example.com']);
    const parsed = await PostalMime.parse(mail!.raw);
    expect(parsed.subject).toContain(TEST);
    expect(parsed.text).toContain(TAG);
  });

  test('ten epochs: 0.983 passes; two rows, the accelerator and the bounds stand in the tables', async () => {
    const job = recording('success-after-retry');
    kubernetes.put(NAMESPACE, job);
    const MODEL_DIR = await stage.model('mnist/10', {
      'train/events.out.tfevents.2.host.v2': eventFile(scalars({ [TAG]: accuracies(0.984375) })),
    });
    await publish(job, { MODEL_DIR });
    expect((await tick.tick()).body).toMatchObject({ runs: 1, verdicts: { pass: 1 }, mails: 0 });
    const jobs = await stage.query(
      `SELECT run_id, job_status, accelerator, verdict FROM job_history
       WHERE timestamp > TIMESTAMP '2020-01-01T00:00:00Z' ORDER BY timestamp`,
    );
    expect(jobs).toHaveLength(2);
    expect(jobs).toContainEqual({
      run_id: job.jobUid,
      job_status: 'success',
      accelerator: 'cpu',
      verdict: 'pass',
    });
    const verdict = await stage.tidemark(['verdict', TEST, '--run', job.jobUid, '--json']);
    expect(verdict.status).toBe(0);
    expect(JSON.parse(verdict.stdout)).toMatchObject({ outcome: 'success', verdict: 'pass' });
  });

  test('Jobs that ended in other ways, that are still open, and one that points elsewhere: one pass', async () => {
    const ended = { ...ENDED, 'success-policy': 'success' };
    const recordings = [...Object.keys(ended), ...OPEN].map(recording);
    for (const job of recordings) {
      kubernetes.put(job.name, job);
      const place = job.name === 'success-policy' ? 'another-bucket' : stage.bucket;
      await publish(job, { MODEL_DIR: `gs://${place}/models/mnist/10`, POD_NAMESPACE: job.name });
    }
    const { body } = await tick.tick();
    expect(body).toMatchObject({ runs: Object.keys(ended).length, waiting: OPEN.length });
    const rows = await stage.query(
      `SELECT run_id, job_status FROM job_history WHERE timestamp > TIMESTAMP '2020-01-01T00:00:00Z'`,
    );
    const outcomes = new Map(rows.map(({ run_id, job_status }) => [run_id, job_status]));
    const found = recordings.map(({ name, jobUid }) => [name, outcomes.get(jobUid) ?? 'open']);
    expect(Object.fromEntries(found)).toEqual({
      ...ended,
      ...Object.fromEntries(OPEN.map((name) => [name, 'open'])),
    });
    const verdict = await stage.tidemark(['verdict', TEST, '--run', recording(OPEN[0]!).jobUid]);
    expect(verdict.status).toBe(4);
    expect(await row(recording('success-policy').jobUid, `${TAG}_final`)).toMatchObject([
      { metric_value: null, verdict: 'fail', reason: expect.stringContaining('outside of what may be read') },
    ]);
  });

  test('every pass gave one sign of life, and no line of the log carries a stack or the password', () => {
    const signs = tick.log.filter(({ event }) => event === 'tick_completed');
    expect(signs).toHaveLength(4);
    expect(tick.log.filter((line) => 'stack_trace' in line)).toEqual([]);
    expect(JSON.stringify([tick.log, tick.noise])).not.toContain('correct horse');
    expect(signs[0]!.tick_id).toBe(formatTime(Date.parse('2026-11-23T04:00:00Z')));
  });
});
