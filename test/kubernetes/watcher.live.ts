// The watcher on a real API server with its controllers, by the rights of its manifest. `npm run test:kubernetes`.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { openApi } from '../../scripts/kubernetes/api.ts';
import { SCENARIOS, type Scenario } from '../../scripts/kubernetes/scenarios.ts';
import { openStage } from '../../scripts/kubernetes/stage.ts';
import { TOKENS } from '../../scripts/kubernetes/stand-in.ts';
import { fixedToken, textOf, tokenFile } from '../../shared/adapters/kubernetes/credentials.ts';
import { ClusterError } from '../../shared/adapters/kubernetes/errors.ts';
import { watchLines } from '../../shared/adapters/kubernetes/watch-lines.ts';
import { readWatchLine } from '../../shared/core/watched-object.ts';
import { startWatcher, type Watcher } from '../../watcher/watcher.ts';
import { readText } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { SET_STATUS } from '../support/watched-jobs.ts';
import { isQuiet } from '../support/watcher-stage.ts';
import { keptLog } from '../support/world.ts';

const {
  TIDEMARK_TEST_KUBERNETES: endpoint,
  TIDEMARK_TEST_KUBERNETES_CA: ca,
  TIDEMARK_TEST_KUBERNETES_ETCD: etcd,
} = process.env;
if (endpoint === undefined || ca === undefined || etcd === undefined)
  throw new Error('No TIDEMARK_TEST_KUBERNETES: start these tests with "npm run test:kubernetes"');
const api = openApi({ endpoint, ca, token: TOKENS.admin });
const token = join(temporaryFolder(), 'token');
const connect = async () => ({
  endpoint: new URL(endpoint),
  credentials: tokenFile(token),
  ca: await textOf(ca),
});

interface Told {
  readonly id: string;
  readonly data: { readonly run_id: string; readonly outcome: string; readonly message?: string };
  readonly text: string;
}

const LABEL = `watched-${randomBytes(4).toString('hex')}`;
const log = keptLog();
let told: Told[] = [];
let watcher: Watcher;

function start(): Watcher {
  return startWatcher({
    cluster: 'main',
    label: LABEL,
    namespaces: [],
    connect,
    queue: {
      async publish(body) {
        const text = new TextDecoder().decode(body);
        told.push({ ...(JSON.parse(text) as Omit<Told, 'text'>), text });
        return 'id';
      },
    },
    unsent: null,
    clock: { now: Date.now },
    log,
    chance: Math.random,
    pace: { watch: { absentMs: 500 } },
  });
}

async function until(isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 1_200; n++) {
    if (isSo()) return;
    await sleep(50);
  }
  const seen = told.map(({ id, data }) => `${id} ${data.outcome}`);
  throw new Error(
    `Waited in vain: ${JSON.stringify({ seen, words: log.words, standing: watcher.standing() })}`,
  );
}

const manifests = parseAllDocuments(readText('infra/kubernetes/watcher.yaml')).map(
  (one) => one.toJS() as Record<string, unknown> & { kind: string },
);

beforeAll(async () => {
  writeFileSync(token, TOKENS.reader);
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const role = manifests.find(({ kind }) => kind === 'ClusterRole')!;
  await api.demand('POST', `${rbac}/clusterroles`, role);
  await api.demand('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'tidemark-watcher' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'tidemark-watcher' },
    subjects: [{ kind: 'User', name: 'reader' }],
  });
  watcher = start();
  await until(() => isQuiet(watcher));
});
afterAll(() => watcher.stop(0));

test('every manifest is taken, checked strictly', async () => {
  const places: Readonly<Record<string, string>> = {
    Namespace: '/api/v1/namespaces',
    ServiceAccount: '/api/v1/namespaces/tidemark/serviceaccounts',
    ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    Deployment: '/apis/apps/v1/namespaces/tidemark/deployments',
  };
  await api.ask('POST', '/api/v1/namespaces', { metadata: { name: 'tidemark' } });
  for (const manifest of manifests) {
    const place = places[manifest.kind];
    if (place === undefined) continue;
    const answer = await api.ask('POST', `${place}?dryRun=All&fieldValidation=Strict`, manifest);
    // What is there already, such as the namespace, was taken before.
    expect([201, 409], JSON.stringify(answer.body)).toContain(answer.status);
  }
});

/** How the watcher ends each scenario: null, not at all. */
const ENDS: Readonly<Record<string, string | null>> = {
  success: 'success',
  failure: 'failure',
  'success-after-retry': 'success',
  'out-of-memory': 'oom',
  'out-of-memory-of-node': 'oom',
  'node-shutdown': 'preempted',
  deadline: 'timeout',
  suspended: null,
  running: null,
  'failure-target': null,
  // Whoever asks later finds no Pod, or no Job.
  drained: 'preempted',
  'deleted-after-ttl': 'success',
  'used-again': 'cancelled',
};

