import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { googleToken } from './token.ts';

// A metadata server as on Google's machines, which names who a process is.
let server: Server;
let given = 0;
const before = { ...process.env };
beforeAll(async () => {
  server = createServer((request, response) => {
    response.setHeader('metadata-flavor', 'Google');
    response.setHeader('content-type', 'application/json');
    if (request.url?.includes('/token'))
      response.end(
        JSON.stringify({ access_token: `token-${++given}`, expires_in: 3600, token_type: 'Bearer' }),
      );
    else response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  process.env = before;
});
beforeEach(() => {
  given = 0;
  // No login of whoever runs the tests.
  process.env = { ...before, HOME: temporaryFolder(), CLOUDSDK_CONFIG: temporaryFolder() };
  delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
});

test('a token is kept until it is refused, then another is asked for', async () => {
  process.env.GCE_METADATA_HOST = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.METADATA_SERVER_DETECTION = 'assume-present';
  const token = googleToken();
  expect(await token({ renew: false })).toBe('token-1');
  expect(await token({ renew: false })).toBe('token-1');
  expect(await token({ renew: true })).toBe('token-2');
  expect(await token({ renew: false })).toBe('token-2');
});

test('a process that is nobody is told so in one line', async () => {
  process.env.METADATA_SERVER_DETECTION = 'none';
  const missing = join(temporaryFolder(), 'key.json');
  for (const credentials of [undefined, missing]) {
    if (credentials !== undefined) process.env.GOOGLE_APPLICATION_CREDENTIALS = credentials;
    const failure = await googleToken()({ renew: false }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'credentials' });
    expect((failure as Error).message).toMatch(/^there is no access token: [^\n]+$/);
  }
});
