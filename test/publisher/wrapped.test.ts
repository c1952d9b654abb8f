// A test whose command is wrapped, as its template starts it: the init container's own process, then the command of
// the training, in Pods one after the other; and what a tick makes of all they tell.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { renderTemplate } from '../../shared/core/templates/render.ts';
import { inside, start } from '../support/cli.ts';
import { type FakePubSub, fakePubSub } from '../support/fake-pubsub.ts';
import { ROOT } from '../support/repository.ts';
import { type Shell, withShell } from '../support/sh-wrapper.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Container, started } from '../templates/container-environment.ts';
import { SMALL } from '../templates/definitions.ts';

const google: FakePubSub = await fakePubSub();
beforeEach(google.renew);

type Kind = 'oneshotJob' | 'jobSet';

interface PodSpec {
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
}

/** The Pods of a definition: a Job's template, or that of the Job in a JobSet. */
function podSpec(definition: unknown, kind: Kind): PodSpec {
  const made = renderTemplate(definition, kind);
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  const { spec } = made.value as { spec: { replicatedJobs?: { template: { spec: object } }[] } };
  const job = kind === 'jobSet' ? spec.replicatedJobs?.[0]?.template.spec : spec;
  return (job as { template: { spec: PodSpec } }).template.spec;
}

interface Pod {
  readonly shell: Shell;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly kind?: Kind;
  readonly uid?: string;
  /** Pods that came before this one, and which machine it is. */
  readonly failures?: string;
  readonly disruptions?: string;
  readonly restarts?: string;
  readonly index?: string;
}

const AUTHOR = { ...SMALL, publisherImage: 'p', wrap: true, configMaps: [], retries: 1 };

/** A queue, and what ticks made of it. */
class Place {
  readonly folder = temporaryFolder();
  readonly queue = `spool:${join(this.folder, 'spool')}`;

  /** Both containers of a Pod, one after the other; its volume is a folder of its own. */
  async pod(pod: Pod) {
    const volume = temporaryFolder();
    const { uid = 'u-1', kind = 'oneshotJob' } = pod;
    const of = kind === 'jobSet' ? ['jobset.sigs.k8s.io/jobset-name', 'jobset.sigs.k8s.io/jobset-uid'] : [];
    const [name = 'batch.kubernetes.io/job-name', id = 'batch.kubernetes.io/controller-uid'] = of;
    const surroundings = {
      configMaps: {},
      fields: {
        'metadata.name': 'mnist-1-0-abcde',
        'metadata.uid': randomUUID(),
        'metadata.namespace': 'automated',
        [`metadata.labels['${name}']`]: 'mnist-1',
        [`metadata.labels['${id}']`]: uid,
        "metadata.annotations['batch.kubernetes.io/job-index-failure-count']": pod.failures ?? '0',
        "metadata.annotations['batch.kubernetes.io/job-index-ignored-failure-count']": pod.disruptions ?? '',
        "metadata.labels['jobset.sigs.k8s.io/restart-attempt']": pod.restarts ?? '0',
      },
    };
    const definition = { queue: this.queue, modelDir: this.folder, ...pod.definition };
    const spec = podSpec(definition, kind);
    const here = (text: string) => text.replace(/^\/tidemark(?=\/|$)/, volume);
    const given = (container: Container | undefined) => {
      if (container === undefined) throw new Error('a container is missing');
      const { variables, words } = started(container, surroundings);
      const own = Object.fromEntries([...variables].map(([key, value]) => [key, here(value)]));
      // The Job controller adds it to both.
      const env = { ...own, PATH: pod.shell.path, JOB_COMPLETION_INDEX: pod.index ?? '0' };
      return {
        env: {
          ...env,
          ...google.env,
        },
        words: words.map(here),
      };
    };
    const init = given(spec.initContainers[0]);
    const publisher = join(ROOT, 'publisher/main.ts');
    const announced = await start([process.execPath, publisher, '--strict', ...init.words], {
      env: init.env,
    });
    const train = given(spec.containers[0]);
    const ended = await start([...pod.shell.words, ...train.words], { env: train.env });
    return { announced, ended, volume };
  }

  async rows(): Promise<unknown> {
    const ask = async (...words: string[]) => {
      const { status, stdout, stderr } = await inside(['--state', this.folder, ...words]);
      expect(status, stderr).toBe(0);
      return stdout;
    };
    await ask('tick');
    const rejected = await ask('query', 'SELECT reason, detail FROM rejected_messages', '--format', 'json');
    expect(JSON.parse(rejected)).toEqual([]);
    const sql = 'SELECT run_id, attempt, num_failures, job_status FROM job_history ORDER BY run_id';
    return JSON.parse(await ask('query', sql, '--format', 'json'));
  }
}

const command = (script: string) => ({ ...AUTHOR, entrypoint: ['sh', '-c'], command: [script] });

