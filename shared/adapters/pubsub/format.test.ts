import { expect, test } from 'vitest';
import { deadLetter, messageAttributes } from './attributes.ts';
import { contentType, formatOf } from './format.ts';
import { pubSubPlace } from './place.ts';
import { requestsOf } from './together.ts';

const text = (value: string) => new TextEncoder().encode(value);

test.each([
  ['an object of JSON', text('{"job_name": "a"}'), 'json'],
  ['one behind blanks and line feeds', text('\n\t {\n  "job_name": "a"}'), 'json'],
  ['one behind a byte order mark', text('\ufeff{"a":1}'), 'json'],
  ['an empty object', text('{ }'), 'json'],
  ['a v2 message', new Uint8Array([0x0a, 1, 0x61]), 'v2'],
  ['a v2 message whose test name has 123 bytes, the code of a brace', text(`\n{${'n'.repeat(123)}`), 'v2'],
  ['a v2 message without a test name', new Uint8Array([0x12, 1, 0x61]), 'v2'],
  ['nothing', new Uint8Array(), 'json'],
  ['a list', text('[1]'), 'json'],
  ['words', text('hello'), 'json'],
  ['bytes of something else', new Uint8Array([0xff, 0xd8]), 'json'],
])('%s without a content type is told by its bytes', (_what, body, format) => {
  expect(formatOf(body, {})).toBe(format);
});

test('a content type counts more than the bytes, whatever is said beside it', () => {
  expect(formatOf(text('{}'), { 'content-type': 'application/x-protobuf; proto=a' })).toBe('v2');
  expect(formatOf(new Uint8Array([0x0a, 1, 0x61]), { 'content-type': 'Application/JSON' })).toBe('json');
  expect(formatOf(text('{}'), { 'content-type': 'text/plain' })).toBe('json');
  expect([contentType('a.pb'), contentType('a')]).toStrictEqual([
    'application/x-protobuf',
    'application/json',
  ]);
});

test('a name is cut to what an attribute holds, between characters', () => {
  expect(messageAttributes('')).toStrictEqual({ 'content-type': 'application/json' });
  const { name } = messageAttributes(`${'x'.repeat(1023)}ü.json`);
  expect(name).toBe('x'.repeat(1023));
  expect(messageAttributes('\ud800').name).toBe('\ufffd');
});

test('a dead letter keeps the attributes of its message, but for those that may not be published', () => {
  const theirs = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 'v']));
  const message = {
    ackId: 'a',
    messageId: '7',
    publishTime: 0,
    data: new Uint8Array([1]),
    attributes: { googclient_x: 'y', reason: 'theirs', ...theirs },
  };
  const { data, attributes } = deadLetter(message, { reason: 'oversized', source: 's' });
  expect(data).toStrictEqual(message.data);
  expect(attributes).toMatchObject({ k0: 'v', reason: 'oversized', source_message_id: '7' });
  expect(attributes).not.toHaveProperty('googclient_x');
  expect(Object.keys(attributes)).toHaveLength(100);
});

test('ids are split so that no request is too large', () => {
  const split = (ids: readonly string[]) => [...requestsOf(ids)].map((request) => request.length);
  expect(split([])).toStrictEqual([]);
  expect(split(Array.from({ length: 2_501 }, (_, i) => `${i}`))).toStrictEqual([2_500, 1]);
  expect(split(Array.from({ length: 5 }, () => 'x'.repeat(200_000)))).toStrictEqual([2, 2, 1]);
  expect(split(['x'.repeat(500_000)])).toStrictEqual([1]);
});

test('a place is read from its URL', () => {
  expect(pubSubPlace('pubsub://my-project/metrics-written?subscription=tidemark')).toStrictEqual({
    project: 'my-project',
    topic: 'metrics-written',
    subscription: 'tidemark',
    deadLetterTopic: undefined,
    timeout: 10_000,
  });
  expect(pubSubPlace('pubsub://example.com:p/topic?dead-letter=broken&wait=2.5')).toMatchObject({
    timeout: 2_500,
    project: 'example.com:p',
    deadLetterTopic: 'broken',
  });
});

test.each([
  ['pubsub://p', 'it names no project and topic'],
  ['pubsub:///t', 'it names no project and topic'],
  ['pubsub://p/topic/more', 'it names no project and topic'],
  ['pubsub://P_1/topic', '"P_1" is no project id'],
  ['pubsub://p/ab', '"ab" is no name of a topic or subscription'],
  ['pubsub://p/topic?subscription=', '"" is no name of a topic or subscription'],
  ['pubsub://p/topic?subscription=goog-x', '"goog-x" is no name'],
  ['pubsub://p/topic?sub=x', 'it has no parameter "sub"'],
  ['pubsub://p/topic?wait=soon', 'it waits "soon"; wanted seconds, from 1 to 60'],
  ['pubsub://p/topic?wait=0', 'it waits "0"'],
])('%s is refused: %s', (url, why) => {
  expect(() => pubSubPlace(url)).toThrow(`Cannot use queue "${url}": ${why}`);
});
