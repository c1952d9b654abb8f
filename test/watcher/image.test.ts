// The image's second file, started as the manifest starts it: see test/publisher/image.test.ts for what that is worth.
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { USAGE } from '../../watcher/settings.ts';
import { notRun } from '../support/not-run.ts';
import { assembleRoot, buildPublisher, findIsolation, runImage } from '../support/publisher-image.ts';
import { readText } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Manifest {
  readonly kind: string;
  readonly spec?: { template: { spec: { containers: { command: string[] }[] } } };
}

const command = parseAllDocuments(readText('infra/kubernetes/watcher.yaml'))
  .map((one) => one.toJS() as Manifest)
  .find(({ kind }) => kind === 'Deployment')!.spec!.template.spec.containers[0]!.command;

const isolation = findIsolation();
if ('why' in isolation) notRun('the watcher in the image’s files', isolation.why);
else {
  const { by } = isolation;
  describe(`the watcher under ${by}, as uid 65532 on a read-only root without a shell`, () => {
    let folder = '';
    beforeAll(() => {
      folder = temporaryFolder();
      assembleRoot(folder, buildPublisher());
    });

    test('starts by the command of its manifest', async () => {
      const answer = await runImage(folder, { by, command, args: ['--help'] });
      expect(answer).toStrictEqual({ status: 0, stdout: USAGE, stderr: '' });
    });

    test('says what is missing outside of a cluster', async () => {
      const { status, stderr } = await runImage(folder, { by, command });
      expect([status, stderr]).toEqual([2, expect.stringMatching(/Cannot tell where the API server is/)]);
    });
  });
}
