// The tutorial on one machine: a rendered CronJob, its init container's own process, a Job that a real cluster
// recorded, a tick.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tidemark, workspaces } from '../support/cli.ts';
import { run } from '../support/command.ts';
import { type Recording, recording } from '../support/kubernetes-recordings.ts';
import { type KubernetesServer, startKubernetesServer } from '../support/kubernetes-server.ts';
import { ROOT } from '../support/repository.ts';
import { type Container, started } from './container-environment.ts';
import { example } from './definitions.ts';

const TAG = 'epoch_sparse_categorical_accuracy';
const TEST = 'tf-mnist-example-cpu';

const workspace = workspaces()();
let kubernetes: KubernetesServer;
let publisher: Container;

interface CronJob {
  readonly spec: {
    readonly jobTemplate: {
      readonly spec: { readonly template: { readonly spec: { readonly initContainers: Container[] } } };
    };
  };
}

beforeAll(async () => {
  kubernetes = await startKubernetesServer();
  workspace.config({
    tests: { [TEST]: { owner: ['owner@example.com'] } },
    clusters: { nightly: { endpoint: kubernetes.url, auth: 'none' } },
  });
  const definition = {
    ...example('mnist-cpu.yaml'),
    cluster: 'nightly',
    queue: `spool:${join(workspace.state, 'spool')}`,
  };
  const file = workspace.path('definition.json');
  writeFileSync(file, JSON.stringify(definition));
  const rendered = await tidemark(['render', file]);
  expect(rendered).toMatchObject({ status: 0, stderr: '' });
  const { spec } = JSON.parse(rendered.stdout) as CronJob;
  publisher = spec.jobTemplate.spec.template.spec.initContainers[0]!;
});

afterAll(() => kubernetes?.close());

/** What happens to one Job of the CronJob: its Pod starts and announces, trains up to `accuracy`, and it ends. */
async function night(job: Recording, accuracy: number) {
  const { variables } = started(publisher, {
    configMaps: { 'gcs-buckets': { OUTPUT_BUCKET: workspace.path('bucket'), MNIST_DIR: '/data' } },
    fields: {
      'metadata.name': `${job.jobName}-abcde`,
      'metadata.uid': 'pod-uid',
      'metadata.namespace': 'automated',
      "metadata.labels['batch.kubernetes.io/job-name']": job.jobName,
      "metadata.labels['batch.kubernetes.io/controller-uid']": job.jobUid,
    },
  });
  const announced = await run([process.execPath, join(ROOT, 'publisher/main.ts')], {
    cwd: workspace.folder,
    env: Object.fromEntries(variables),
  });
  expect(announced, announced.output).toMatchObject({ code: 0 });
  expect(announced.stdout).toMatch(/^messageIds:\n- '.+'\n$/);
  workspace.model(join('bucket/mnist', job.jobName), { [TAG]: [0.3, 0.5, accuracy] });
  kubernetes.put('automated', job);
  return workspace.run(['tick', '--json', '--now', '2026-11-23T04:15:00Z']);
}

test('one epoch: 0.79 fails at 0.96, in the words of the tutorial', async () => {
  const answer = await night(recording('success'), 0.79);
  expect(answer).toMatchObject({ status: 0 });
  const [only] = JSON.parse(answer.stdout).runs;
  expect(only).toMatchObject({ test_name: TEST, outcome: 'success', verdict: 'fail' });
  expect(only.conditions).toContainEqual(
    expect.objectContaining({ metric: `${TAG}_final`, value: 0.79, lower: 0.96, verdict: 'fail' }),
  );
  expect(answer.stderr).toContain(
    `Metric \`${TAG}_final\` was out of bounds for test \`${TEST}\`. Bounds were (0.96, inf) and value was 0.79`,
  );
  expect(answer.stderr).toContain(`Processed a message for each of the following tests: ['${TEST}']`);
});

test('ten epochs: 0.983 passes', async () => {
  const answer = await night(recording('success-after-suspension'), 0.983);
  expect(JSON.parse(answer.stdout).runs).toMatchObject([{ outcome: 'success', verdict: 'pass' }]);
  expect(answer.stderr).not.toContain('out of bounds');
});

test('both are rows, with the accelerator and kind that the template said', async () => {
  const rows = await workspace.query(
    'select run_id, test_type, accelerator, framework_version, verdict from job_history order by verdict',
  );
  const same = { test_type: 'example', accelerator: 'cpu', framework_version: 'tf' };
  expect(rows).toEqual([
    { run_id: recording('success').jobUid, verdict: 'fail', ...same },
    { run_id: recording('success-after-suspension').jobUid, verdict: 'pass', ...same },
  ]);
});
