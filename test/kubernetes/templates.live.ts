// Rendered templates on a real API server, which checks more than its schemas say. `npm run test:kubernetes`.
import { describe, expect, test } from 'vitest';
import { type Api, openApi } from '../../scripts/kubernetes/api.ts';
import { TOKENS } from '../../scripts/kubernetes/stand-in.ts';
import { renderTemplate } from '../../shared/core/templates/render.ts';
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
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Record<string, string> };
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
