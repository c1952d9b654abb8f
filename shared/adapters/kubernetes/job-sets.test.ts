// JobSets as their API (v1alpha2 of 0.10) writes them; no controller of theirs was at hand to record. The Jobs in them
// and their Pods are recorded.
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { lookAt } from '../../../test/contracts/outcomes.ts';
import { type Recording, recording } from '../../../test/support/kubernetes-recordings.ts';
import { type RecordedServer, send, startRecordedServer } from '../../../test/support/recorded-cluster.ts';
import { kubernetesOutcomes } from './outcomes.ts';

const UID = '5f0c2b1e-0000-4000-8000-000000000001';
const SINCE = '2026-11-23T04:00:00Z';
const MEANT = {
  cluster: 'main',
  location: null,
  namespace: 'ml',
  jobName: 'gemma-x7k2p',
  jobUid: UID as string | null,
  knownAt: Date.parse('2026-11-23T02:00:00Z'),
};

/** The Jobs of a recording, as those of the JobSet. */
function childrenOf({ jobs, pods }: Recording) {
  const items = jobs.items.map((job) => {
    const metadata = {
      ...job.metadata,
      namespace: 'ml',
      labels: { 'jobset.sigs.k8s.io/jobset-name': MEANT.jobName, 'jobset.sigs.k8s.io/jobset-uid': UID },
      ownerReferences: [{ kind: 'JobSet', name: MEANT.jobName, uid: UID }],
    };
    return { ...job, metadata };
  });
  return { jobs: { items }, pods };
}

const set = (status: object, metadata: object = {}) => ({
  metadata: {
    name: MEANT.jobName,
    namespace: 'ml',
    uid: UID,
    creationTimestamp: '2026-11-23T01:59:00Z',
    ...metadata,
  },
  status,
});
const condition = (type: string, reason: string, message = '') => ({
  conditions: [
    { type: 'Suspended', status: 'False', reason: 'ResumeJobs', message: '', lastTransitionTime: SINCE },
    { type, status: 'True', reason, message, lastTransitionTime: SINCE },
  ],
});
const failed = (restarts = 0) => ({ ...condition('Failed', 'FailedJobs', 'jobset failed'), restarts });

let server: RecordedServer;
beforeEach(async () => {
  server = await startRecordedServer();
  onTestFinished(server.close);
});

const outcomes = () =>
  kubernetesOutcomes({
    clusters: { main: { endpoint: server.endpoint, auth: 'none' } },
    readYaml: async () => null,
    patience: { pauseMs: 1, attempts: 2 },
  });
const look = (meant: typeof MEANT = MEANT) => lookAt(outcomes(), meant);

function put(sets: readonly Record<string, unknown>[], job = 'running') {
  server.namespaces.set('ml', { ...childrenOf(recording(job)), jobsets: { items: sets } });
}

describe('a JobSet is one run, whatever becomes of its Jobs', () => {
  test.each([
    ['it runs', { restarts: 0 }],
    ['it was restarted twice, and its Jobs are others now', { restarts: 2 }],
    ['it is suspended, by Kueue for one', condition('Suspended', 'SuspendedJobs')],
    ['its Jobs have started', condition('StartupPolicyCompleted', 'StartupPolicyCompleted')],
  ])('open: %s', async (_, status) => {
    put([set(status)]);
    expect(await look()).toEqual({ kind: 'open' });
  });

  test('a success is at the time of its condition, with a failure for each restart', async () => {
    put([set({ ...condition('Completed', 'AllJobsCompleted', 'done'), restarts: 1 })]);
    expect(await look()).toMatchObject({
      kind: 'ended',
      end: { outcome: 'success', finishedAt: Date.parse(SINCE), failures: 1, reason: 'AllJobsCompleted' },
    });
  });

  test.each([
    ['failure', 'failure', /exit code 3/],
    ['deadline', 'timeout', /deadline/],
    ['out-of-memory', 'oom', /ran out of memory/],
    ['node-shutdown', 'preempted', /shutdown/],
  ])('why it failed say its Jobs and their Pods: %s', async (job, outcome, words) => {
    put([set(failed(2))], job);
    expect(await look()).toMatchObject({
      kind: 'ended',
      end: { outcome, finishedAt: Date.parse(SINCE), failures: 3, message: expect.stringMatching(words) },
    });
  });

  test('without its Jobs its own words have to do', async () => {
    server.namespaces.set('ml', {
      jobs: { items: [] },
      pods: { items: [] },
      jobsets: { items: [set(failed())] },
    });
    expect(await look()).toMatchObject({ kind: 'ended', end: { outcome: 'failure', reason: 'FailedJobs' } });
  });

  test('by its name alone it is meant, unless it is younger than the message', async () => {
    put([set({})]);
    expect(await look({ ...MEANT, jobUid: null })).toEqual({ kind: 'open' });
    put([set({}, { creationTimestamp: '2026-11-23T03:00:00Z' })]);
    expect(await look({ ...MEANT, jobUid: null })).toEqual({ kind: 'gone' });
  });

  test('another set of its name is not meant', async () => {
    put([set({}, { uid: 'another' })]);
    expect(await look()).toEqual({ kind: 'gone' });
  });
});

describe('where JobSets cannot be listed', () => {
  const refuse = (status: number) => {
    server.fault = (response, { path }) => (path.includes('/jobsets') ? send(response, status, {}) : null);
  };

  test('a cluster that knows none has none, and is asked for nothing else', async () => {
    server.namespaces.set('ml', childrenOf(recording('running')));
    expect(await look()).toEqual({ kind: 'gone' });
    expect(server.seen.map(({ path }) => path.split('/').at(-1))).toEqual(['jobs', 'jobsets']);
  });

  test('the right is missing: what has Jobs of a set is unknown, what has none is gone', async () => {
    put([set({})]);
    refuse(403);
    expect(await look()).toEqual({
      kind: 'unknown',
      detail: expect.stringContaining('grant list on jobsets of jobset.x-k8s.io in namespace "ml"'),
    });
    expect(await look({ ...MEANT, jobUid: 'another' })).toEqual({ kind: 'gone' });
  });

  test('in passing trouble nothing is decided of them, and all of the Jobs beside them', async () => {
    put([set({})], 'success');
    refuse(503);
    const { jobName, jobUid } = recording('success');
    const found = await outcomes().look([
      { ...MEANT, uuid: 'set' },
      { ...MEANT, jobName, jobUid, uuid: 'job' },
    ]);
    expect(found.get('set')).toMatchObject({ kind: 'unknown', detail: expect.stringContaining('503') });
    expect(found.get('job')).toMatchObject({ kind: 'ended' });
  });

  test('Jobs that are there cost no such question', async () => {
    const { name, jobName, jobUid } = recording('success');
    refuse(503);
    expect(await look({ ...MEANT, namespace: name, jobName, jobUid })).toMatchObject({ kind: 'ended' });
    expect(server.seen.some(({ path }) => path.includes('/jobsets'))).toBe(false);
  });
});
