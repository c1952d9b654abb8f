import { expect } from 'vitest';
import { type Decision, decisionOf, decisionRow } from '../../../shared/core/decision-record.ts';
import type { DecisionKind } from '../../../shared/core/run-event.ts';
import type { History } from '../../../shared/ports/history.ts';
import { day, event } from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

const made = (n: number, fields: { kind?: DecisionKind; subject?: string } = {}): Decision =>
  decisionOf({ kind: 'verdict', subject: 't', at: day(n), data: { schema: 1, n }, ...fields });

async function keep(history: History, ...decisions: readonly Decision[]): Promise<void> {
  await history.append({ events: decisions.map(decisionRow), rejected: [], at: day(1) });
}

export function decisionsContract(check: HistoryTest): void {
  check('decisions of a kind come newest first, as they were made', async (history) => {
    const [old, newest, middle] = [made(1), made(3), made(2)];
    await keep(history, old, newest, middle, made(4, { kind: 'comparison' }));
    await history.append({ events: [event()], rejected: [], at: day(1) });
    expect(await history.decisions({ kind: 'verdict', limit: 9 })).toStrictEqual([newest, middle, old]);
    expect(await history.decisions({ kind: 'verdict', limit: 2 })).toStrictEqual([newest, middle]);
    expect(await history.decisions({ kind: 'candidate', limit: 9 })).toStrictEqual([]);
  });

  check('decisions are found by subject, and by how their ids begin', async (history) => {
    const [mine, other] = [made(1), made(1, { subject: 'u' })];
    await keep(history, mine, other);
    expect(await history.decisions({ kind: 'verdict', subject: 'u', limit: 9 })).toStrictEqual([other]);
    const id = mine.id.slice(0, 12);
    expect(await history.decisions({ kind: 'verdict', id, limit: 9 })).toStrictEqual([mine]);
    expect(await history.decisions({ kind: 'verdict', id: `${mine.id}0`, limit: 9 })).toStrictEqual([]);
    for (const id of ['%', '_', mine.id.toUpperCase()]) {
      expect(await history.decisions({ kind: 'verdict', id, limit: 9 })).toStrictEqual([]);
    }
  });

  check('a decision that comes again stays as it was first made', async (history) => {
    await keep(history, made(1));
    await keep(history, { ...made(1), at: day(5) });
    expect(await history.decisions({ kind: 'verdict', limit: 9 })).toStrictEqual([made(1)]);
    expect(await history.rejected()).toStrictEqual([]);
  });

  check('a decision is no run of its test', async (history) => {
    await keep(history, made(1));
    expect(await history.testNames()).toStrictEqual([]);
    expect(await history.findRun('t', null)).toBeNull();
  });
}
