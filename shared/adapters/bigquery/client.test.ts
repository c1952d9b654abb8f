import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { anybody } from '../../../test/support/bigquery.ts';
import { type Client, openClient } from './client.ts';
import { failureOf } from './errors.ts';

const answers: { readonly type: string; readonly body: string }[] = [];
// A server that is not the service, as far as its answers say.
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const { type, body } = answers.shift() ?? { type: 'text/plain', body: 'there should be an answer' };
    response.writeHead(200, { 'content-type': type }).end(body);
  });
});
let client: Client;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = await openClient({ projectId: 'p', endpoint, authClient: anybody() });
});
beforeEach(() => void answers.splice(0));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const json = (body: object) => ({ type: 'application/json', body: JSON.stringify(body) });
const page = { type: 'text/html', body: '<html>Please log in</html>' };
const source = { id: 'x', dataset: 'd', table: 't', lines: ['{}'], location: undefined, labels: {} };

const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['rows', () => client.find('x', undefined).results()],
  ['the state of a load', () => client.find('x', undefined).loaded()],
  ['a load', () => client.load(source)],
];

test.each(
  calls.flatMap(([what, call]) => [
    [what, 'a page of somebody else', page, call] as const,
    [what, 'an object that says nothing', json({}), call] as const,
  ]),
)(
  '%s: %s in place of the answer is a failure that passes, and no empty answer',
  async (_, _is, answer, call) => {
    answers.push(answer);
    const error = await call().then(
      (value) => value,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(failureOf(error)).toMatchObject({
      message: 'the answer is not what BigQuery gives',
      again: 'request',
    });
  },
);

const FIELDS = { schema: { fields: [{ name: 'x', type: 'STRING' }] } };

test('a job that still runs is waited for', async () => {
  answers.push(
    json({ jobComplete: false }),
    json({ ...FIELDS, jobComplete: true, rows: [{ f: [{ v: '1' }] }] }),
  );
  const { rows } = await client.find('x', undefined).results();
  expect(rows).toStrictEqual([{ f: [{ v: '1' }] }]);
});
