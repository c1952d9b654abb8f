// The image cannot be built here, since its base cannot be pulled: what it holds is put together with this machine's
// Node and libraries, and run as a pod would run it. docs/publisher.md says what that leaves open.
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type FakePubSub, fakePubSub } from '../support/fake-pubsub.ts';
import { notRun } from '../support/not-run.ts';
import { assembleRoot, buildPublisher, findIsolation, runImage } from '../support/publisher-image.ts';
import { readText } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const google: FakePubSub = await fakePubSub();
const ENV = {
  ...google.env,
  METRIC_CONFIG: '{"test_name":"mnist"}',
  MODEL_DIR: 'gs://bucket/mnist "1"',
  JOB_NAME: 'mnist-1',
  POD_NAMESPACE: 'automated',
  JOB_UID: 'u-1',
};

let bundle = '';
beforeAll(() => {
  bundle = buildPublisher();
});

test('the bundle is a file each for publisher and watcher, without any SDK, their licences and the wrapper', () => {
  expect(readdirSync(bundle).toSorted()).toStrictEqual([
    'THIRD-PARTY-LICENSES.txt',
    'main.js',
    'package.json',
    'tidemark-run.sh',
    'watcher.js',
  ]);
  for (const file of ['main.js', 'watcher.js']) {
    const code = readFileSync(join(bundle, file), 'utf8');
    expect(code).not.toMatch(/google-auth-library|google-gax|grpc|@google-cloud/);
    expect(statSync(join(bundle, file)).size).toBeLessThan(350_000);
  }
});

test('Dockerfile and build name what is there: the bundle, the entry, the user without rights', () => {
  const lines = readText('publisher/Dockerfile').split('\n');
  expect(lines).toContain('COPY --chown=0:0 build/publisher/ /app/');
  expect(lines).toContain('USER 65532:65532');
  expect(lines).toContain('ENTRYPOINT ["/nodejs/bin/node", "/app/main.js"]');
  const { steps, images, substitutions } = parse(readText('publisher/cloudbuild.yaml'));
  expect(steps[0].args[1]).toContain('npm run build:publisher');
  expect(steps[1].args).toContain('publisher/Dockerfile');
  expect(steps[1].args).toContain(images[0]);
  expect(readText('publisher/Dockerfile')).toContain(`ARG BASE=${substitutions._BASE}`);
});

const isolation = findIsolation();
if ('why' in isolation) notRun('the image’s files', isolation.why);
else {
  const { by } = isolation;
  describe(`the image’s files under ${by}, as uid 65532 on a read-only root without a shell`, () => {
    let folder = '';
    beforeAll(() => {
      folder = temporaryFolder();
      assembleRoot(folder, bundle);
    });

    test('publish, and say nothing but the message’s id', async () => {
      google.published.length = 0;
      expect(await runImage(folder, { by, env: ENV, args: ['--strict'] })).toStrictEqual({
        status: 0,
        stdout: "messageIds:\n- '1'\n",
        stderr: '',
      });
      const body = JSON.parse(new TextDecoder().decode(google.published[0]?.body));
      expect(body).toMatchObject({
        test_name: 'mnist',
        model_dir: ENV.MODEL_DIR,
        cluster_name: 'tutorial-cluster',
      });
    });

    test('lay the wrapper into a volume, for everybody to start, and what cluster it shall name', async () => {
      const volume = temporaryFolder();
      chmodSync(volume, 0o777);
      const { status, stderr } = await runImage(folder, {
        by,
        env: ENV,
        args: ['--install', '/tidemark'],
        volume,
      });
      expect([status, stderr]).toStrictEqual([0, '']);
      expect(readdirSync(volume).toSorted()).toStrictEqual(['tidemark-cluster', 'tidemark-run']);
      expect(readFileSync(join(volume, 'tidemark-cluster'), 'utf8')).toBe('tutorial-cluster');
      expect(statSync(join(volume, 'tidemark-run')).mode & 0o777).toBe(0o755);
      expect(readFileSync(join(volume, 'tidemark-run'), 'utf8')).toBe(readText('publisher/tidemark-run.sh'));
    });

    test('do not let a job begin whose wrapper could not be laid there', async () => {
      const { status, stderr } = await runImage(folder, { by, env: ENV, args: ['--install', '/app'] });
      expect(status).toBe(70);
      expect(stderr).toMatch(/^tidemark-publisher: Cannot install the wrapper into \/app: EROFS/);
    });

    test('say what they lack and let the job begin where the disk is read-only and nobody answers', async () => {
      const env = { ...ENV, TIDEMARK_QUEUE: 'spool:/queue', TIDEMARK_STATE: '/state' };
      const { status, stdout, stderr } = await runImage(folder, { by, env });
      expect([status, stdout]).toStrictEqual([0, '']);
      expect(stderr).toMatch(/cannot publish the message: .*\/queue.*\/state.* It is lost\.\n/);
    });

    test('have no shell to start', () => {
      const found = readdirSync(join(folder, 'rootfs'), { recursive: true }).map(String);
      expect(
        found.filter((path) => /(^|\/)(sh|bash|dash|busybox|apt|dpkg|python3?)$/.test(path)),
      ).toStrictEqual([]);
    });
  });
}
