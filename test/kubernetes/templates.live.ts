// Rendered templates on a real API server, which checks more than its schemas say. `npm run test:kubernetes`.
import { describe, expect, test } from 'vitest';
import { type Api, openApi } from '../../scripts/kubernetes/api.ts';
import { openStage } from '../../scripts/kubernetes/stage.ts';
import { TOKENS } from '../../scripts/kubernetes/stand-in.ts';
import { renderTemplate } from '../../shared/core/templates/render.ts';
import { type Container, started } from '../templates/container-environment.ts';
import { CASES, SMALL } from '../templates/definitions.ts';

const { TIDEMARK_TEST_KUBERNETES: endpoint, TIDEMARK_TEST_KUBERNETES_CA: ca } = process.env;
if (endpoint === undefined || ca === undefined)
  throw new Error('No TIDEMARK_TEST_KUBERNETES: start these tests with "npm run test:kubernetes"');
const api: Api = openApi({ endpoint, ca, token: TOKENS.admin });

const PLACES = { oneshotJob: 'jobs', cronJob: 'cronjobs' } as const;

function rendered(definition: unknown, kind: keyof typeof PLACES): Record<string, unknown> {
  const made = renderTemplate(definition, kind);
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  return made.value;
}

const batch = (namespace: string, kind: keyof typeof PLACES) =>
  `/apis/batch/v1/namespaces/${namespace}/${PLACES[kind]}`;

const cases = CASES.flatMap(({ name, definition, kinds }) =>
  kinds.flatMap((kind) => (kind === 'cronJob' || kind === 'oneshotJob' ? [{ name, definition, kind }] : [])),
);

describe('a real API server, checking strictly', () => {
  const strictly = '?dryRun=All&fieldValidation=Strict';

  test.each(cases)('takes $name, as a $kind', async ({ definition, kind }) => {
    const { namespace: _, ...anywhere } = definition;
    const path = `${batch('default', kind)}${strictly}`;
    const answer = await api.ask('POST', path, rendered(anywhere, kind));
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
  });

  test('refuses what the builder refuses: a name of 53 characters, a strange schedule, a bad label', async () => {
    const cronJob = rendered(SMALL, 'cronJob') as { metadata: object; spec: object };
    const path = `${batch('default', 'cronJob')}${strictly}`;
    for (const wrong of [
      { ...cronJob, metadata: { name: 'x'.repeat(53) } },
      { ...cronJob, spec: { ...cronJob.spec, schedule: 'TZ=UTC 0 * * * *' } },
      { ...cronJob, spec: { ...cronJob.spec, timeZone: 'Local' } },
      { ...cronJob, metadata: { name: 'x', labels: { mode: 'a b' } } },
    ]) {
      expect(await api.ask('POST', path, wrong)).toMatchObject({ status: 422 });
    }
  });
});

interface Made {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
}

interface MadePod extends Made {
  readonly spec: { readonly initContainers: Container[]; readonly containers: Container[] };
}

test('the Pod of a Job has the labels that its containers read', async () => {
  await api.demand('POST', '/api/v1/namespaces', { metadata: { name: 'templates' } });
  const job = (await api.demand(
    'POST',
    batch('templates', 'oneshotJob'),
    rendered({ ...SMALL, testName: 'a'.repeat(63) }, 'oneshotJob'),
  )) as unknown as Made;
  expect(job.metadata.name).toHaveLength(63);
  const { promise, resolve } = Promise.withResolvers<Made>();
  const look = setInterval(async () => {
    const { items } = (await api.demand('GET', '/api/v1/namespaces/templates/pods')) as unknown as {
      items: Made[];
    };
    if (items[0] !== undefined) resolve(items[0]);
  }, 100);
  const pod = await promise;
  clearInterval(look);
  expect(pod.metadata.labels).toMatchObject({
    'batch.kubernetes.io/job-name': job.metadata.name,
    'batch.kubernetes.io/controller-uid': job.metadata.uid,
    benchmarkId: 'a'.repeat(63),
  });
});

const WRAPPED = { ...SMALL, publisherImage: 'p', configMaps: [], wrap: true, retries: 1 };

