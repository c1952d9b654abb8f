import { describe, expect, test } from 'vitest';
import { route, testsOf } from '../../../test/support/delivery.ts';
import { episode } from '../../../test/support/episode-rows.ts';
import { day } from '../../../test/support/history-rows.ts';
import { DEFAULT_POLICY, type DeliveryPolicy } from './policy.ts';
import { type WeeklyReader, weeklyKey, weeklyReaders, weekSummary } from './weekly.ts';

describe('a summary goes to', () => {
  const tests = testsOf({
    a: { owner: ['x@example.com', 'y@example.com'], labels: { team: 'perf' } },
    b: { owner: 'x@example.com' },
    c: {},
  });
  const readers = (policy: Partial<DeliveryPolicy>) =>
    weeklyReaders(['a', 'b', 'c'], {
      tests,
      policy: { ...DEFAULT_POLICY, ...policy },
      configFile: 'tidemark.yaml',
    }).map(
      ({ address, tests: of, unrouted }) =>
        `${address.split('@')[0]}: ${[...of].join(' ')}${unrouted.length === 0 ? '' : ` (${unrouted.join(' ')})`}`,
    );

  test('every owner, of his tests, and to the fallback of the rest', () => {
    expect(readers({ fallback: ['all@example.com'] })).toEqual(['x: a b', 'y: a', 'all: c (c)']);
  });

  test('addresses of routes, whatever signals and severities these ask for', () => {
    const routes = [
      route('perf@example.com', {
        labels: new Map([['team', ['perf']]]),
        signals: ['job'],
        severities: ['critical'],
        andOwner: false,
      }),
      route('night@example.com', { to: [{ channel: 'chat', address: 'chat' }] }),
    ];
    expect(readers({ routes })).toEqual(['perf: a', 'x: a b', 'y: a']);
  });

  test('its reader with the reason', () => {
    const [reader] = weeklyReaders(['b'], { tests, policy: DEFAULT_POLICY, configFile: 'tidemark.yaml' });
    expect(reader?.why).toBe('tidemark.yaml names you as owner of this test');
  });
});

test('the summary of one week has one name for each reader', () => {
  expect(weeklyKey('x@example.com', day(1))).toBe(weeklyKey('x@example.com', day(1)));
  expect(
    new Set([
      weeklyKey('x@example.com', day(1)),
      weeklyKey('x@example.com', day(8)),
      weeklyKey('y@example.com', day(1)),
    ]).size,
  ).toBe(3);
});

describe('the week', () => {
  const reader: WeeklyReader = {
    address: 'x@example.com',
    tests: new Set(['t', 'u']),
    why: '',
    unrouted: ['u'],
  };
  const closed = (closedReason: 'noise' | 'recovered', n: number) =>
    ({ state: 'closed', closedReason, closedAt: day(n) }) as const;
  const suspect = (id: string, n: number, metric = 'loss') =>
    episode(id, { signal: `metric:${metric}`, openedAt: day(n), firedAt: null, ...closed('noise', n + 1) });
  const week = weekSummary(
    {
      from: day(7),
      until: day(14),
      counts: [
        { testName: 't', recent: 7, all: 40 },
        { testName: 'u', recent: 3, all: 3 },
        { testName: 'v', recent: 9, all: 9 },
      ],
      episodes: [
        episode('old', { openedAt: day(1), firedAt: day(1) }),
        episode('edge', { openedAt: day(7), firedAt: day(7) }),
        episode('new', { openedAt: day(8), firedAt: day(9) }),
        episode('back', { state: 'recovering', openedAt: day(14), firedAt: day(14) }),
        episode('over', { openedAt: day(3), firedAt: day(3), ...closed('recovered', 9) }),
        episode('better', { polarity: 'good', openedAt: day(9), firedAt: day(9) }),
        episode('maybe', { state: 'suspect', openedAt: day(13), firedAt: null }),
        suspect('n1', 8),
        suspect('n2', 10),
        suspect('n3', 12),
        suspect('n4', 12, 'time'),
        suspect('before', 2),
        episode('else', { testName: 'v', openedAt: day(9), firedAt: day(9) }),
      ],
    },
    reader,
  );
  const ids = (of: readonly { readonly episodeId: string }[]) => of.map(({ episodeId }) => episodeId);

  test('counts what was judged of the reader’s tests', () => {
    expect([week.tests, week.runs, week.learning, week.unrouted]).toEqual([2, 10, ['u'], ['u']]);
  });

  test('has what is open, what fired in it, and what closed in it', () => {
    expect(ids(week.open)).toEqual(['old', 'edge', 'new', 'back']);
    expect(ids(week.fired)).toEqual(['new', 'back']);
    expect(ids(week.improved ?? [])).toEqual(['better']);
    expect(ids(week.closed)).toEqual(['over']);
  });

  test('says how many suspicions came to nothing', () => {
    // Six began in it: `new` fired a run later, `maybe` is open still, four were noise.
    expect(week.noise).toEqual([{ testName: 't', signal: null, suspects: 6, noise: 4, suggestion: null }]);
  });

  test('names the rule that is noisy, and what would help', () => {
    expect(week.noisyRules).toMatchObject([{ testName: 't', signal: 'metric:loss', suspects: 3, noise: 3 }]);
    expect(week.noisyRules[0]!.suggestion).toBe(
      'None of them came to anything: run "tidemark backtest" with wider bounds, or set confirm_n: 3 for this metric.',
    );
  });
});
