import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { connectionChecks, openRemoteSources } from './remote-sources.ts';

/** A server of MLflow with one empty run, and what was said to it. */
async function server() {
  const asked: { readonly url: string | undefined; readonly authorization: string | undefined }[] = [];
  const run = { info: { run_id: 'r1', status: 'FINISHED' }, data: {} };
  const listening = createServer((request, response) => {
    asked.push({ url: request.url, authorization: request.headers.authorization });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ run, experiments: [{}] }));
  });
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  onTestFinished(() => void listening.close());
  return { host: `127.0.0.1:${(listening.address() as AddressInfo).port}`, asked };
}

const RUN = { kind: 'mlflow', connection: 'tracking', run: 'r1' } as const;

test.each([
  ['nobody', '', {}, undefined],
  ['a token', '', { TIDEMARK_CONNECTION_TRACKING_TOKEN: 'tok' }, 'Bearer tok'],
  ['a user with a password', 'me@', { TIDEMARK_CONNECTION_TRACKING_PASSWORD: 'p:w' }, 'Basic bWU6cDp3'],
  ['the secret of another connection', '', { TIDEMARK_CONNECTION_OTHER_TOKEN: 'tok' }, undefined],
])('%s logs in to a tracking server as such', async (_what, user, env, wanted) => {
  const { host, asked } = await server();
  const connections = new Map([['tracking', `mlflow+http://${user}${host}/behind`]]);
  const sources = openRemoteSources({ connections }, env);
  expect(await sources.read(RUN)).toEqual({ values: [], points: [], notes: [] });
  await sources.close();
  expect(asked).toEqual([{ url: '/behind/api/2.0/mlflow/runs/get?run_id=r1', authorization: wanted }]);
  expect(await connectionChecks({ connections }, env)).toMatchObject([
    { what: 'connection tracking', state: 'ok' },
  ]);
});

test('a connection that the file does not name, and a question of the other kind, are refused', async () => {
  const connections = new Map([['tracking', 'postgres://reader@127.0.0.1:1/db']]);
  const sources = openRemoteSources({ connections }, {});
  await expect(sources.read({ ...RUN, connection: 'other' })).rejects.toMatchObject({ code: 'invalid' });
  await expect(sources.read(RUN)).rejects.toMatchObject({
    code: 'invalid',
    message: 'Cannot read the query from the connection tracking: it is a database of Postgres',
  });
  expect(await connectionChecks({ connections }, {})).toMatchObject([{ state: 'bad' }]);
});

test('a secret whose file is not there is told before anybody is asked', () => {
  const connections = new Map([['tracking', 'mlflow+http://127.0.0.1:1']]);
  const env = { TIDEMARK_CONNECTION_TRACKING_TOKEN_FILE: '/nowhere/token' };
  expect(() => openRemoteSources({ connections }, env)).toThrow(
    'Cannot read TIDEMARK_CONNECTION_TRACKING_TOKEN_FILE',
  );
});
