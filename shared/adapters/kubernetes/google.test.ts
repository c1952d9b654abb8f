import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { lookAt } from '../../../test/contracts/outcomes.ts';
import { knownJob, recordedAnswer, recording } from '../../../test/support/kubernetes-recordings.ts';
import { send, startRecordedServer } from '../../../test/support/recorded-cluster.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { Patience } from './client.ts';
import { kubernetesOutcomes } from './outcomes.ts';

const JOB = { ...knownJob(recording('failure')), location: null };

afterEach(() => vi.unstubAllEnvs());

/** Google's metadata server, as every machine there has one: the n-th token asked for is `token-n`. */
async function startMetadataServer({
  isSilent = false,
} = {}): Promise<{ readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    response.setHeader('metadata-flavor', 'Google');
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://metadata');
    if (!pathname.endsWith('/token')) return void response.end('ok');
    asked.push(searchParams.get('scopes') ?? '');
    if (isSilent) return;
    const token = { access_token: `token-${asked.length}`, expires_in: 3_600, token_type: 'Bearer' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(token));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('GCE_METADATA_HOST', `127.0.0.1:${port}`);
  vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present');
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined);
  vi.stubEnv('CLOUDSDK_CONFIG', temporaryFolder());
  return { asked };
}

async function start(patience: Partial<Patience> = {}) {
  const server = await startRecordedServer();
  onTestFinished(server.close);
  const main = { endpoint: server.endpoint, auth: 'google' } as const;
  const outcomes = kubernetesOutcomes({ clusters: { main }, readYaml: async () => null, patience });
  return { server, outcomes };
}

test('the token of the Google account is asked for once, with both scopes, and kept', async () => {
  const { asked } = await startMetadataServer();
  const { server, outcomes } = await start();
  for (let look = 0; look < 3; look++) expect(await lookAt(outcomes, JOB)).toMatchObject({ kind: 'ended' });
  expect(new Set(server.seen.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer token-1']));
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatch(/cloud-platform.*userinfo\.email/);
});

test('a token that is not accepted any more is replaced once', async () => {
  const { asked } = await startMetadataServer();
  const { server, outcomes } = await start();
  server.fault = (response, { authorization }) => {
    if (authorization === 'Bearer token-2') return null;
    const { status, body } = recordedAnswer('wrong-token');
    return send(response, status, body);
  };
  expect(await lookAt(outcomes, JOB)).toMatchObject({ kind: 'ended' });
  expect(asked).toHaveLength(2);
});

test('an account that is silent is not waited for longer than a cluster', async () => {
  await startMetadataServer({ isSilent: true });
  const { server, outcomes } = await start({ clusterMs: 300 });
  expect(await lookAt(outcomes, JOB)).toMatchObject({
    kind: 'unknown',
    detail: expect.stringContaining('too long to learn as whom'),
  });
  expect(server.seen).toEqual([]);
});

test('no Google account is a reason to wait, not an end', async () => {
  vi.stubEnv('GCE_METADATA_HOST', '127.0.0.1:1');
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined);
  vi.stubEnv('CLOUDSDK_CONFIG', temporaryFolder());
  const { server, outcomes } = await start();
  expect(await lookAt(outcomes, JOB)).toEqual({
    kind: 'unknown',
    detail: expect.stringMatching(/^Cluster "main" cannot be asked: the Google account gives no token: /),
  });
  expect(server.seen).toEqual([]);
});
