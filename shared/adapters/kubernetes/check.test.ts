import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Clusters } from '../../core/cluster-refusal.ts';
import { clusterChecks } from './check.ts';

interface Review {
  readonly spec: {
    readonly resourceAttributes: {
      readonly group: string;
      readonly resource: string;
      readonly namespace: string;
      readonly verb: string;
    };
  };
}

/** A server that reviews rights as an API server does (201 and the review with its status), by `namespace/resource`. */
async function reviewer(granted: readonly string[], answer: { status?: number; body?: string } = {}) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => (text += part));
    request.on('end', () => {
      seen.push(`${request.method} ${request.url}`);
      const review = JSON.parse(text) as Review;
      const { group, resource, namespace, verb } = review.spec.resourceAttributes;
      const allowed = verb === 'list' && granted.includes(`${namespace}/${group}/${resource}`);
      const body = answer.body ?? JSON.stringify({ ...review, status: { allowed } });
      response.writeHead(answer.status ?? 201, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const checksOf = (clusters: Clusters) =>
  clusterChecks({ clusters, readYaml: async () => null, clusterMs: 2_000 });
const both = (namespace: string) => [`${namespace}/batch/jobs`, `${namespace}//pods`];

test('each namespace that is allowed has a line, and only reviews were asked for', async () => {
  const { endpoint, seen } = await reviewer([...both('a'), ...both('b')]);
  expect(await checksOf({ main: { endpoint, auth: 'none', namespaces: ['a', 'b'] } })).toEqual([
    { what: 'cluster main, namespace a', state: 'ok', detail: expect.stringContaining('may be listed') },
    { what: 'cluster main, namespace b', state: 'ok', detail: expect.stringContaining('may be listed') },
  ]);
  expect(new Set(seen)).toEqual(new Set(['POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews']));
});

test('a Job that may not be listed is bad, a Pod is a note; the line says which role to make', async () => {
  const { endpoint } = await reviewer(['pods-only//pods', 'jobs-only/batch/jobs']);
  const checks = await checksOf({ main: { endpoint, auth: 'none', namespaces: ['jobs-only', 'pods-only'] } });
  expect(checks).toMatchObject([
    {
      state: 'note',
      detail: expect.stringMatching(/may not list pods;.*create role tidemark -n jobs-only /),
    },
    { state: 'bad', detail: expect.stringMatching(/may not list jobs\.batch;.*-n pods-only /) },
  ]);
});

test('where all namespaces are allowed, rights in all of them are asked for', async () => {
  const everywhere = await reviewer(both(''));
  expect(await checksOf({ main: { endpoint: everywhere.endpoint, auth: 'none' } })).toMatchObject([
    { what: 'cluster main', state: 'ok' },
  ]);
  const some = await reviewer(both('a'));
  expect(await checksOf({ main: { endpoint: some.endpoint, auth: 'none' } })).toMatchObject([
    { state: 'note', detail: expect.stringContaining('"namespaces"') },
  ]);
});

test('a cluster that is named only, and one without a namespace, are notes', async () => {
  const checks = await checksOf({
    named: null,
    empty: { endpoint: 'http://127.0.0.1:1', auth: 'none', namespaces: [] },
  });
  expect(checks.map(({ state }) => state)).toEqual(['note', 'note']);
});

test('a cluster that does not answer is bad and costs no other', async () => {
  const { endpoint } = await reviewer(both('a'));
  const checks = await checksOf({
    down: { endpoint: 'http://127.0.0.1:1', auth: 'none' },
    main: { endpoint, auth: 'none', namespaces: ['a'] },
    lost: { endpoint, token_file: '/nowhere/token' },
  });
  expect(checks).toMatchObject([
    { what: 'cluster down', state: 'bad', detail: expect.stringContaining('nobody who listens') },
    { what: 'cluster main, namespace a', state: 'ok' },
    { what: 'cluster lost', state: 'bad', detail: expect.stringContaining('cannot read "/nowhere/token"') },
  ]);
});

test.each([
  ['a token that is not accepted', { status: 401, body: '{}' }, /does not accept/],
  ['a right that is missing', { status: 403, body: '{}' }, /grant create on selfsubjectaccessreviews/],
  ['an answer that is no review', { body: '{"kind":"Status"}' }, /no SelfSubjectAccessReview/],
])('%s is bad', async (_, answer, words) => {
  const { endpoint } = await reviewer([], answer);
  const checks = await checksOf({ main: { endpoint, auth: 'none', namespaces: ['a'] } });
  expect(checks).toMatchObject([{ state: 'bad', detail: expect.stringMatching(words) }]);
});
