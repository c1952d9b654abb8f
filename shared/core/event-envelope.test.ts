import { expect, test } from 'vitest';
import { finishedEvent, heartbeatEvent, metricsEvent, startedEvent } from './event-envelope.ts';
import { parseMessage } from './parse-message.ts';

const run = { source: '//shell/box/mnist', runId: 'r-7', attempt: 2, testName: 'mnist' };
const at = Date.UTC(2026, 7, 1, 2, 15);

test('a started event of which nothing more is known has the required keys and no others', () => {
  expect(startedEvent(run, { startedAt: at })).toStrictEqual({
    specversion: '1.0',
    type: 'io.tidemark.run.started.v1',
    source: '//shell/box/mnist',
    id: 'r-7/2/started',
    time: '2026-08-01T02:15:00.000Z',
    subject: 'mnist',
    datacontenttype: 'application/json',
    data: { run_id: 'r-7', attempt: 2, test_name: 'mnist', started_at: '2026-08-01T02:15:00.000Z' },
  });
});

test('a started event carries everything it was given', () => {
  const config = { metric_collection_config: { default_aggregation_strategies: ['final'] } };
  const event = startedEvent(run, {
    startedAt: at,
    deadline: at + 3_600_000,
    modelDir: 'gs://b/m',
    labels: { team: 'a' },
    accelerator: 'cpu',
    testType: 'conv',
    frameworkVersion: 'tf-2.2',
    config,
    trigger: 'schedule',
    links: ['https://ci/1'],
    host: 'box',
  });
  expect(event.data).toStrictEqual({
    run_id: 'r-7',
    attempt: 2,
    test_name: 'mnist',
    started_at: '2026-08-01T02:15:00.000Z',
    deadline: '2026-08-01T03:15:00.000Z',
    model_dir: 'gs://b/m',
    labels: { team: 'a' },
    accelerator: 'cpu',
    test_type: 'conv',
    framework_version: 'tf-2.2',
    config,
    trigger: 'schedule',
    links: ['https://ci/1'],
    host: 'box',
  });
});

test('a finished event tells the duration in seconds and the time it ended', () => {
  const event = finishedEvent(run, {
    outcome: 'failure',
    exitCode: 3,
    reason: 'exit',
    message: 'It exited with 3.',
    startedAt: at,
    finishedAt: at + 1_500,
    metrics: [{ name: 'auc', value: 0.8 }],
    final: false,
  });
  expect(event.type).toBe('io.tidemark.run.finished.v1');
  expect(event.id).toBe('r-7/2/finished');
  expect(event.time).toBe('2026-08-01T02:15:01.500Z');
  expect(event.data).toStrictEqual({
    run_id: 'r-7',
    attempt: 2,
    test_name: 'mnist',
    outcome: 'failure',
    exit_code: 3,
    reason: 'exit',
    message: 'It exited with 3.',
    started_at: '2026-08-01T02:15:00.000Z',
    finished_at: '2026-08-01T02:15:01.500Z',
    duration_s: 1.5,
    metrics: [{ name: 'auc', value: 0.8 }],
    final: false,
  });
});

test('a finished event whose start is unknown has neither start nor duration; empty lists are left out', () => {
  const event = finishedEvent(run, { outcome: 'success', finishedAt: at, labels: {}, links: [] });
  expect(Object.keys(event.data)).toStrictEqual(['run_id', 'attempt', 'test_name', 'outcome', 'finished_at']);
});

test('heartbeats and metric reports are numbered, and values JSON cannot hold become words', () => {
  const beat = heartbeatEvent(run, { n: 3, time: at });
  expect([beat.type, beat.id]).toStrictEqual(['io.tidemark.run.heartbeat.v1', 'r-7/2/heartbeat/3']);
  expect(beat.data).toStrictEqual({ run_id: 'r-7', attempt: 2, test_name: 'mnist' });

  const values = [1.5, NaN, Infinity, -Infinity, 0];
  const report = metricsEvent(run, {
    n: 1,
    time: at,
    metrics: values.map((value, i) => ({ name: `m${i}`, value })),
  });
  expect([report.type, report.id]).toStrictEqual(['io.tidemark.metrics.reported.v1', 'r-7/2/metrics/1']);
  expect(JSON.parse(JSON.stringify(report.data.metrics))).toStrictEqual([
    { name: 'm0', value: 1.5 },
    { name: 'm1', value: 'NaN' },
    { name: 'm2', value: 'Infinity' },
    { name: 'm3', value: '-Infinity' },
    { name: 'm4', value: 0 },
  ]);
});

test('the same fields give the same bytes', () => {
  const make = () => JSON.stringify(startedEvent(run, { startedAt: at, labels: { a: '1', b: '2' } }));
  expect(make()).toBe(make());
});

test('the reader takes every kind of event', () => {
  const config = { metric_collection_config: {} };
  const events = [
    startedEvent(run, {
      startedAt: at,
      deadline: at,
      modelDir: 'm',
      labels: { a: 'b' },
      config,
      links: ['https://x'],
    }),
    finishedEvent(run, {
      outcome: 'oom',
      finishedAt: at,
      metricConfigError: 'It is no JSON',
      signal: 'SIGKILL',
    }),
    finishedEvent(run, {
      outcome: 'failure',
      startedAt: at,
      finishedAt: at,
      exitCode: 1,
      final: true,
      host: 'box',
    }),
    heartbeatEvent(run, { n: 1, time: at }),
    metricsEvent(run, { n: 1, time: at, metrics: [{ name: 'a', value: NaN }] }),
  ];
  for (const event of events) {
    const body = new TextEncoder().encode(JSON.stringify(event));
    const parsed = parseMessage({ id: 'x', name: 'x', publishTime: at, format: 'json', body });
    expect(parsed).toMatchObject({ kind: 'event', event: { id: event.id, source: event.source, time: at } });
  }
});
