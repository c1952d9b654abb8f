import { describe, expect, test } from 'vitest';
import { inputOf, notice, route, silence, testsOf } from '../../../test/support/delivery.ts';
import { episode } from '../../../test/support/episode-rows.ts';
import { day } from '../../../test/support/history-rows.ts';
import type { ClosedReason } from '../episodes/episode.ts';
import type { DeliveryInput, Told } from './draft.ts';
import { planDeliveries } from './plan.ts';
import type { QuietHours } from './policy.ts';

/** Drafts as lines: whom, what for, with which notices, and what keeps it back. */
function lines(input: DeliveryInput): string[] {
  return planDeliveries(input).drafts.map(
    ({ channel, address, kind, notices, suppressedBy, notBefore }) =>
      `${channel === 'mail' ? '' : '#'}${address.replace('@example.com', '')} ${kind}: ${notices.map(({ id }) => id).join(' ')}${suppressedBy === null ? '' : ` (${suppressedBy})`}${notBefore === null ? '' : ` at ${new Date(notBefore).toISOString().slice(0, 16)}`}`,
  );
}

const DELIVERED: Told = { state: 'delivered' };
/** UTC, so that noon of day 2 (a Monday) is quiet and its evening is not. */
const NOON: QuietHours = { zone: 'UTC', from: 600, until: 1080, weekends: false, pass: ['critical'] };
const held = (key: string) => ({ channel: 'mail', address: 'owner@example.com', key });

describe('without any setting', () => {
  test('the owners hear of a test, each in a mail of his own, and of the rest the fallback', () => {
    const tests = testsOf({ t: { owner: ['a@example.com', 'b@example.com'] }, u: {} });
    const policy = { fallback: ['all@example.com'] };
    const given = [
      notice('x'),
      notice('y', 'firing', { testName: 'u' }),
      notice('z', 'firing', { testName: 'v' }),
    ];
    expect(lines(inputOf(given, { tests, policy }))).toEqual([
      'a test: x-1-firing',
      'all test: y-1-firing',
      'all test: z-1-firing',
      'b test: x-1-firing',
    ]);
  });

  test('a notice for which nobody is named is told apart', () => {
    const plan = planDeliveries(inputOf([notice('x')], { tests: new Map() }));
    expect(plan).toMatchObject({ drafts: [], unrouted: [{ id: 'x-1-firing' }] });
  });

  test('everything of one thread is one mail, and another thread of the test another', () => {
    const given = [notice('x'), notice('y', 'firing', { threadId: 'thread-x' }), notice('z')];
    expect(lines(inputOf(given))).toEqual(
      expect.arrayContaining(['owner test: x-1-firing y-1-firing', 'owner test: z-1-firing']),
    );
  });

  test('three tests are three mails and four are a digest', () => {
    const given = ['p', 'q', 'r', 's'].map((name) => notice(name, 'firing', { testName: name }));
    const input = inputOf(given, { tests: new Map(), policy: { fallback: ['all@example.com'] } });
    expect(lines({ ...input, notices: given.slice(1) })).toHaveLength(3);
    expect(lines(input)).toEqual(['all digest: p-1-firing q-1-firing r-1-firing s-1-firing']);
    expect(planDeliveries(input).drafts[0]).toMatchObject({ threadId: null, cause: null });
  });

  test('the same notices give the same key in any order, and others give another', () => {
    const [x, y] = [notice('x'), notice('y', 'firing', { threadId: 'thread-x' })];
    const keys = [[x, y], [y, x], [x]].map((given) => planDeliveries(inputOf(given)).drafts[0]!.key);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
  });

  test('what goes on in the same test is named, what is silenced or of another test is not', () => {
    const episodes = [
      episode('on'),
      episode('back', { state: 'recovering' }),
      episode('x'),
      episode('maybe', { state: 'suspect' }),
      episode('better', { polarity: 'good' }),
      episode('quiet', { signal: 'job' }),
      episode('other', { testName: 'u' }),
    ];
    const input = inputOf([notice('x')], { episodes, silences: [silence('signal=job')] });
    expect(planDeliveries(input).drafts[0]!.stillOpen.map(({ episodeId }) => episodeId)).toEqual([
      'on',
      'back',
    ]);
  });

  test('a mail says of which episodes it tells that they are open', () => {
    const given = [notice('x'), notice('y', 'recovered', { threadId: 'thread-x' })];
    const [draft] = planDeliveries(inputOf(given, { told: () => DELIVERED })).drafts;
    expect(draft).toMatchObject({ episodeIds: ['x'], threadId: 'thread-x' });
  });
});

