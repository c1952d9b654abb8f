import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start, tidemark } from '../support/cli.ts';
import { ROOT } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PUBLISHER = join(ROOT, 'publisher/main.ts');

/** A pod: what its manifest gives to the init container and to the container alike, and the volume of both. */
function pod() {
  const volume = temporaryFolder();
  const state = join(volume, 'state');
  const env = {
    TIDEMARK_STATE: state,
    TIDEMARK_QUEUE: `spool:${join(state, 'spool')}`,
    METRIC_CONFIG: JSON.stringify({
      test_name: 'mnist',
      regression_test_config: {
        metric_success_conditions: {
          total_wall_time: { comparison: 'less', success_threshold: { fixed_value: 600 } },
        },
      },
    }),
    MODEL_DIR: volume,
    JOB_NAME: 'mnist-1',
    JOB_UID: 'u-1',
    POD_NAMESPACE: 'automated',
    CLUSTER: 'c1',
  };
  return { volume, env };
}

async function rows(env: Readonly<Record<string, string>>): Promise<unknown> {
  const { stderr } = await tidemark(['tick'], { env });
  const sql = 'SELECT run_id, test_name, job_status, verdict FROM job_history';
  const { stdout } = await tidemark(['query', sql, '--format', 'json'], { env });
  return stdout === '' ? stderr : JSON.parse(stdout);
}

test('init container and wrapper tell of one run: the first its config, the second its end', async () => {
  const { volume, env } = pod();
  const init = await start([process.execPath, PUBLISHER, '--strict', '--install', volume], { env });
  expect(init).toMatchObject({ status: 0, stderr: '' });
  const wrapper = join(volume, 'tidemark-run');
  const job = await start([wrapper, '--test-name', 'mnist', '--', 'sh', '-c', 'exit 0'], { env });
  expect(job).toMatchObject({ status: 0, stderr: '' });
  expect(await rows(env)).toStrictEqual([
    { run_id: 'u-1', test_name: 'mnist', job_status: 'success', verdict: 'pass' },
  ]);
});

test('what the init container could not publish is delivered by the wrapper', async () => {
  const { volume, env } = pod();
  const spool = join(volume, 'state/spool');
  const blocked = { ...env, TIDEMARK_QUEUE: 'pubsub://p1/nowhere', PUBSUB_EMULATOR_HOST: '127.0.0.1:1' };
  const init = await start([process.execPath, PUBLISHER, '--wait', '1s', '--install', volume], {
    env: blocked,
  });
  expect(init).toMatchObject({ status: 0, stdout: '' });
  expect(init.stderr).toContain('"tidemark flush" delivers it');
  const wrapper = join(volume, 'tidemark-run');
  const job = await start([wrapper, '--test-name', 'mnist', '--', 'sh', '-c', 'exit 3'], { env });
  expect(job).toMatchObject({ status: 3, stderr: '' });
  const incoming = readdirSync(join(spool, 'incoming')).map((name) => name.replace(/.*-[0-9a-f]{8}-/, ''));
  expect(incoming.toSorted()).toStrictEqual(['mnist-1.json', 'u-1_1_finished.json', 'u-1_1_started.json']);
  expect(await rows(env)).toStrictEqual([
    { run_id: 'u-1', test_name: 'mnist', job_status: 'failure', verdict: 'fail' },
  ]);
});
