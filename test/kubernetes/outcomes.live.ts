// The contract on a real API server with its controllers: each scenario is played anew. `npm run test:kubernetes`.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openApi } from '../../scripts/kubernetes/api.ts';
import { SCENARIOS } from '../../scripts/kubernetes/scenarios.ts';
import { openStage } from '../../scripts/kubernetes/stage.ts';
import { kubeconfigOf, TOKENS } from '../../scripts/kubernetes/stand-in.ts';
import { kubernetesOutcomes } from '../../shared/adapters/kubernetes/outcomes.ts';
import type { ClusterConfig } from '../../shared/core/schema/cluster.ts';
import { type KnownJob, lookAt, outcomesContract } from '../contracts/outcomes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const endpoint = wanted('TIDEMARK_TEST_KUBERNETES');
const ca = wanted('TIDEMARK_TEST_KUBERNETES_CA');
const api = openApi({ endpoint, ca, token: TOKENS.admin });
const folder = temporaryFolder();
const reader = { endpoint, ca_file: ca, token_file: fileWith('reader', TOKENS.reader) };
const openClusters = (clusters: Record<string, ClusterConfig | null>) =>
  kubernetesOutcomes({ clusters, readYaml: async () => kubeconfigOf({ endpoint, ca }) });

function wanted(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`No ${name}: start these tests with "npm run test:kubernetes"`);
  return value;
}

function fileWith(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `${text}\n`);
  return path;
}

// The rights that docs/kubernetes.md asks for, and no more.
beforeAll(async () => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const rules = [
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  ];
  await api.demand('POST', `${rbac}/clusterroles`, { metadata: { name: 'tidemark' }, rules });
  await api.demand('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'tidemark' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'tidemark' },
    subjects: [{ kind: 'User', name: 'reader' }],
  });
});

const unique = (name: string) => `${name}-${randomBytes(4).toString('hex')}`;

async function stage(scenario: string): Promise<KnownJob> {
  const { play } = SCENARIOS.find(({ name }) => name === scenario)!;
  const own = await openStage(api, unique(scenario));
  const knownAt = Date.now();
  const played = await play(own);
  return { cluster: 'main', location: 'here', namespace: own.namespace, knownAt, ...played };
}

async function fill(count: number): Promise<KnownJob[]> {
  const own = await openStage(api, unique('many'));
  const known: KnownJob[] = [];
  for (let index = 0; index < count; index++) {
    const jobName = `job-${index}`;
    const jobUid = await own.job(jobName, { suspend: true });
    const place = { cluster: 'main', location: 'here', namespace: own.namespace };
    known.push({ ...place, jobName, jobUid, knownAt: Date.now() });
  }
  return known;
}

outcomesContract('kubernetes, live', async () => {
  const outcomes = openClusters({
    main: { ...reader, location: 'here' },
    limited: { ...reader, namespaces: ['allowed'] },
    down: { ...reader, endpoint: 'https://127.0.0.1:1' },
    named: null,
  });
  return { outcomes, stage, fill };
});

const ANYWHERE: KnownJob = {
  cluster: 'main',
  location: null,
  namespace: 'default',
  jobName: 'train',
  jobUid: null,
  knownAt: Date.now(),
};

test.each<[string, ClusterConfig, RegExp]>([
  [
    'a token of nobody known',
    { ...reader, token_file: fileWith('stranger', 'stranger') },
    /401.*Unauthorized/,
  ],
  [
    'an account without rights',
    { ...reader, token_file: fileWith('nobody', TOKENS.nobody) },
    /403.*grant list on jobs/,
  ],
  [
    'an authority that is not known',
    { endpoint, token_file: reader.token_file },
    /certificate that is not trusted/,
  ],
  ['an endpoint with a path too much', { ...reader, endpoint: `${endpoint}/elsewhere` }, /40[34]/],
])('unknown with %s', async (_, cluster, words) => {
  const sighting = await lookAt(openClusters({ main: cluster }), ANYWHERE);
  expect(sighting).toEqual({ kind: 'unknown', detail: expect.stringMatching(words) });
});

test('a kubeconfig leads to the cluster too', async () => {
  const outcomes = openClusters({ main: { kubeconfig: join(folder, 'kubeconfig') } });
  expect(await lookAt(outcomes, ANYWHERE)).toEqual({ kind: 'gone' });
  expect(await lookAt(outcomes, { ...(await stage('failure')), location: null })).toMatchObject({
    kind: 'ended',
    end: { outcome: 'failure' },
  });
});

test('an account that may list Jobs and no Pods learns that a Job failed, and what right it lacks', async () => {
  const job = await stage('out-of-memory');
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${job.namespace}`;
  await api.demand('POST', `${rbac}/roles`, {
    metadata: { name: 'jobs' },
    rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['list'] }],
  });
  await api.demand('POST', `${rbac}/rolebindings`, {
    metadata: { name: 'jobs' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'jobs' },
    subjects: [{ kind: 'User', name: 'nobody' }],
  });
  const outcomes = openClusters({ main: { ...reader, token_file: fileWith('nobody', TOKENS.nobody) } });
  expect(await lookAt(outcomes, { ...job, location: null })).toMatchObject({
    kind: 'ended',
    end: { outcome: 'failure', message: expect.stringMatching(/403.*grant list on pods in namespace/) },
  });
});
