import { describe, expect, test } from 'vitest';
import { inputOf, notice } from '../../../test/support/delivery.ts';
import type { NoticeToTell } from './draft.ts';
import { type Head, threadsOf, toldBy } from './heads.ts';
import { planDeliveries } from './plan.ts';

const head = (threadId: string | null, fields: Partial<Head> = {}): Head => ({
  ...{ channel: 'mail', address: 'owner@example.com', episodeIds: ['x'], threadId, notBefore: null },
  ...{ status: 'sent', subject: '[warning] t · loss −3 %' },
  ...fields,
});

/** Mails as `thread: ids`; `+` is the thread of what is critical beside it. */
function threads(notices: readonly NoticeToTell[], heads: readonly Head[] = []): string[] {
  const input = inputOf(notices, { threads: threadsOf(heads), told: toldBy(heads) });
  const critical = planDeliveries(inputOf([notice('x', 'firing', { severity: 'critical' })])).drafts[0]!
    .threadId;
  return planDeliveries(input)
    .drafts.map(({ threadId, alsoEnds, notices: of }) => {
      const name = (id: string | null) => (id === critical ? 'thread-x+' : id);
      return `${[...alsoEnds, threadId].map(name).join(' ')}: ${of.map(({ id }) => id).join(' ')}`;
    })
    .sort();
}

const CRITICAL = { severity: 'critical' } as const;

describe('what begins', () => {
  test('has the thread of the run in which it opened', () => {
    expect(threads([notice('x'), notice('y')])).toEqual(['thread-x: x-1-firing', 'thread-y: y-1-firing']);
  });

  test('has another one if it is critical, whatever was told in the first', () => {
    const given = notice('y', 'firing', { ...CRITICAL, threadId: 'thread-x' });
    expect(threads([given], [head('thread-x')])).toEqual(['thread-x+: y-1-firing']);
    expect(threads([given])).toEqual(['thread-x+: y-1-firing']);
  });

  test('joins a thread that says what is worse', () => {
    const [before] = [head('thread-x', { subject: '[critical] t · job failed', episodeIds: ['z'] })];
    for (const severity of ['warning', 'critical'] as const) {
      const given = notice('y', 'firing', { severity, threadId: 'thread-x' });
      expect(threads([given], [before])).toEqual(['thread-x: y-1-firing']);
    }
  });
});

describe('what goes on', () => {
  test.each([
    ['stays in its thread', {}, head('elsewhere'), 'elsewhere'],
    ['stays in one that says what is worse', {}, head('elsewhere', { subject: '[critical] a' }), 'elsewhere'],
    ['leaves one that says less', CRITICAL, head('elsewhere'), 'thread-x+'],
    ['stays in one whose subject says nothing', CRITICAL, head('elsewhere', { subject: 'a' }), 'elsewhere'],
    ['begins one where it was told in a digest', {}, head(null), 'thread-x'],
    ['begins one where its mail failed', {}, head('elsewhere', { status: 'failed' }), 'thread-x'],
    [
      'begins one where it only waits for its hour',
      {},
      head('elsewhere', { notBefore: 1, status: 'pending' }),
      'thread-x',
    ],
    ['begins one for somebody else', {}, head('elsewhere', { address: 'else@example.com' }), 'thread-x'],
  ])('%s', (_, fields, before, expected) => {
    expect(threads([notice('x', 'escalated', fields)], [before])).toEqual([`${expected}: x-1-escalated`]);
  });

  test('is known by the last thread in which it was told', () => {
    const rows = [head('first'), head('second'), head(null), head('third', { episodeIds: [] })];
    expect(threads([notice('x', 'recovered')], rows)).toEqual(['second: x-1-recovered']);
  });
});

describe('what ends', () => {
  test('ends where it was told, however severe it is', () => {
    expect(threads([notice('x', 'recovered', CRITICAL)], [head('thread-x')])).toEqual([
      'thread-x: x-1-recovered',
    ]);
  });

  test('ends with what began again in the same pass', () => {
    const given = [notice('x', 'recovered'), notice('x', 'again', { ...CRITICAL, seq: 2 })];
    expect(threads(given, [head('thread-x')])).toEqual(['thread-x+: x-1-recovered x-2-again']);
  });

  test('has the thread of its incident where its mail was a digest', () => {
    const given = notice('x', 'recovered', { incidentId: 'incident' });
    expect(threads([given], [head(null)])).toEqual(['incident: x-1-recovered']);
  });
});

describe('the end of an outage', () => {
  const late = (fields = {}) => notice('x', 'recovered', { signal: 'schedule', ...fields });
  const bad = (name: string, fields = {}) =>
    notice(name, 'firing', { signal: 'job', ...CRITICAL, ...fields });
  const both = 'thread-x thread-x+: x-1-recovered y-1-firing';

  test('is told with what is wrong with the run that ended it', () => {
    expect(threads([late(), bad('y', { threadId: 'thread-x' })], [head('thread-x')])).toEqual([both]);
  });

  const other = { ...notice('x').notice.episode.lastBad, uuid: 'uuid-other' };
  test.each([
    ['that of another run', late({ lastRun: other }), bad('y', { threadId: 'thread-x' })],
    ['that of a metric', late({ signal: 'metric:a' }), bad('y', { threadId: 'thread-x' })],
    ['with another incident that ends', late(), notice('y', 'recovered', { threadId: 'thread-y' })],
  ])('is told by itself: %s', (_, given, beside) => {
    const told = threads([given, beside], [head('thread-x'), head('thread-y', { episodeIds: ['y'] })]);
    expect(told).toHaveLength(2);
    expect(told).toContain('thread-x: x-1-recovered');
  });

  test('goes with the worst where its run has several mails', () => {
    const given = [late(), bad('y', { threadId: 'thread-x' }), bad('z', { severity: 'warning' })];
    expect(threads(given, [head('thread-x')])).toEqual([both, 'thread-z: z-1-firing']);
  });

  test('waits for its own beginning where that is still on its way', () => {
    const given = [late(), bad('y', { threadId: 'thread-x' })];
    expect(threads(given, [head('thread-x', { status: 'pending' })])).toEqual([
      'thread-x+: y-1-firing',
      'thread-x: x-1-recovered',
    ]);
  });
});