describe('routes', () => {
  const perf = { labels: new Map([['team', ['perf']]]) };

  test.each([
    ['a route takes a label, and the owner hears beside it', [route('r@example.com', perf)], ['owner', 'r']],
    ['a route may take it from the owner', [route('r@example.com', { ...perf, andOwner: false })], ['r']],
    [
      'a route for another team takes nothing',
      [route('r@example.com', { labels: new Map([['team', ['data']]]) })],
      ['owner'],
    ],
    [
      'a label that is not there matches nothing',
      [route('r@example.com', { labels: new Map([['chip', ['*']]]) })],
      ['owner'],
    ],
    [
      'the first that takes it ends the search',
      [route('r@example.com'), route('s@example.com')],
      ['owner', 'r'],
    ],
    [
      'unless it goes on',
      [route('r@example.com', { goOn: true }), route('s@example.com')],
      ['owner', 'r', 's'],
    ],
    ['by test', [route('r@example.com', { tests: ['u', 't*'] })], ['owner', 'r']],
    [
      'by signal',
      [route('r@example.com', { signals: ['job'] }), route('s@example.com', { signals: ['metric:*'] })],
      ['owner', 's'],
    ],
    ['by severity', [route('r@example.com', { severities: ['critical'] })], ['owner']],
    ['who is named twice hears once', [route('owner@example.com')], ['owner']],
  ])('%s', (_, routes, expected) => {
    const { drafts } = planDeliveries(inputOf([notice('x')], { policy: { routes } }));
    expect(drafts.map(({ address }) => address.replace('@example.com', '')).sort()).toEqual(expected);
  });

  test('labels of the config beat those of a message', () => {
    const tests = testsOf({ t: { owner: 'owner@example.com', labels: { team: 'data' } } });
    const routes = [route('r@example.com', perf)];
    expect(lines(inputOf([notice('x')], { tests, policy: { routes } }))).toEqual(['owner test: x-1-firing']);
  });

  test('a channel is a recipient like others', () => {
    const routes = [route('x', { to: [{ channel: 'pager', address: 'pager' }] })];
    expect(lines(inputOf([notice('x')], { policy: { routes } }))).toEqual([
      'owner test: x-1-firing',
      '#pager test: x-1-firing',
    ]);
  });

  test.each([
    ['tidemark.yaml names you as owner of this test', [], [notice('x')]],
    [
      'tidemark.yaml names you in route 2 (team=perf, severity=warning|critical) and as owner of this test',
      [
        route('no@example.com', { tests: ['u'] }),
        route('owner@example.com', { ...perf, severities: ['warning', 'critical'] }),
      ],
      [notice('x')],
    ],
    [
      'tidemark.yaml names you as owner of these tests',
      [],
      ['t', 'u'].map((testName) => notice(testName, 'reminder', { testName })),
    ],
  ])('%s', (why, routes, given) => {
    const tests = testsOf({ t: { owner: 'owner@example.com' }, u: { owner: 'owner@example.com' } });
    const { drafts } = planDeliveries(inputOf(given, { tests, policy: { routes } }));
    expect(drafts.find(({ address }) => address === 'owner@example.com')?.why).toBe(why);
  });

  test('the fallback is told why, too', () => {
    const { drafts } = planDeliveries(
      inputOf([notice('x')], { tests: new Map(), policy: { fallback: ['f@example.com'] } }),
    );
    expect(drafts[0]!.why).toBe('tidemark.yaml names you as fallback, because this test has no owner');
  });
});

