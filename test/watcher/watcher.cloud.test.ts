// The watcher's own process and the publisher's on Google's emulator, and a tick that reads both: one run, one row.
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { memoryOutcomes } from '../../shared/adapters/memory/outcomes.ts';
import { pubSubQueue } from '../../shared/adapters/pubsub/queue.ts';
import { tick } from '../../shared/pipeline/tick.ts';
import { newTopic, TEST_PROJECT } from '../support/cloud-resources.ts';
import { notRun } from '../support/not-run.ts';
import { ROOT } from '../support/repository.ts';
import { describeWith, pubSubStandIn } from '../support/stand-ins.ts';
import { startWatchedCluster } from '../support/watched-cluster.ts';
import { job, POD_STATUS, pod, STATUS } from '../support/watched-jobs.ts';
import { makeWorld, settingsOf, tablesOf } from '../support/world.ts';

describeWith(['pubsub'], 'the watcher on Pub/Sub', () => {
  const { address, kind } = pubSubStandIn();
  // pstest speaks gRPC and nothing else.
  if (kind === 'pstest') return notRun('the watcher', 'pstest has no REST interface');

  test('its event and the message of the init container are one run', async () => {
    const { topic, subscription } = await newTopic();
    const cluster = await startWatchedCluster();
    const shared = {
      PATH: process.env.PATH,
      PUBSUB_EMULATOR_HOST: address,
      TIDEMARK_QUEUE: `pubsub://${TEST_PROJECT}/${topic}`,
      CLUSTER: 'main',
    };
    const watcher = spawn(process.execPath, [join(ROOT, 'watcher/main.ts'), '--port', '0'], {
      env: { ...shared, TIDEMARK_WATCH_ENDPOINT: cluster.endpoint },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    watcher.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    try {
      await announce({
        ...shared,
        METRIC_CONFIG: '{"test_name":"mnist"}',
        MODEL_DIR: 'gs://bucket/mnist',
        JOB_NAME: 'job-u-1',
        POD_NAMESPACE: 'ml',
        JOB_UID: 'u-1',
      });
      cluster.put('pods', pod({ uid: 'u-1' }, 'p', POD_STATUS.outOfMemory));
      cluster.put('jobs', job({ uid: 'u-1' }, STATUS.failed));
      for (let n = 0; n < 200 && !said.includes('"told"'); n++) await sleep(50);
      watcher.kill('SIGTERM');
      expect(await new Promise((done) => watcher.once('close', done))).toBe(0);
    } finally {
      watcher.kill('SIGKILL');
      await cluster.close();
    }

    const world = makeWorld(settingsOf({}));
    const queue = pubSubQueue({ project: TEST_PROJECT, topic, subscription, timeout: 2_000 });
    const objects = { ml: { jobs: [job({ uid: 'u-1' }, STATUS.failed)], pods: [] } };
    const outcomes = memoryOutcomes({ main: { location: 'here', objects } });
    await tick({ ...world.ports, queue, outcomes, clock: { now: Date.now } }, world.settings);
    await queue.close();
    expect(await world.ports.history.rejected()).toEqual([]);
    expect(tablesOf(world.store).job_history).toMatchObject([
      { runId: 'u-1', testName: 'mnist', outcome: 'oom', numFailures: 1 },
    ]);
    // Its end was told, so nobody had to be asked, who would have found no Pod.
    expect(outcomes.looks).toEqual([]);
  });
});

function announce(env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((done, fail) => {
    execFile(process.execPath, [join(ROOT, 'publisher/main.ts'), '--strict'], { env }, (error) =>
      error === null ? done() : fail(error),
    );
  });
}
