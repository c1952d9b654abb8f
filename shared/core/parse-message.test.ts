import { describe, expect, test } from 'vitest';
import { parseMessage } from './parse-message.ts';
import type { RunEvent } from './run-event.ts';

const utf8 = new TextEncoder();
const PUBLISHED = Date.parse('2026-08-01T12:00:00Z');

function parse(message: unknown, id = 'id-1') {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return parseMessage({
    id,
    name: 'm.json',
    publishTime: PUBLISHED,
    format: 'json',
    body: utf8.encode(text),
  });
}

function accepted(message: unknown, id?: string): RunEvent {
  const parsed = parse(message, id);
  if (parsed.kind === 'rejected') throw new Error(parsed.rejected.detail);
  return parsed.event;
}

function refused(message: unknown): { reason: string; detail: string } {
  const parsed = parse(message);
  if (parsed.kind === 'event') throw new Error('was accepted');
  return parsed.rejected;
}

const started = {
  specversion: '1.0',
  type: 'io.tidemark.run.started.v1',
  source: '//host-a',
  id: 'r1/1/started',
  time: '2026-08-01T01:00:00Z',
  data: { run_id: 'r1', test_name: 't' },
};
const heartbeat = { ...started, type: 'io.tidemark.run.heartbeat.v1' };
const v1 = { test_name: 't', job_name: 'j', model_dir: '/m' };

describe('a Tidemark event', () => {
  test.each([
    ['started', started, 'started'],
    [
      'finished',
      { ...started, type: 'io.tidemark.run.finished.v1', data: { ...started.data, outcome: 'oom' } },
      'finished',
    ],
    ['heartbeat', heartbeat, 'heartbeat'],
    [
      'metrics',
      { ...started, type: 'io.tidemark.metrics.reported.v1', data: { ...started.data, metrics: [] } },
      'metrics',
    ],
  ])('%s', (_, message, kind) => {
    const time = Date.parse(started.time);
    expect(accepted(message)).toMatchObject({
      kind,
      testName: 't',
      time,
      publishTime: time,
      source: '//host-a',
    });
  });

  test('source and id tell duplicates, the transport does not', () => {
    expect(accepted(started, 'a').eventKey).toBe(accepted(started, 'b').eventKey);
    expect(accepted({ ...started, source: '//host-b' }).eventKey).not.toBe(accepted(started).eventKey);
    expect(accepted({ ...started, id: 'r1/2/started' }).eventKey).not.toBe(accepted(started).eventKey);
  });

  test('heartbeats of one run and attempt share a place, those of another do not', () => {
    const key = (id: string, attempt: number) =>
      accepted({ ...heartbeat, id, data: { ...heartbeat.data, attempt } }).eventKey;
    expect(key('r1/1/heartbeat/1', 1)).toBe(key('r1/1/heartbeat/2', 1));
    expect(key('r1/1/heartbeat/1', 1)).not.toBe(key('r1/2/heartbeat/1', 2));
  });

  test('the subject names the test where the data does not', () => {
    const { test_name: _, ...data } = started.data;
    expect(accepted({ ...started, subject: 's', data }).testName).toBe('s');
    expect(refused({ ...started, data })).toMatchObject({ reason: 'identity' });
  });

  test('extension attributes of CloudEvents are no mistake', () => {
    expect(accepted({ ...started, traceparent: '00-…', partitionkey: 'k' }).kind).toBe('started');
  });

  test('without a time it happened when it was published', () => {
    const { time: _, ...timeless } = started;
    expect(accepted(timeless).time).toBe(PUBLISHED);
  });

  test('the parts of its identity make its thread', () => {
    const thread = (data: object) => accepted({ ...started, data: { ...started.data, ...data } }).thread;
    const threads = [
      {},
      { run_id: 'r2' },
      { test_name: 'u' },
      { cluster_name: 'c' },
      { job_namespace: 'c' },
    ].map(thread);
    expect(new Set(threads).size).toBe(5);
    expect(thread({ attempt: 2 })).toBe(threads[0]);
  });
});

