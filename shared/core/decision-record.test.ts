import { describe, expect, test } from 'vitest';
import { type Decision, decisionEvent, decisionOf, decisionOfRow, decisionRow } from './decision-record.ts';
import { type ParsedMessage, parseMessage } from './parse-message.ts';

const AT = Date.UTC(2026, 7, 1);
const decision = decisionOf({
  kind: 'verdict',
  subject: 'mnist',
  at: AT,
  // What a newer version keeps is not looked into.
  data: { schema: 2, verdict: 'fail', runs: ['u1'] },
});

function published(event: object): ParsedMessage {
  const body = new TextEncoder().encode(JSON.stringify(event));
  return parseMessage({ id: 'm', name: 'm.json', publishTime: AT + 1, format: 'json', body });
}

describe('a decision', () => {
  test('comes out of the queue as the row that it is, and back as itself', () => {
    const parsed = published(decisionEvent(decision));
    expect(parsed).toStrictEqual({ kind: 'event', event: decisionRow(decision) });
    expect(decisionOfRow(decisionRow(decision))).toStrictEqual(decision);
  });

  test('made again later, or with its keys in another order, is the same one', () => {
    const data = { runs: ['u1'], verdict: 'fail', schema: 2 };
    const again = decisionOf({ kind: 'verdict', subject: 'mnist', at: AT + 9, data });
    expect(again.id).toBe(decision.id);
    expect(decisionRow(again)).toStrictEqual({ ...decisionRow(decision), time: AT + 9, publishTime: AT + 9 });
  });

  test.each<[string, Partial<Decision>]>([
    ['kind', { kind: 'comparison' }],
    ['subject', { subject: 'cifar' }],
    ['answer', { data: { schema: 2, verdict: 'pass', runs: ['u1'] } }],
  ])('of another %s is another one', (_, change) => {
    expect(decisionOf({ ...decision, ...change }).id).not.toBe(decision.id);
  });

  test.each([
    ['says something else than its id', { data: { schema: 2, verdict: 'pass' } }, 'identity'],
    ['is about another test than its id', { subject: 'cifar' }, 'identity'],
    ['has no subject', { subject: undefined }, 'shape'],
    ['has no version', { data: { verdict: 'pass' } }, 'shape'],
  ])('that %s is rejected', (_, change, reason) => {
    const parsed = published({ ...decisionEvent(decision), ...change });
    expect(parsed).toMatchObject({ kind: 'rejected', rejected: { reason } });
  });

  test.each(['verdict', 'comparison', 'candidate'] as const)(
    'that no reader could read is rejected: an empty %s',
    (kind) => {
      const empty = decisionOf({ kind, subject: 'mnist', at: AT, data: { schema: 1 } });
      expect(published(decisionEvent(empty))).toMatchObject({
        kind: 'rejected',
        rejected: { reason: 'shape' },
      });
    },
  );

  test('without a time was made when it was published', () => {
    const parsed = published({ ...decisionEvent(decision), time: undefined });
    expect(parsed).toMatchObject({ event: { time: AT + 1 } });
  });
});