for (const name of ['dash', 'bash', 'busybox'] as const) {
  withShell(name, (shell) => {
    describe(`a wrapped command under ${name}`, () => {
      test('is started with its own words, and ends its run at once', async () => {
        const place = new Place();
        const { announced, ended } = await place.pod({
          shell,
          definition: {
            ...AUTHOR,
            cluster: 'c',
            entrypoint: ['sh', '-c', 'echo "$0:$1:$JOB_UID"'],
            command: ['a b', '$(JOB_NAME)'],
          },
        });
        expect(announced).toMatchObject({ status: 0, stderr: '' });
        expect(ended).toStrictEqual({ status: 0, stdout: 'a b:mnist-1:u-1\n', stderr: '' });
        expect(await place.rows()).toEqual([
          { run_id: 'u-1', attempt: 1, num_failures: 0, job_status: 'success' },
        ]);
      });

      test('a Pod that failed is not the end while another follows; what that one says is', async () => {
        const place = new Place();
        const first = await place.pod({ shell, definition: command('exit 3') });
        expect(first.ended).toMatchObject({ status: 3, stderr: '' });
        expect(await place.rows()).toEqual([]);
        const second = await place.pod({ shell, definition: command('exit 0'), failures: '1' });
        expect(second.ended).toMatchObject({ status: 0, stderr: '' });
        expect(await place.rows()).toEqual([
          { run_id: 'u-1', attempt: 2, num_failures: 1, job_status: 'success' },
        ]);
      });

      test('the last Pod that may fail ends the run, whatever was taken away before', async () => {
        const place = new Place();
        await place.pod({ shell, definition: command('kill -TERM $PPID; sleep 9') });
        await place.pod({ shell, definition: command('exit 3'), disruptions: '1' });
        expect(await place.rows()).toEqual([]);
        await place.pod({ shell, definition: command('exit 4'), failures: '1', disruptions: '1' });
        expect(await place.rows()).toEqual([
          { run_id: 'u-1', attempt: 3, num_failures: 3, job_status: 'failure' },
        ]);
      });

      test('a Pod that is taken away because Kueue suspends its Job is not counted, and does not end its run', async () => {
        const place = new Place();
        await place.pod({ shell, definition: command('kill -TERM $PPID; sleep 9') });
        expect(await place.rows()).toEqual([]);
        await place.pod({ shell, definition: command('exit 0') });
        expect(await place.rows()).toMatchObject([{ run_id: 'u-1', job_status: 'success' }]);
      });

      test('both containers name the cluster that only the metadata server knows', async () => {
        const definition = { ...command('exit 0'), queue: 'pubsub://p1/metrics-written' };
        const { announced, ended } = await new Place().pod({ shell, definition });
        expect([announced.stderr, ended.stderr]).toEqual(['', '']);
        const told = google.published.map(({ body }) => JSON.parse(Buffer.from(body).toString()));
        const runs = told.map(({ data, ...v1 }) => data ?? { ...v1, run_id: v1.job_uid });
        expect(runs).toHaveLength(3);
        for (const run of runs) {
          expect(run).toMatchObject({
            cluster_name: 'tutorial-cluster',
            job_namespace: 'automated',
            run_id: 'u-1',
          });
        }
      });

      test('of many machines the first one tells, and all run', async () => {
        const place = new Place();
        const definition = { ...command('echo ran; exit 5'), retries: 0, accelerator: 'v5p-2x2x2' };
        for (const index of ['0', '1']) {
          const { announced, ended } = await place.pod({ shell, definition, kind: 'jobSet', index });
          expect(ended).toStrictEqual({ status: 5, stdout: 'ran\n', stderr: '' });
          expect(announced.stdout === '').toBe(index === '1');
        }
        expect(await place.rows()).toEqual([
          { run_id: 'u-1', attempt: 1, num_failures: 1, job_status: 'failure' },
        ]);
      });

      test('a set that begins anew is the same run', async () => {
        const place = new Place();
        const pod = { shell, kind: 'jobSet' as const };
        await place.pod({ ...pod, definition: command('exit 1') });
        expect(await place.rows()).toEqual([]);
        await place.pod({ ...pod, definition: command('exit 0'), restarts: '1' });
        expect(await place.rows()).toEqual([
          { run_id: 'u-1', attempt: 2, num_failures: 1, job_status: 'success' },
        ]);
      });

      test('a Job that is made anew under its old name is another run', async () => {
        const place = new Place();
        await place.pod({ shell, definition: command('exit 0'), uid: 'u-1' });
        await place.pod({ shell, definition: { ...command('exit 1'), retries: 0 }, uid: 'u-2' });
        expect(await place.rows()).toMatchObject([
          { run_id: 'u-1', job_status: 'success' },
          { run_id: 'u-2', job_status: 'failure' },
        ]);
      });
    });
  });
}
