import { describe, expect, test } from 'vitest';
import { route, testsOf } from '../../../test/support/delivery.ts';
import { DEFAULT_POLICY, type DeliveryPolicy } from './policy.ts';
import { strangeLabels, unheardSignals } from './reach.ts';

const perf = { labels: new Map([['team', ['perf']]]) };

describe('nobody hears', () => {
  test.each([
    ['of a test without owner, route and fallback', {}, {}, ['job', 'metrics', 'infra', 'schedule']],
    ['of nothing, where it has an owner', { owner: 'a@example.com' }, {}, []],
    ['of nothing, where there is a fallback', {}, { fallback: ['f@example.com'] }, []],
    [
      'of nothing, where a route takes it',
      { labels: { team: 'perf' } },
      { routes: [route('r@example.com', perf)] },
      [],
    ],
    [
      'of what its only route does not ask for',
      {},
      { routes: [route('r@example.com', { signals: ['infra', 'sched*'] })] },
      ['job', 'metrics'],
    ],
    [
      'of nothing loud, where a route takes warnings',
      {},
      { routes: [route('r@example.com', { severities: ['warning'] })] },
      [],
    ],
    [
      'of what only improvements are told of',
      {},
      { routes: [route('r@example.com', { severities: ['info'] })] },
      ['job', 'metrics', 'infra', 'schedule'],
    ],
  ] as [string, object, Partial<DeliveryPolicy>, string[]][])('%s', (_, config, policy, signals) => {
    expect(unheardSignals('t', config, { ...DEFAULT_POLICY, ...policy })).toEqual({
      all: signals.length === 4,
      signals,
    });
  });
});

test('a label that no test has is named, with the one that was probably meant', () => {
  const tests = testsOf({ a: { labels: { team: 'perf' }, accelerator: 'v5e' }, b: {} });
  const routes = [
    route('r@example.com', {
      labels: new Map([
        ['taem', ['perf']],
        ['accelerator', ['v5e']],
      ]),
    }),
    route('s@example.com', { labels: new Map([['cluster', ['x']]]) }),
  ];
  expect(strangeLabels(tests, { routes })).toEqual([
    { route: 0, label: 'taem', meant: 'team' },
    { route: 1, label: 'cluster', meant: null },
  ]);
});
