// The tutorial, all of it in one: its jsonnet file as it stands, rendered; the init container's own process with the
// environment that a kubelet makes of it, a metadata server and Pub/Sub; the training's event file at the place that
// its command names; the Job as a real cluster recorded it; the scheduled function; its log line and its two queries.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Answer, start } from '../support/cli.ts';
import { type CloudStage, cloudStage } from '../support/cloud-stage.ts';
import { run } from '../support/command.ts';
import { type FakePubSub, fakePubSub } from '../support/fake-pubsub.ts';
import type { FunctionProcess } from '../support/function-process.ts';
import { type Recording, recording } from '../support/kubernetes-recordings.ts';
import { type KubernetesServer, startKubernetesServer } from '../support/kubernetes-server.ts';
import { notRun } from '../support/not-run.ts';
import { ROOT } from '../support/repository.ts';
import { describeWith, jsonnetProgram, pubSubStandIn } from '../support/stand-ins.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { eventFile, tensorScalar } from '../support/tfevents-writer.ts';
import { type Container, started } from '../templates/container-environment.ts';

const TEST = 'tf-mnist-example-cpu';
const TAG = 'epoch_sparse_categorical_accuracy';
/** Of the tutorial's cluster, which nothing but the metadata server names. */
const google: FakePubSub = await fakePubSub();

interface CronJob {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
  };
}
interface PodSpec {
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
}

/** The tutorial's file with so many epochs, by the tutorial's own command. */
async function rendered(epochs: number): Promise<CronJob> {
  const folder = temporaryFolder();
  const text = readFileSync(join(ROOT, 'examples/templates/mnist-cpu-nightly.jsonnet'), 'utf8');
  const file = join(folder, 'mnist-cpu.jsonnet');
  writeFileSync(file, text.replace("'--train_epochs=1'", `'--train_epochs=${epochs}'`));
  const made = await run([jsonnetProgram(), '-S', '-J', join(ROOT, 'infra/jsonnet'), file], { cwd: folder });
  expect(made, made.stderr).toMatchObject({ code: 0 });
  return parse(made.stdout) as CronJob;
}

/** Whether the rendered command trains for one epoch or for ten decides what it reaches. */
const reached = (words: readonly string[]) => (words.includes('--train_epochs=10') ? 0.983 : 0.79);