describe('what is not sent is kept with its reason', () => {
  test('what a backfill tells of', () => {
    expect(lines(inputOf([{ ...notice('x'), suppressed: true }]))).toEqual([
      'owner test: x-1-firing (backfill)',
    ]);
  });

  test.each([
    ['by test', 'test=t*', true],
    ['by signal', 'signal=metric:loss*', true],
    ['by label', 'label.team=perf', true],
    ['by what labels every run has', 'label.accelerator=cpu', true],
    ['by all of several', 'test=t severity=warning', true],
    ['by only some of several', 'test=t label.team=data', false],
    ['by another test', 'test=u', false],
    ['by what nobody can read', 'tset=t', false],
  ])('what a silence matches %s', (_, matcher, isSilent) => {
    const expected = isSilent ? 'owner test: x-1-firing (silence s)' : 'owner test: x-1-firing';
    expect(lines(inputOf([notice('x')], { silences: [silence(matcher)] }))).toEqual([expected]);
  });

  test.each([
    ['before it begins', { startsAt: day(3), endsAt: day(4) }],
    ['at its end', { endsAt: day(2) + 12 * 3_600_000 }],
  ])('a silence keeps nothing back %s', (_, times) => {
    expect(lines(inputOf([notice('x')], { silences: [silence('test=*', times)] }))).toEqual([
      'owner test: x-1-firing',
    ]);
  });

  test('an end of which nobody heard the beginning', () => {
    const given = [notice('x', 'recovered')];
    expect(lines(inputOf(given))).toEqual(['owner test: x-1-recovered (not told)']);
    expect(lines(inputOf(given, { told: () => DELIVERED }))).toEqual(['owner test: x-1-recovered']);
  });

  test('an end goes to those alone who heard the beginning', () => {
    const tests = testsOf({ t: { owner: ['a@example.com', 'b@example.com'] } });
    const told: DeliveryInput['told'] = ({ address }) => (address === 'a@example.com' ? DELIVERED : null);
    expect(lines(inputOf([notice('x', 'recovered')], { tests, told }))).toEqual([
      'a test: x-1-recovered',
      'b test: x-1-recovered (not told)',
    ]);
  });

  test('an end goes to those, too, whom it does not name any more, if the config still names them', () => {
    const routes = [
      route('day@example.com', { severities: ['warning'] }),
      route('night@example.com', { severities: ['critical'] }),
    ];
    const heard = ['day@example.com', 'owner@example.com', 'gone@example.com'].map((address) => ({
      channel: 'mail',
      address,
    }));
    const told: DeliveryInput['told'] = ({ address }) =>
      heard.some((one) => one.address === address) ? DELIVERED : null;
    const given = [notice('x', 'recovered', { severity: 'critical', seq: 3 })];
    const input = inputOf(given, { told, toldTo: () => heard, policy: { routes } });
    expect(lines(input)).toEqual([
      'day test: x-3-recovered',
      'night test: x-3-recovered (not told)',
      'owner test: x-3-recovered',
    ]);
    expect(planDeliveries(input).drafts[0]!.why).toBe(
      'tidemark.yaml names you elsewhere, and you were told when it began',
    );
  });

  test('an end and its beginning that come together are one mail', () => {
    const given = [notice('x'), notice('x', 'recovered', { seq: 2 })];
    expect(lines(inputOf(given))).toEqual(['owner test: x-1-firing x-2-recovered']);
  });

  test('the end of what a silence kept back', () => {
    const given = [notice('x', 'recovered')];
    const silences = [silence('test=t')];
    expect(lines(inputOf(given, { silences, told: () => DELIVERED }))).toEqual([
      'owner test: x-1-recovered (silence s)',
    ]);
  });

  test('an improvement, which waits for the weekly summary', () => {
    const given = [notice('x', 'firing', { polarity: 'good', severity: 'info' })];
    expect(lines(inputOf(given))).toEqual(['owner digest: x-1-firing (info)']);
  });

  test('an end that nobody brought about, unless a person or a good run did', () => {
    const end = (closedReason: ClosedReason) => {
      const given = [notice('x', 'closed', { state: 'closed', closedReason })];
      return lines(inputOf(given, { told: () => DELIVERED }));
    };
    for (const reason of ['config_changed', 'test_removed', 'series_gone', 'expired'] as const) {
      expect(end(reason)).toEqual(['owner test: x-1-closed (info)']);
    }
    expect(end('accepted')).toEqual(['owner test: x-1-closed']);
    expect(end('dismissed')).toEqual(['owner test: x-1-closed']);
  });

  test('but a digest that goes out takes it along', () => {
    const names = ['p', 'q', 'r', 's'];
    const given = [
      ...names.map((name) => notice(name, 'firing', { testName: name })),
      notice('x', 'firing', { polarity: 'good' }),
    ];
    const input = inputOf(given, { tests: new Map(), policy: { fallback: ['all@example.com'] } });
    expect(lines(input)).toEqual(['all digest: p-1-firing q-1-firing r-1-firing s-1-firing x-1-firing']);
  });
});

