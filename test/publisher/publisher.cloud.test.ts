// The publisher's own process and the wrapper on Google's emulator: what they publish is pulled by the queue that a
// tick pulls from.
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pubSubQueue } from '../../shared/adapters/pubsub/queue.ts';
import { parseMessage } from '../../shared/core/parse-message.ts';
import { newTopic, TEST_PROJECT, type TestTopic } from '../support/cloud-resources.ts';
import { notRun } from '../support/not-run.ts';
import { ROOT } from '../support/repository.ts';
import { WRAPPER } from '../support/sh-wrapper.ts';
import { describeWith, pubSubStandIn } from '../support/stand-ins.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const JOB = {
  METRIC_CONFIG: '{"test_name":"tf-mnist-example-cpu","regression_test_config":null}',
  MODEL_DIR: 'gs://bucket/mnist/"1"',
  JOB_NAME: 'tf-mnist-example-cpu-1',
  POD_NAMESPACE: 'automated',
  JOB_UID: 'u-1',
  CLUSTER: 'tutorial-cluster',
};

async function pulled({ topic, subscription }: TestTopic, wanted: number) {
  const queue = pubSubQueue({ project: TEST_PROJECT, topic, subscription, timeout: 2_000 });
  const found = [];
  while (found.length < wanted) {
    const some = await queue.pull(wanted);
    if (some.length === 0) break;
    for (const one of some) {
      await one.ack();
      found.push(one);
    }
  }
  await queue.close();
  for (const one of found) {
    expect(parseMessage({ ...one, body: one.body ?? new Uint8Array() })).toMatchObject({ kind: 'event' });
  }
  return found;
}

describeWith(['pubsub'], 'the publisher on Pub/Sub', () => {
  const { address, kind } = pubSubStandIn();
  // pstest speaks gRPC and nothing else.
  if (kind === 'pstest') return notRun('publisher and wrapper', 'pstest has no REST interface');
  const place = ({ topic }: TestTopic) => ({
    PATH: process.env.PATH,
    PUBSUB_EMULATOR_HOST: address,
    TIDEMARK_QUEUE: `pubsub://${TEST_PROJECT}/${topic}`,
  });

  test('a message of the init container arrives as its reader wants it', async () => {
    const topic = await newTopic();
    const answer = await new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
      const env = { ...JOB, ...place(topic) };
      const child = execFile(
        process.execPath,
        [join(ROOT, 'publisher/main.ts'), '--strict'],
        { env },
        (_, stdout, stderr) => done({ code: child.exitCode, stdout, stderr }),
      );
    });
    const [delivery] = await pulled(topic, 1);
    expect(answer).toStrictEqual({ code: 0, stdout: `messageIds:\n- '${delivery?.id}'\n`, stderr: '' });
    expect(delivery).toMatchObject({ name: JOB.JOB_NAME, format: 'json' });
    expect(JSON.parse(new TextDecoder().decode(delivery?.body ?? undefined))).toMatchObject({
      job_uid: 'u-1',
      model_dir: JOB.MODEL_DIR,
    });
  });

  test('so do those of the wrapper, under the Job’s own uid', async () => {
    const topic = await newTopic();
    const env = { ...JOB, ...place(topic), TIDEMARK_STATE: temporaryFolder() };
    const child = spawn('sh', [WRAPPER, '--test-name', 'tf-mnist-example-cpu', '--', 'sh', '-c', 'exit 5'], {
      env,
    });
    expect(await new Promise((done) => child.on('close', done))).toBe(5);
    const names = (await pulled(topic, 2)).map(({ name }) => name);
    expect(names.toSorted()).toStrictEqual(['u-1/1/finished', 'u-1/1/started']);
  });
});
