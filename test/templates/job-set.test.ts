// A JobSet that begins anew is one run: its rendered Pods announce it, ticks ask for it while its Jobs come and go.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderTemplate } from '../../shared/core/templates/render.ts';
import { start, workspaces } from '../support/cli.ts';
import { recording } from '../support/kubernetes-recordings.ts';
import { type KubernetesServer, startKubernetesServer } from '../support/kubernetes-server.ts';
import { ROOT } from '../support/repository.ts';
import { type Container, started } from './container-environment.ts';
import { example } from './definitions.ts';

const UID = '5f0c2b1e-0000-4000-8000-000000000001';
const NAME = 'gemma-x7k2p';

const workspace = workspaces()();
let kubernetes: KubernetesServer;
beforeAll(async () => {
  kubernetes = await startKubernetesServer();
  workspace.config({ tests: {}, clusters: { tpus: { endpoint: kubernetes.url, auth: 'none' } } });
});
afterAll(() => kubernetes?.close());

interface JobSet {
  readonly spec: {
    readonly replicatedJobs: readonly {
      readonly template: {
        readonly spec: {
          readonly template: { readonly spec: { readonly initContainers: readonly Container[] } };
        };
      };
    }[];
  };
}

/** The init container of the Pod of one machine. */
async function announced(index: number) {
  const definition = {
    ...example('gemma-v6e.yaml'),
    cluster: 'tpus',
    configMaps: [],
    modelDir: workspace.path('model'),
    queue: `spool:${join(workspace.state, 'spool')}`,
  };
  const made = renderTemplate(definition, 'jobSet');
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  const [job] = (made.value as unknown as JobSet).spec.replicatedJobs;
  const [publisher] = job!.template.spec.template.spec.initContainers;
  const { variables } = started(publisher!, {
    configMaps: {},
    fields: {
      'metadata.name': `${NAME}-train-0-${index}-abcde`,
      'metadata.uid': 'pod',
      'metadata.namespace': 'automated',
      "metadata.labels['jobset.sigs.k8s.io/jobset-name']": NAME,
      "metadata.labels['jobset.sigs.k8s.io/jobset-uid']": UID,
    },
  });
  const env = { ...Object.fromEntries(variables), JOB_COMPLETION_INDEX: String(index) };
  return start([process.execPath, join(ROOT, 'publisher/main.ts'), '--strict'], { env });
}

/** What the cluster lists: the set, and the Job that it has at the moment. */
function cluster(status: object, job: string): void {
  const { jobs, pods } = recording(job);
  const labels = { 'jobset.sigs.k8s.io/jobset-name': NAME, 'jobset.sigs.k8s.io/jobset-uid': UID };
  const items = jobs.items.map((one) => ({
    ...one,
    metadata: { ...one.metadata, name: `${NAME}-train-0`, labels },
  }));
  const metadata = { name: NAME, uid: UID, creationTimestamp: '2026-11-23T03:00:00Z' };
  kubernetes.put('automated', { jobs: { items }, pods, jobsets: { items: [{ metadata, status }] } });
}

async function ticked(now: string) {
  const answer = await workspace.run(['tick', '--json', '--now', now]);
  expect(answer, answer.stderr).toMatchObject({ status: 0 });
  const { runs, waiting } = JSON.parse(answer.stdout);
  return { runs: runs.length, waiting };
}

test('two machines, a Job that was preempted, all anew, success: one run with one failure', async () => {
  const said = await Promise.all([announced(0), announced(1)]);
  expect(said.map(({ status }) => status)).toEqual([0, 0]);
  expect(said.map(({ stdout }) => stdout.startsWith('messageIds:'))).toEqual([true, false]);

  cluster({ restarts: 0 }, 'running');
  expect(await ticked('2026-11-23T04:00:00Z')).toEqual({ runs: 0, waiting: 1 });
  // Its Job has failed, and the set has not made the next one yet.
  cluster({ restarts: 0 }, 'node-shutdown');
  expect(await ticked('2026-11-23T04:15:00Z')).toEqual({ runs: 0, waiting: 1 });
  cluster({ restarts: 1 }, 'success-after-suspension');
  expect((await announced(0)).status).toBe(0);
  expect(await ticked('2026-11-23T05:15:00Z')).toEqual({ runs: 0, waiting: 1 });
  const completed = { type: 'Completed', status: 'True', reason: 'AllJobsCompleted', message: '' };
  const lastTransitionTime = '2026-11-23T05:20:00Z';
  cluster({ restarts: 1, conditions: [{ ...completed, lastTransitionTime }] }, 'success');
  expect(await ticked('2026-11-23T05:30:00Z')).toEqual({ runs: 1, waiting: 0 });

  const rows = await workspace.query('SELECT run_id, job_status, num_failures, finished_at FROM job_history');
  expect(rows).toEqual([
    {
      run_id: UID,
      job_status: 'success',
      num_failures: 1,
      finished_at: '2026-11-23T05:20:00.000Z',
    },
  ]);
});
