import { describe, expect, test } from 'vitest';
import { day } from '../../../test/support/history-rows.ts';
import { type Head, subjectOfThread, toldBy, toldTo } from './heads.ts';

const head = (fields: Partial<Head> = {}): Head => ({
  channel: 'mail',
  address: 'a@example.com',
  episodeIds: ['x'],
  threadId: 'thread',
  notBefore: null,
  status: 'sent',
  subject: 'first',
  ...fields,
});
const A = { channel: 'mail', address: 'a@example.com' };

describe('somebody was told of an episode', () => {
  test.each([
    ['sent', 'delivered'],
    ['sending', 'underway'],
    ['uncertain', 'delivered'],
    ['pending', 'underway'],
  ])('by a mail that is %s: %s', (status, state) => {
    expect(toldBy([head({ status })])(A, 'x')).toEqual({ state });
  });

  test('what went out counts, whatever else waits', () => {
    const rows = [head({ status: 'pending' }), head({ status: 'pending', notBefore: day(3) }), head()];
    expect(toldBy(rows)(A, 'x')).toEqual({ state: 'delivered' });
    expect(toldBy(rows.slice(0, 2))(A, 'x')).toEqual({ state: 'underway' });
    expect(toldBy(rows.slice(0, 2).reverse())(A, 'x')).toEqual({ state: 'underway' });
  });

  test.each([
    ['a mail that failed', { status: 'failed' }],
    ['a mail that was suppressed', { status: 'suppressed' }],
    ['a placeholder that was released', { status: 'suppressed', notBefore: day(1) }],
    ['a mail to another address', { address: 'b@example.com' }],
    ['a message by another channel', { channel: 'pager' }],
    ['a mail about another', { episodeIds: ['y'] }],
    ['a mail that says only that it is over', { episodeIds: [] }],
  ])('not by %s', (_, fields) => {
    expect(toldBy([head(fields)])(A, 'x')).toBe(null);
  });

  test('a placeholder holds, unless something went out', () => {
    const waiting = head({ status: 'pending', notBefore: day(3) });
    expect(toldBy([waiting])(A, 'x')).toEqual({ state: 'held', until: day(3) });
    expect(toldBy([waiting, head()])(A, 'x')).toEqual({ state: 'delivered' });
    expect(toldBy([head(), waiting])(A, 'x')).toEqual({ state: 'delivered' });
  });
});

test('all who were told are known', () => {
  const B = { channel: 'mail', address: 'b@example.com' };
  const rows = [
    head(),
    head({ ...B, status: 'pending', notBefore: day(3) }),
    head({ channel: 'chat', address: 'chat', status: 'failed' }),
    head(),
  ];
  expect(toldTo(rows)('x')).toEqual([A, B]);
  expect(toldTo(rows)('y')).toEqual([]);
});

describe('a thread keeps its subject', () => {
  const subject = (...heads: readonly Head[]) => subjectOfThread(heads, { ...A, threadId: 'thread' });
  test('that of its first mail to this address', () => {
    expect(subject(head(), head({ subject: 'second' }))).toBe('first');
    expect(subject(head({ address: 'b@example.com' }), head({ subject: 'second' }))).toBe('second');
  });

  test('not that of a placeholder, of what was never sent, or of another thread', () => {
    const others = [
      head({ notBefore: day(1) }),
      head({ status: 'failed' }),
      head({ status: 'suppressed' }),
      head({ threadId: 'other' }),
      head({ threadId: null }),
    ];
    expect(subject(...others)).toBe(null);
  });

  test('a mail that stands alone has none', () => {
    expect(subjectOfThread([head({ threadId: null })], { ...A, threadId: null })).toBe(null);
  });
});
