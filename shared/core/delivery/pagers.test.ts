import { describe, expect, test } from 'vitest';
import { inputOf, notice, route, silence } from '../../../test/support/delivery.ts';
import type { NoticeToTell, Told } from './draft.ts';
import { planDeliveries } from './plan.ts';
import { policyOf } from './policy-of.ts';

const PAGER = { channel: 'pager', address: 'pager' };
const CHAT = { channel: 'chat', address: 'chat' };
const OWNER = { channel: 'mail', address: 'owner@example.com' };
const POLICY = { channels: ['pager', 'chat'], pagers: ['pager'], routes: [route('', { to: [PAGER, CHAT] })] };

function drafts(
  notices: readonly NoticeToTell[],
  { state = 'delivered', silences = [] }: { state?: string; silences?: ReturnType<typeof silence>[] } = {},
) {
  const told = () => ({ state, until: 0 }) as Told;
  const toldTo = () => [OWNER, CHAT, PAGER];
  return planDeliveries(inputOf(notices, { policy: POLICY, told, toldTo, silences }));
}

test('a channel of PagerDuty is a pager, others are none', () => {
  const channels = {
    a: { type: 'pagerduty' },
    b: { type: 'slack' },
    c: { type: 'webhook', url: 'https://example.com/hook' },
  } as const;
  expect(policyOf({ channels })).toMatchObject({ channels: ['a', 'b', 'c'], pagers: ['a'] });
});

describe('that somebody has seen it', () => {
  test('is told to pagers that have it open, and to nobody else', () => {
    expect(drafts([notice('x', 'acknowledged')])).toMatchObject({
      drafts: [{ ...PAGER, notBefore: null, suppressedBy: null, notices: [{ kind: 'acknowledged' }] }],
      unrouted: [],
    });
  });

  test('is told to no pager that waits with it for the end of quiet hours, and needs nobody who hears it', () => {
    expect(drafts([notice('x', 'acknowledged')], { state: 'held' })).toMatchObject({
      drafts: [],
      unrouted: [],
    });
    const nobody = inputOf([notice('x', 'acknowledged')], { tests: new Map() });
    expect(planDeliveries(nobody)).toMatchObject({ drafts: [], unrouted: [] });
  });

  test('disturbs nobody, so no silence holds it', () => {
    const quiet = drafts([notice('x', 'acknowledged')], { silences: [silence('test=*')] });
    expect(quiet.drafts).toMatchObject([{ suppressedBy: null }]);
  });
});

describe('many ends at once', () => {
  const ends = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      notice(`n${n}`, 'recovered', { testName: `t${n % 7}`, seq: n + 1 }),
    );
  const sizes = (of: { channel: string }, given: readonly NoticeToTell[]) =>
    drafts(given)
      .drafts.filter(({ channel }) => channel === of.channel)
      .map(({ notices }) => notices.length)
      .sort((a, b) => b - a);

  test('go to a pager in messages of twenty, and to others in one', () => {
    expect(sizes(PAGER, ends(45))).toEqual([20, 20, 5]);
    expect(sizes(CHAT, ends(45))).toEqual([45]);
    expect(sizes(PAGER, ends(20))).toEqual([20]);
  });

  test('each once, the same for the same notices, and may come twice: a page that nobody ends goes on', () => {
    const of = (given: readonly NoticeToTell[]) =>
      drafts(given).drafts.filter(({ channel }) => channel === 'pager');
    const all = of(ends(45));
    expect(new Set(all.flatMap(({ notices }) => notices.map(({ id }) => id))).size).toBe(45);
    expect(of(ends(45).reverse()).map(({ key }) => key)).toEqual(all.map(({ key }) => key));
    expect(all.map(({ atMostOnce }) => atMostOnce)).toEqual([false, false, false]);
    const mail = drafts(ends(45)).drafts.find(({ channel }) => channel === 'mail');
    expect(mail).toMatchObject({ atMostOnce: true });
  });

  test('leave what began again in one message with its end, and with all else that goes on', () => {
    const given = [
      ...ends(25),
      notice('n3', 'again', { testName: 't3', seq: 90 }),
      notice('new', 'firing', { testName: 't1' }),
    ];
    const [together] = drafts(given).drafts.filter(
      ({ episodeIds, channel }) => channel === 'pager' && episodeIds.length > 0,
    );
    expect(together!.notices.map(({ id }) => id)).toEqual(['new-1-firing', 'n3-4-recovered', 'n3-90-again']);
    expect(sizes(PAGER, given)).toEqual([20, 4, 3]);
  });
});