describe('bundles', () => {
  test('reminders of one recipient are one mail, whatever the tests', () => {
    const given = [
      notice('x', 'reminder'),
      notice('y', 'ack_ended', { testName: 'u' }),
      notice('z', 'silence_ended', { testName: 'v' }),
    ];
    const input = inputOf(given, { tests: new Map(), policy: { fallback: ['all@example.com'] } });
    expect(lines(input)).toEqual(['all reminder: x-1-reminder y-1-ack_ended z-1-silence_ended']);
  });

  test('tests with a common cause are one mail that names it, whatever their number', () => {
    const cause = { label: 'image', value: 'jax:1118', incidentId: 'i' };
    const given = ['p', 'q', 'r', 's', 'u'].map((name) =>
      notice(name, 'firing', { testName: name, incidentId: 'i' }),
    );
    const input = inputOf([...given, notice('x')], {
      causes: new Map([['i', cause]]),
      policy: { fallback: ['all@example.com'] },
    });
    const { drafts } = planDeliveries(input);
    expect(drafts.map(({ kind, notices }) => `${kind} ${notices.length}`)).toEqual(['incident 5', 'test 1']);
    expect(drafts[0]).toMatchObject({ cause, threadId: 'i' });
  });

  test('what began as an incident ends in its thread: one test by itself, and all of them in one digest', () => {
    const ended = (name: string) => notice(name, 'recovered', { testName: name, incidentId: 'i' });
    const ends = ['p', 'q', 'r', 's', 'u'].map(ended);
    const policy = { policy: { fallback: ['all@example.com'] }, tests: new Map() };
    expect(planDeliveries(inputOf([ended('p')], policy)).drafts).toMatchObject([
      { kind: 'test', threadId: 'i' },
    ]);
    expect(planDeliveries(inputOf(ends, policy)).drafts).toMatchObject([{ kind: 'digest', threadId: 'i' }]);
    const mixed = planDeliveries(inputOf([...ends, notice('x', 'recovered', { testName: 'x' })], policy));
    expect(mixed.drafts).toMatchObject([{ kind: 'digest', threadId: null }]);
  });

  test.each([
    ['firing', false],
    ['escalated', false],
    ['again', false],
    ['silence_ended', false],
    ['flapping', true],
    ['new_normal', true],
    ['reminder', true],
    ['ack_ended', true],
  ] as const)('where nobody knows whether it arrived, %s is left alone: %s', (kind, atMostOnce) => {
    expect(planDeliveries(inputOf([notice('x', kind)])).drafts).toMatchObject([{ atMostOnce }]);
  });
});

describe('a reminder', () => {
  test.each([
    ['goes to one who heard of it', DELIVERED, 'owner reminder: x-1-reminder'],
    ['goes to one who is new', null, 'owner reminder: x-1-reminder'],
    [
      'does not come along with what it reminds of',
      { state: 'underway' },
      'owner reminder: x-1-reminder (not sent yet)',
    ],
    ['does not overtake it', { state: 'held', until: day(3) }, 'owner reminder: x-1-reminder (not sent yet)'],
  ] as const)('%s', (_, told, expected) => {
    expect(lines(inputOf([notice('x', 'reminder')], { told: () => told }))).toEqual([expected]);
  });

  test('of a test of nobody is nothing to be told again', () => {
    const plan = planDeliveries(inputOf([notice('x', 'reminder')], { tests: new Map() }));
    expect(plan).toEqual({ drafts: [], released: [], unrouted: [] });
  });
});

