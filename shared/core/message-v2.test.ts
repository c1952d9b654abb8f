import { describe, expect, test } from 'vitest';
import { factsOfV2 } from './facts-v2.ts';
import { runOfV2, type TestCompleted } from './message-v2.ts';
import { type ParsedMessage, parseMessage } from './parse-message.ts';

/** Parses what a decoder would answer with. */
function parsed(value: TestCompleted, publishTime = 5_000): ParsedMessage {
  const raw = { id: '7', name: 'm.pb', publishTime, format: 'v2' as const, body: new Uint8Array([1]) };
  return parseMessage(raw, { decodeV2: () => ({ ok: true, value }) });
}

function event(value: TestCompleted, publishTime?: number) {
  const message = parsed(value, publishTime);
  if (message.kind !== 'event') throw new Error(message.rejected.detail);
  return message.event;
}

function refusal(value: TestCompleted) {
  const message = parsed(value);
  return message.kind === 'event' ? null : [message.rejected.reason, message.rejected.detail];
}

const START = { seconds: '1785549600' };
const RUN: TestCompleted = { benchmark_id: 't', output_path: 'gs://b/x/run-1', start_time: START };

describe('which run it is', () => {
  test.each([
    ['the last segment of the path', 'gs://bucket/a/run-1', 'run-1'],
    ['whatever slashes end it', 'gs://bucket/a/run-1//', 'run-1'],
    ['of a folder of a machine too', '/mnt/out/run-1', 'run-1'],
    ['but a bucket names no run', 'gs://bucket/', 't@2026-08-01T02:00:00.000Z'],
    ['nor does no path at all', '', 't@2026-08-01T02:00:00.000Z'],
  ])('%s', (_sentence, output_path, runId) => {
    expect(runOfV2({ ...RUN, output_path })).toMatchObject({ testName: 't', runId });
  });

  test('an event that is sent twice is one, whichever message brings it; one that says more is another', () => {
    const [first, second] = [event(RUN, 1_000), event(RUN, 2_000)];
    expect(second.eventKey).toBe(first.eventKey);
    const more = event({ ...RUN, num_attempts: 2 });
    expect(more.eventKey).not.toBe(first.eventKey);
    expect(more.thread).toBe(first.thread);
  });
});

describe('how it ended', () => {
  test.each([
    [undefined, 'success'],
    ['COMPLETED', 'success'],
    ['FAILED', 'failure'],
    ['TIMEOUT', 'timeout'],
    ['MISSED', 'missed'],
  ])('status %s is %s', (status, outcome) => {
    expect(runOfV2({ ...RUN, ...(status === undefined ? {} : { status }) })).toMatchObject({ outcome });
  });

  test.each([
    ['start and duration', { duration: { seconds: '60', nanos: 500_000_000 } }, '2026-08-01T02:01:00.500Z'],
    ['an end before the start', { duration: { seconds: '-60' } }, '2026-08-01T01:59:00.000Z'],
    ['no time at all', { duration: {} }, '2026-08-01T02:00:00.000Z'],
    ['no duration: when it was published', {}, '1970-01-01T00:00:05.000Z'],
  ])('%s', (_sentence, part, end) => {
    const { end: ended, startedAt } = factsOfV2(event({ ...RUN, ...part }));
    expect(new Date(ended.finishedAt).toISOString()).toBe(end);
    expect(startedAt).toBe(Date.UTC(2026, 7, 1, 2));
  });

  test('without a start it ended when it was published', () => {
    const facts = factsOfV2(event({ benchmark_id: 't', output_path: 'x', duration: { seconds: '60' } }));
    expect([facts.startedAt, facts.end.finishedAt]).toStrictEqual([null, 5_000]);
  });
});

test('links, labels and numbers come along, absent ones as nothing', () => {
  const message: TestCompleted = {
    ...RUN,
    num_attempts: 3,
    labels: { mode: 'conv', accelerator: 'v3-8', frameworkVersion: 'tf-nightly', team: 'x' },
    debug_info: { logs_link: 'https://l', logs_download_command: 'get', details_link: 'https://d' },
    extras: { rate: 2.5, broken: 'NaN' },
  };
  expect(factsOfV2(event(message))).toMatchObject({
    attempt: 3,
    modelDir: 'gs://b/x/run-1',
    testType: 'conv',
    accelerator: 'v3-8',
    frameworkVersion: 'tf-nightly',
    labels: { team: 'x' },
    logsLink: 'https://l',
    logsDownloadCommand: 'get',
    workloadLink: 'https://d',
    metrics: [
      ['broken', Number.NaN],
      ['rate', 2.5],
    ],
    config: undefined,
  });
  expect(factsOfV2(event({ benchmark_id: 't', start_time: START, num_attempts: -4 }))).toMatchObject({
    attempt: 1,
    modelDir: null,
    testType: null,
    logsLink: null,
    metrics: [],
  });
});

describe('what cannot be used is rejected in one sentence', () => {
  test.each([
    ['no test', { output_path: 'x' }, 'names no test: benchmark_id is missing'],
    ['no run', { benchmark_id: 't' }, 'names no run: output_path and start_time are both missing'],
    [
      'a status of a newer schema',
      { ...RUN, status: 9 },
      'status must be one of COMPLETED, FAILED, TIMEOUT, MISSED: current value is 9',
    ],
    [
      'a start that is no time',
      { ...RUN, start_time: { seconds: '9223372036854775807' } },
      'start_time is beyond the years 1 to 9999: {"seconds":"9223372036854775807"}',
    ],
    [
      'a duration without end',
      { ...RUN, duration: { seconds: '9223372036854775807' } },
      'the end, start_time and duration, is beyond the years 1 to 9999: {"seconds":"9223372036854775807"}',
    ],
    [
      'a name without end',
      { ...RUN, benchmark_id: 'x'.repeat(70_000) },
      'a name of 70000 characters is too long',
    ],
    [
      'bytes that unfold to too much',
      { ...RUN, metric_collection_config: { sources: Array.from({ length: 1_500_000 }, () => ({})) } },
      'unfolds to more than a message may hold',
    ],
  ])('%s', (_sentence, message, why) => {
    expect(refusal(message)).toStrictEqual(['v2', `Cannot read message "m.pb": ${why}`]);
  });

  test('bytes that are no protobuf, and any where nothing reads v2', () => {
    const raw = { id: '7', name: 'm.pb', publishTime: 0, format: 'v2' as const, body: new Uint8Array() };
    const told = parseMessage(raw, { decodeV2: () => ({ ok: false, problem: 'it ends too early' }) });
    expect(told).toMatchObject({
      rejected: {
        reason: 'v2',
        detail: 'Cannot read message "m.pb": is no v2 protobuf message: it ends too early',
      },
    });
    expect(parseMessage(raw)).toMatchObject({ rejected: { reason: 'v2' } });
  });
});
