import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type GrpcFaultProxy, type GrpcRule, grpcFaultProxy } from './grpc-fault-proxy.ts';

const PULL = '/google.pubsub.v1.Subscriber/Pull';
const asked: string[] = [];
const closers: (() => void)[] = [];
let target = '';

// A gRPC server without messages: it repeats what it is sent, and refuses one method as gRPC does, at once.
const server = createServer();
server.on('stream', (stream, headers) => {
  asked.push(String(headers[':path']));
  stream.on('error', () => {});
  if (headers[':path'] === '/refused') {
    stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true });
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.pipe(stream);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  asked.length = 0;
  for (const close of closers.splice(0)) close();
});

afterAll(() => {
  server.close();
});

async function proxyWith(...rules: GrpcRule[]): Promise<GrpcFaultProxy> {
  const proxy = await grpcFaultProxy({ target, rules });
  closers.push(() => void proxy.close());
  return proxy;
}

/** One call; its status is `none` where the stream ended without one. */
function call(
  proxy: GrpcFaultProxy,
  path: string,
  patience?: number,
): Promise<{ status: string; text: string }> {
  const session = connect(`http://${proxy.address}`);
  session.on('error', () => {});
  closers.push(() => session.destroy());
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
  if (patience !== undefined) setTimeout(() => stream.close(), patience);
  let [status, text] = ['none', ''];
  const note = (headers: Record<string, unknown>) => {
    if (headers['grpc-status'] !== undefined) status = String(headers['grpc-status']);
  };
  stream
    .on('response', note)
    .on('trailers', note)
    .on('error', () => {});
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  stream.end('hello');
  return new Promise((resolve) => stream.on('close', () => resolve({ status, text })));
}

test('a call without a rule is passed on with its body, its answer and its status', async () => {
  const proxy = await proxyWith();
  expect(await call(proxy, PULL)).toEqual({ status: '0', text: 'hello' });
  expect(await call(proxy, '/refused')).toEqual({ status: '5', text: '' });
  expect(asked).toEqual([PULL, '/refused']);
});

test.each([
  ['DEADLINE_EXCEEDED', '4'],
  ['PERMISSION_DENIED', '7'],
  ['RESOURCE_EXHAUSTED', '8'],
  ['UNAVAILABLE', '14'],
] as const)('%s is answered, and the server never asked', async (fault, status) => {
  const proxy = await proxyWith({ path: /Pull$/, fault });
  expect(await call(proxy, PULL)).toEqual({ status, text: '' });
  expect(asked).toEqual([]);
});

test('a rule holds for its path and for the times that it names', async () => {
  const proxy = await proxyWith({ path: /Pull$/, nth: [2], fault: 'UNAVAILABLE' });
  const statuses = [];
  for (const path of [PULL, '/other', PULL, PULL]) statuses.push((await call(proxy, path)).status);
  expect(statuses).toEqual(['0', '0', '14', '0']);
  expect([proxy.count(/Pull$/), proxy.count(/other/)]).toEqual([3, 1]);
  proxy.use([]);
  expect(proxy.calls).toEqual([]);
});

test('a lost answer leaves the client without a status, though the server was asked', async () => {
  const proxy = await proxyWith({ path: /Pull$/, fault: 'lost' });
  expect(await call(proxy, PULL)).toEqual({ status: 'none', text: '' });
  expect(asked).toEqual([PULL]);
});

test('a call that hangs waits until the client gives up', async () => {
  const proxy = await proxyWith({ path: /Pull$/, fault: 'hang' });
  expect(await call(proxy, PULL, 50)).toEqual({ status: 'none', text: '' });
  expect(asked).toEqual([]);
});

test('a delayed call is answered in full', async () => {
  const proxy = await proxyWith({ path: /Pull$/, fault: { delayMs: 5 } });
  expect(await call(proxy, PULL)).toEqual({ status: '0', text: 'hello' });
});