describeWith(['pubsub', 'gcs', 'bigquery', 'jsonnet'], 'the tutorial', () => {
  // pstest speaks gRPC and nothing else.
  if (pubSubStandIn().kind === 'pstest') return notRun('the tutorial', 'pstest has no REST interface');
  let kubernetes: KubernetesServer;
  let stage: CloudStage;
  let tick: FunctionProcess;

  beforeAll(async () => {
    kubernetes = await startKubernetesServer();
    stage = await cloudStage({
      clusters: {
        'tutorial-cluster': { endpoint: kubernetes.url, auth: 'none', location: 'us-central1-b' },
      },
    });
    tick = await stage.start();
  });

  afterAll(async () => {
    await tick?.stop();
    await stage?.close();
    await kubernetes?.close();
  });

  /** `kubectl create job --from=cronjob/…`, and what happens in its Pod. */
  async function night(cronJob: CronJob, job: Recording): Promise<Answer> {
    const { initContainers, containers } = cronJob.spec.jobTemplate.spec.template.spec;
    const surroundings = {
      configMaps: {
        'gcs-buckets': { OUTPUT_BUCKET: `gs://${stage.bucket}/models`, MNIST_DIR: 'gs://data/mnist' },
      },
      fields: {
        'metadata.name': `${job.jobName}-abcde`,
        'metadata.uid': 'pod-uid',
        'metadata.namespace': 'default',
        "metadata.labels['batch.kubernetes.io/job-name']": job.jobName,
        "metadata.labels['batch.kubernetes.io/controller-uid']": job.jobUid,
      },
    };
    const init = started(initContainers[0] as Container, surroundings);
    const announced = await start(
      [process.execPath, join(ROOT, 'publisher/main.ts'), '--strict', ...init.words],
      {
        env: {
          ...Object.fromEntries(init.variables),
          GCE_METADATA_HOST: google.address,
          PUBSUB_EMULATOR_HOST: pubSubStandIn().address,
          // Each test has a topic of its own.
          TOPIC: stage.topic.topic,
        },
      },
    );
    const { words } = started(containers[0] as Container, surroundings);
    const place = words.find((word) => word.startsWith('--model_dir='))?.slice('--model_dir='.length) ?? '';
    const value = reached(words);
    const records = [0.3, 0.5, value].map((one, step) =>
      tensorScalar(TAG, step, { value: one, wallTime: 1_785_549_600 + step, dtype: 'float64' }),
    );
    const folder = place.replace(`gs://${stage.bucket}/models/`, '');
    expect(await stage.model(folder, { 'train/events.out.tfevents.1.host.v2': eventFile(records) })).toBe(
      place,
    );
    kubernetes.put('default', job);
    return announced;
  }

  const messages = () => tick.log.map(({ message }) => message);

  test('fails with 0.79 after one epoch and passes with 0.983 after ten, in its own words, log lines and tables', async () => {
    const once = await rendered(1);
    expect([once.kind, once.metadata.name]).toEqual(['CronJob', TEST]);

    const first = recording('success');
    const announced = await night(once, first);
    expect(announced).toMatchObject({ status: 0, stderr: '' });
    expect(announced.stdout).toMatch(/^messageIds:\n- '\d+'\n$/);
    expect((await tick.tick('2026-11-23T04:15:00Z')).body).toMatchObject({ runs: 1, verdicts: { fail: 1 } });
    const outOfBounds = `Metric \`${TAG}_final\` was out of bounds for test \`${TEST}\`. Bounds were (0.96, inf) and value was 0.79`;
    const processed = `Processed a message for each of the following tests: ['${TEST}']`;
    expect(messages()).toEqual(expect.arrayContaining([outOfBounds, processed]));

    const before = tick.log.length;
    const second = recording('success-after-suspension');
    expect(await night(await rendered(10), second)).toMatchObject({ status: 0, stderr: '' });
    expect((await tick.tick('2026-11-23T04:30:00Z')).body).toMatchObject({ runs: 1, verdicts: { pass: 1 } });
    expect(messages().slice(before)).toContain(processed);
    expect(
      messages()
        .slice(before)
        .filter((line) => String(line).includes('out of bounds')),
    ).toEqual([]);

    // The tutorial's two queries, on a dataset of this test's own.
    const jobs = await stage.query(`SELECT *\nFROM ${stage.dataset}.job_history`);
    const same = { test_name: TEST, test_type: 'example', accelerator: 'cpu', job_status: 'success' };
    expect(jobs).toHaveLength(2);
    expect(jobs).toContainEqual(expect.objectContaining({ ...same, run_id: first.jobUid, verdict: 'fail' }));
    expect(jobs).toContainEqual(expect.objectContaining({ ...same, run_id: second.jobUid, verdict: 'pass' }));

    const metrics = await stage.query(`SELECT *\nFROM ${stage.dataset}.metric_history`);
    const bounds = { metric_name: `${TAG}_final`, metric_lower_bound: 0.96, metric_upper_bound: null };
    const found = metrics.filter(({ metric_name }) => metric_name === bounds.metric_name);
    expect(found).toHaveLength(2);
    expect(found).toContainEqual(expect.objectContaining({ ...bounds, metric_value: 0.79, verdict: 'fail' }));
    expect(found).toContainEqual(
      expect.objectContaining({ ...bounds, metric_value: 0.983, verdict: 'pass' }),
    );
    expect(metrics.filter(({ metric_name }) => metric_name === 'total_wall_time')).toHaveLength(2);
    // Two ticks on stand-ins, on a machine that may have other work.
  }, 300_000);
});
