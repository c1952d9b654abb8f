import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PortError } from '../../ports/error.ts';
import { publishProblem } from './rest-check.ts';

let server: Server;
let asked: { url: string | undefined; authorization: string | undefined; body: string }[];
let answers: { status: number; body: string }[];

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      asked.push({ url: request.url, authorization: request.headers.authorization, body });
      const answer = answers[Math.min(asked.length, answers.length) - 1]!;
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const GRANTED = { status: 200, body: '{"permissions":["pubsub.topics.publish"]}' };

function check({ ms = 5_000, token = async () => 't-1' } = {}): Promise<string | null> {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return publishProblem({ project: 'p1', topic: 'a%2Fb', endpoint, token, until: AbortSignal.timeout(ms) });
}

test('a right that is granted is no problem, asked for as the caller', async () => {
  answers = [GRANTED];
  expect(await check()).toBeNull();
  expect(asked).toEqual([
    {
      url: '/v1/projects/p1/topics/a%252Fb:testIamPermissions',
      authorization: 'Bearer t-1',
      body: '{"permissions":["pubsub.topics.publish"]}',
    },
  ]);
});

test('what may pass is asked again', async () => {
  answers = [
    { status: 503, body: '' },
    { status: 429, body: '' },
    { status: 200, body: 'half an ans' },
    GRANTED,
  ];
  expect(await check()).toBeNull();
  expect(asked).toHaveLength(4);
});

test.each<[string, { status: number; body: string }, RegExp]>([
  [
    'a right that is missing',
    { status: 200, body: '{}' },
    /^Cannot publish to projects\/p1\/topics\/a%2Fb: .*grant roles\/pubsub.publisher/,
  ],
  ['rights that are none', { status: 200, body: '{"permissions":"all"}' }, /is missing/],
  ['a refusal', { status: 401, body: 'secret words' }, /^Cannot ask for the rights on .*: HTTP 401$/],
])('%s is a sentence', async (_, answer, words) => {
  answers = [answer];
  expect(await check()).toMatch(words);
});

test('a server that stays in trouble, and a token that nobody gives, are sentences, too', async () => {
  answers = [{ status: 500, body: '' }];
  expect(await check({ ms: 300 })).toMatch(/^Cannot ask for the rights on .*: HTTP 500$/);
  const token = async () => {
    throw new PortError('denied', 'Cannot get a Google access token');
  };
  expect(await check({ token })).toBe('Cannot get a Google access token');
});
