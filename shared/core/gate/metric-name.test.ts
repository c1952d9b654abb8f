import { expect, test } from 'vitest';
import { findMetric } from './metric-name.ts';
import { unitOf } from './unit.ts';

const K6 = [
  'http_req_blocked/p95',
  'http_req_duration/p95',
  'http_req_failed/rate',
  'iteration_duration/p95',
  'checks/rate',
];

test.each([
  ['exactly this name', 'checks/rate', K6, 'checks/rate'],
  ['of the percentiles of k6 that of its requests', 'p95', K6, 'http_req_duration/p95'],
  ['the share of requests that failed', 'failed', K6, 'http_req_failed/rate'],
  ['the line of all requests of Locust', 'p95', ['GET /a/p95', 'total/p95'], 'total/p95'],
  ['the only name that ends so', 'final', ['loss_final', 'loss_min'], 'loss_final'],
  [
    'the only name that ends so behind a slash',
    'mem',
    ['process_info/mem', 'other/item'],
    'process_info/mem',
  ],
  ['a metric of its own before a usual one', 'p95', ['p95', 'http_req_duration/p95'], 'p95'],
])('a policy means %s', (_, short, names, metric) => {
  expect(findMetric(short, names)).toStrictEqual({ kind: 'found', metric });
});

test('a name that may be several is told with all of them', () => {
  expect(findMetric('final', ['loss_final', 'acc_final', 'x'])).toStrictEqual({
    kind: 'ambiguous',
    problem: 'The policy\'s "final" may be loss_final, acc_final: write one of them in full',
  });
});

test('an end in the middle of a word is none', () => {
  expect(findMetric('inal', ['loss_final']).kind).toBe('unknown');
});

test.each([
  [['loss_final'], 'loss_finale', 'did you mean "loss_final"?'],
  [['loss', 'acc'], 'throughput', 'it has loss, acc'],
  [[], 'throughput', 'the test has no metrics yet'],
  [Array.from({ length: 12 }, (_, n) => `m${n}`), 'throughput', 'm9 and 2 more'],
])('of %j "%s" is none, and the next step is told', (names, short, hint) => {
  expect(findMetric(short, names)).toMatchObject({ kind: 'unknown', problem: expect.stringContaining(hint) });
});

test.each([
  ['total_wall_time', 's'],
  ['http_req_duration/p95', 'ms'],
  ['http_req_duration{status:200}/p99', 'ms'],
  ['http_req_failed/rate', null],
  ['data_received/count', 'B'],
  ['total/p95', 'ms'],
  ['GET /predict/p95', null],
  ['step_time_ms_final', 'ms'],
  ['process_resident_memory_bytes', 'B'],
  ['latency_seconds{quantile="0.9"}', 's'],
  ['bytes_per_second', null],
  ['latency_seconds_count', null],
  ['ms_to_bytes', null],
  ['items_final', null],
  ['min', null],
])('the unit of %s is %s', (metric, word) => {
  expect(unitOf(metric)?.word ?? null).toBe(word);
});