describe('in quiet hours', () => {
  const policy = { quiet: NOON };

  test('a mail waits for their end, as a placeholder', () => {
    expect(lines(inputOf([notice('x')], { policy }))).toEqual(['owner test: x-1-firing at 2026-08-03T18:00']);
  });

  test('what is critical passes', () => {
    expect(lines(inputOf([notice('x', 'firing', { severity: 'critical' })], { policy }))).toEqual([
      'owner test: x-1-firing',
    ]);
  });

  test('a route has hours of its own, or none; who comes by two ways waits for neither', () => {
    const routes = (quiet: QuietHours | null) => [route('owner@example.com', { quiet, andOwner: false })];
    const early = { ...NOON, until: 780 };
    expect(lines(inputOf([notice('x')], { policy: { quiet: NOON, routes: routes(early) } }))).toEqual([
      'owner test: x-1-firing at 2026-08-03T13:00',
    ]);
    expect(lines(inputOf([notice('x')], { policy: { quiet: NOON, routes: routes(null) } }))).toEqual([
      'owner test: x-1-firing',
    ]);
    const both = [route('owner@example.com', { quiet: early })];
    expect(lines(inputOf([notice('x')], { policy: { quiet: NOON, routes: both } }))).toEqual([
      'owner test: x-1-firing at 2026-08-03T13:00',
    ]);
  });

  test('an end waits as long as its beginning', () => {
    const told = (): Told => ({ state: 'held', until: day(3) });
    expect(lines(inputOf([notice('x', 'recovered')], { told }))).toEqual([
      'owner test: x-1-recovered at 2026-08-04T00:00',
    ]);
  });

  test('a placeholder and the mail in its place have different keys', () => {
    const waiting = planDeliveries(inputOf([notice('x')], { policy })).drafts[0]!;
    const due = planDeliveries(inputOf([{ ...notice('x'), held: held(waiting.key) }]));
    expect(due.released).toEqual([waiting.key]);
    expect(due.drafts[0]!.key).not.toBe(waiting.key);
    expect(due.drafts[0]!.notBefore).toBe(null);
  });
});

describe('when quiet hours are over', () => {
  const back = (name: string, kind: Parameters<typeof notice>[1], seq: number) => ({
    ...notice(name, kind, { seq }),
    held: held(`k${seq}`),
  });

  test('what began and ended in them is one line', () => {
    const given = [back('x', 'firing', 1), back('x', 'recovered', 2)];
    const plan = planDeliveries(inputOf(given));
    expect(lines(inputOf(given))).toEqual(['owner digest: x-2-recovered']);
    expect(plan.released).toEqual(['k1', 'k2']);
  });

  test('also when it ended only now', () => {
    const given = [back('x', 'firing', 1), notice('x', 'recovered', { seq: 2 })];
    expect(lines(inputOf(given))).toEqual(['owner digest: x-2-recovered']);
  });

  test('what ended and began again goes on', () => {
    const given = [back('x', 'firing', 1), back('x', 'recovered', 2), back('x', 'again', 3)];
    expect(lines(inputOf(given))).toEqual(['owner test: x-1-firing x-3-again']);
  });

  test('of what was known before everything is told', () => {
    const given = [back('x', 'escalated', 2), back('x', 'recovered', 3)];
    expect(lines(inputOf(given, { told: () => DELIVERED }))).toEqual([
      'owner test: x-2-escalated x-3-recovered',
    ]);
  });

  test('nobody is reminded twice at once, nor of what is over', () => {
    const told = () => DELIVERED;
    const twice = [back('x', 'reminder', 2), back('x', 'reminder', 3)];
    expect(lines(inputOf(twice, { told }))).toEqual(['owner reminder: x-3-reminder']);
    const over = [back('x', 'reminder', 2), notice('x', 'recovered', { seq: 3 })];
    expect(lines(inputOf(over, { told }))).toEqual(['owner test: x-3-recovered']);
    expect(planDeliveries(inputOf(over, { told })).released).toEqual(['k2']);
  });

  test('a silence that came meanwhile holds', () => {
    expect(lines(inputOf([back('x', 'firing', 1)], { silences: [silence('test=t')] }))).toEqual([
      'owner test: x-1-firing (silence s)',
    ]);
  });

  test('who was promised a mail gets it, whomever the config names by now', () => {
    const tests = testsOf({ t: { owner: 'new@example.com' } });
    const input = inputOf([back('x', 'firing', 1)], { tests });
    expect(lines(input)).toEqual(['owner test: x-1-firing']);
    expect(planDeliveries(input).drafts[0]!.why).toBe(
      'tidemark.yaml names you no more, but did when this happened',
    );
  });
});
