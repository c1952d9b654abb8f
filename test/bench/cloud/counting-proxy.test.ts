import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { countingProxy } from './counting-proxy.ts';

const server = createServer((incoming, response) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const { port } = server.address() as AddressInfo;
    response.writeHead(201, { location: `http://127.0.0.1:${port}/next` }).end(Buffer.concat(chunks));
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const proxy = await countingProxy({
  target: `http://127.0.0.1:${port}`,
  kindOf: (method, path, body) => `${method} ${path} ${body.slice(0, 3)}`,
});

afterAll(async () => {
  await proxy.close();
  server.close();
});

test('passes a long body on unchanged and tells its kind by the beginning', async () => {
  const body = `abc${'x'.repeat(300_000)}`;
  const answer = await fetch(`${proxy.url}/a`, { method: 'POST', body });
  expect([answer.status, answer.headers.get('location')]).toEqual([201, `${proxy.url}/next`]);
  expect(await answer.text()).toBe(body);
  expect([...proxy.tallies()].map(([kind, { count }]) => [kind, count])).toEqual([['POST /a abc', 1]]);
});

test('counts anew after a reset', async () => {
  proxy.reset();
  await (await fetch(`${proxy.url}/b`)).text();
  await (await fetch(`${proxy.url}/b`)).text();
  expect([...proxy.tallies()].map(([kind, { count }]) => [kind, count])).toEqual([['GET /b ', 2]]);
});