/** What the containers of a Pod are told, as its kubelet reads it from the Pod. */
function told({ metadata, spec }: MadePod) {
  const { labels, annotations = {} } = metadata;
  const fields = Object.fromEntries([
    ['metadata.name', metadata.name],
    ['metadata.uid', metadata.uid],
    ['metadata.namespace', ''],
    ...Object.entries(labels).map(([key, value]) => [`metadata.labels['${key}']`, value]),
    // A field that is not there is an empty text (pkg/fieldpath/fieldpath.go of 1.36.3).
    ...['job-index-failure-count', 'job-index-ignored-failure-count'].map((key) => {
      const name = `batch.kubernetes.io/${key}`;
      return [`metadata.annotations['${name}']`, annotations[name] ?? ''];
    }),
  ]);
  return [...spec.initContainers, ...spec.containers].map((container) => {
    const { variables } = started(container, { configMaps: {}, fields });
    return ['JOB_UID', 'JOB_FAILURES', 'JOB_DISRUPTIONS'].map((name) => variables.get(name));
  });
}

test('both containers of a wrapped Job are told how many Pods failed and were taken away before them', async () => {
  const stage = await openStage(api, 'wrapped');
  const object = rendered(WRAPPED, 'oneshotJob');
  const job = (await api.demand('POST', batch(stage.namespace, 'oneshotJob'), object)) as unknown as Made;
  const look = async () => {
    const name = await stage.runningPod();
    const pod = await api.demand('GET', `/api/v1/namespaces/${stage.namespace}/pods/${name}`);
    return { name, told: told(pod as unknown as MadePod) };
  };
  const both = (failures: string, disruptions: string) => {
    const words = [job.metadata.uid, failures, disruptions];
    return [words, words];
  };
  const first = await look();
  expect(first.told).toEqual(both('0', ''));
  const disruption = { reason: 'PreemptionByScheduler', message: 'preempted' };
  await stage.endPod(first.name, { exitCode: 143, disruption });
  const second = await look();
  expect(second.told).toEqual(both('0', '1'));
  await stage.endPod(second.name, { exitCode: 3 });
  const third = await look();
  expect(third.told).toEqual(both('1', '1'));
  await stage.endPod(third.name, { exitCode: 4 });
  await stage.until(job.metadata.name, ({ conditions }) => conditions.includes('Failed'));
});

test('Pods of a wrapped Job that was suspended between them, as Kueue does, differ by their uid alone', async () => {
  const stage = await openStage(api, 'wrapped-suspended');
  const object = rendered(WRAPPED, 'oneshotJob');
  const job = (await api.demand('POST', batch(stage.namespace, 'oneshotJob'), object)) as unknown as Made;
  const look = async () => {
    const name = await stage.runningPod();
    const pod = await api.demand('GET', `/api/v1/namespaces/${stage.namespace}/pods/${name}`);
    return { told: told(pod as unknown as MadePod), uid: (pod as unknown as Made).metadata.uid };
  };
  const first = await look();
  await stage.patchJob(job.metadata.name, { spec: { suspend: true } });
  const taken = await stage.terminatingPod();
  await stage.endPod(taken, { exitCode: 143 });
  await stage.removePod(taken);
  await stage.until(job.metadata.name, ({ conditions }) => conditions.includes('Suspended'));
  await stage.patchJob(job.metadata.name, { spec: { suspend: false } });
  const second = await look();
  expect(second.told).toEqual(first.told);
  expect(second.uid).not.toBe(first.uid);
});

test('a wrapped Job may have a name as long as the builder allows, and no longer', async () => {
  const path = `${batch('default', 'oneshotJob')}?dryRun=All`;
  const object = rendered({ ...WRAPPED, testName: 'a'.repeat(55) }, 'oneshotJob') as { metadata: object };
  const longest = (await api.demand('POST', path, object)) as unknown as Made;
  expect(longest.metadata.name).toHaveLength(61);
  const named = (name: string) =>
    api.ask('POST', path, { ...object, metadata: { ...object.metadata, generateName: undefined, name } });
  expect(await named('a'.repeat(62))).toMatchObject({ status: 422 });
  expect(await named('a.b')).toMatchObject({ status: 422 });
});