describe('a v1 message', () => {
  test('is told by the id of its transport, and speaks of a Job', () => {
    const event = accepted(v1, 'a');
    expect(event).toMatchObject({ kind: 'v1', testName: 't', time: PUBLISHED, publishTime: PUBLISHED });
    expect(event.thread).toMatch(/^job:/);
    expect(accepted(v1, 'b').eventKey).not.toBe(event.eventKey);
    expect(accepted({ ...v1, job_uid: 'u' }).thread).toMatch(/^run:/);
  });

  test.each([
    [1_785_549_600, Date.parse('2026-08-01T02:00:00Z')],
    [1_785_549_600.25, Date.parse('2026-08-01T02:00:00.250Z')],
    ['2026-08-01T02:00:00Z', Date.parse('2026-08-01T02:00:00Z')],
  ])('says when it was published: %s', (publish_time, expected) => {
    expect(accepted({ ...v1, publish_time }).publishTime).toBe(expected);
  });

  test('whose config could not be read is named after its Job', () => {
    const { test_name: _, ...nameless } = v1;
    const message = { ...nameless, job_name: 'nightly-1785549600', metric_config_error: 'is no JSON' };
    expect(accepted(message).testName).toBe('nightly');
    expect(refused(nameless).detail).toContain('test_name: is missing; wanted string');
  });

  test.each([
    ['regression_test_config', { metric_success_conditions: { m: { comparision: 'less' } } }],
    ['metric_collection_config', 42],
  ])('with a mistake in %s is recorded all the same', (key, value) => {
    expect(accepted({ ...v1, [key]: value }).kind).toBe('v1');
  });
});

describe('what is refused', () => {
  test.each([
    ['nothing', '', 'json', 'is empty'],
    ['white space', ' \n', 'json', 'is empty'],
    ['half of it', '{"a":', 'json', 'is not JSON'],
    ['a number', '1', 'shape', 'must be a JSON object'],
    ['null', 'null', 'shape', 'must be a JSON object'],
    ['another object', '{}', 'shape', 'neither a Tidemark event'],
    ['depth', '['.repeat(200) + ']'.repeat(200), 'shape', 'nested more than 100 levels'],
    ['another version', { ...started, specversion: '0.3' }, 'shape', 'specversion'],
    ['an attempt of 0', { ...started, data: { ...started.data, attempt: 0 } }, 'shape', 'data.attempt'],
    ['an empty run id', { ...started, data: { ...started.data, run_id: '' } }, 'shape', 'data.run_id'],
    [
      'a name of 65,537',
      { ...started, data: { ...started.data, test_name: 'x'.repeat(65_537) } },
      'shape',
      'data.test_name',
    ],
  ])('%s', (_, message, reason, detail) => {
    const answer = refused(message);
    expect(answer.reason).toBe(reason);
    expect(answer.detail).toMatch(/^Cannot read message "m\.json": /);
    expect(answer.detail).toContain(detail);
  });

  test('every mistake is told at once', () => {
    const data = { ...started.data, attempt: 'two', modle_dir: '/m', started_at: 'noon' };
    const { detail } = refused({ ...started, data });
    expect(detail).toContain('data.attempt: must be');
    expect(detail).toContain('data.modle_dir: unknown key; did you mean "model_dir"?');
    expect(detail).toContain('data.started_at: is not an ISO 8601 time: current value is "noon"');
  });

  test('v2 until it is read, and bytes that are no text', () => {
    const raw = { id: 'i', name: 'm.pb', publishTime: 0, body: Uint8Array.of(0xff) };
    expect(parseMessage({ ...raw, format: 'v2' })).toMatchObject({
      rejected: { reason: 'v2', body: raw.body },
    });
    expect(parseMessage({ ...raw, format: 'json' })).toMatchObject({ rejected: { reason: 'json' } });
  });
});

test('a lone surrogate, which no store can keep, is replaced everywhere', () => {
  const message = JSON.stringify({
    ...started,
    data: { run_id: 'a\ud800', test_name: 't\udc00', labels: { 'k\ud800': '🚂' } },
  });
  const event = accepted(message);
  expect(event.testName).toBe('t\ufffd');
  expect(JSON.parse(event.body)).toMatchObject({ run_id: 'a\ufffd', labels: { 'k\ufffd': '🚂' } });
});