/** What the recorded scenarios have not, or have in a hurry. */
const MORE: Readonly<Record<string, Scenario['play']>> = {
  /** As `kubectl drain` does it, and without a kubelet that says something else at last. */
  async drained(stage) {
    const jobUid = await stage.job('train');
    const pod = await stage.runningPod();
    await stage.evictPod(pod);
    await stage.removePod(pod);
    await stage.until('train', ({ conditions }) => conditions.includes('Failed'));
    return { jobName: 'train', jobUid };
  },
  async 'used-again'(stage) {
    const jobUid = await stage.job('train');
    await stage.runningPod();
    await stage.until('train', ({ active }) => active === 1);
    await stage.deleteJob('train');
    await stage.job('train', { suspend: true });
    return { jobName: 'train', jobUid };
  },
};

test('how Jobs end is told as it happens, what is gone a moment later included', async () => {
  const plays = Object.entries(ENDS).map(async ([name, outcome]) => {
    const namespace = `${name}-${randomBytes(4).toString('hex')}`;
    const stage = await openStage(api, namespace, { labels: { [LABEL]: name } });
    const play = MORE[name] ?? SCENARIOS.find((one) => one.name === name)!.play;
    const { jobUid } = await play(stage);
    return { name, jobUid, outcome };
  });
  const played = await Promise.all(plays);
  const wanted = Object.fromEntries(
    played.flatMap(({ name, outcome }) => (outcome === null ? [] : [[name, outcome]])),
  );
  await until(() => told.length >= Object.keys(wanted).length && isQuiet(watcher));
  const names = new Map(played.map(({ jobUid, name }) => [jobUid, name]));
  expect(Object.fromEntries(told.map(({ data }) => [names.get(data.run_id), data.outcome]))).toEqual(wanted);
  expect(told).toHaveLength(Object.keys(wanted).length);
});

test('a JobSet is told of, although its kind came later than the watcher', async () => {
  const group = 'jobset.x-k8s.io';
  // Another file may have made it before.
  await api.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: `jobsets.${group}` },
    spec: {
      group,
      names: { plural: 'jobsets', singular: 'jobset', kind: 'JobSet', listKind: 'JobSetList' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1alpha2',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });
  const path = `/apis/${group}/v1alpha2/namespaces/default/jobsets`;
  const object = {
    apiVersion: `${group}/v1alpha2`,
    kind: 'JobSet',
    metadata: { name: 'set', labels: { [LABEL]: 'set' } },
  };
  let made = await api.ask('POST', path, object);
  for (let n = 0; n < 100 && made.status !== 201; n++) {
    await sleep(100);
    made = await api.ask('POST', path, object);
  }
  const { uid } = (made.body as { metadata: { uid: string } }).metadata;
  await until(() => watcher.standing().watches.every(({ phase }) => phase === 'watching'));
  await api.demand('PATCH', `${path}/set/status`, { status: SET_STATUS.completed });
  await until(() => told.some(({ data }) => data.run_id === uid));
  expect(told.filter(({ data }) => data.run_id === uid)).toMatchObject([
    { id: `${uid}/1/finished`, data: { outcome: 'success' } },
  ]);
});

test('a server that does not remember so far back says so in a way that is understood', async () => {
  // Of events the server keeps no recent past in its memory, so that what etcd forgot is gone.
  const path = '/api/v1/events';
  const { metadata } = await api.demand('GET', path);
  const { resourceVersion: revision } = metadata as { resourceVersion: string };
  await fetch(`${etcd}/v3/kv/compaction`, {
    method: 'POST',
    body: JSON.stringify({ revision, physical: true }),
  });
  const query = new URLSearchParams({ watch: '1', resourceVersion: '1', timeoutSeconds: '5' });
  const reading = {
    cluster: 'main',
    signal: AbortSignal.timeout(20_000),
    silenceMs: 20_000,
    mostBytes: 1_000_000,
    onOpen: () => {},
  };
  const place = { path, query, right: 'watch on events' };
  const access = { ...(await connect()), credentials: fixedToken(TOKENS.admin, 'token') };
  const codes: (number | null)[] = [];
  try {
    for await (const line of watchLines(access, place, reading)) {
      const read = readWatchLine(line);
      codes.push(read?.kind === 'error' ? read.code : null);
      break;
    }
  } catch (error) {
    codes.push(error instanceof ClusterError ? error.status : null);
  }
  expect(codes).toEqual([410]);
});

test('another process tells the same again, byte for byte, but of what Pods said that are gone', async () => {
  const before = told;
  await watcher.stop(1_000);
  told = [];
  watcher = start();
  await until(() => isQuiet(watcher) && told.length > 0);
  await sleep(1_500);
  const first = new Map(before.map(({ id, text }) => [id, text]));
  const again = told.filter(({ id }) => first.has(id));
  expect(again.length).toBeGreaterThan(5);
  expect(again.filter(({ id, text }) => first.get(id) !== text)).toEqual([]);
  const others = told
    .filter(({ id }) => !first.has(id))
    .map(({ id, data }) => [id.split('/').slice(1).join('/'), data.outcome]);
  expect(others.every(([id]) => id === '1/finished/0')).toBe(true);
});
