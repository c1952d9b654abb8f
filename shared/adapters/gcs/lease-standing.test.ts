import { expect, test } from 'vitest';
import { standing } from './lease-standing.ts';

const UPDATED = Date.UTC(2026, 7, 1);
const MINUTE = 60_000;

const seen = (more: { ttlMs?: number | null; date?: number; updatedAt?: number; holding?: string }) => ({
  object: {
    generation: '1',
    updatedAt: more.updatedAt ?? UPDATED,
    note:
      more.ttlMs === null
        ? null
        : { owner: 'other', holding: more.holding ?? 'theirs', ttlMs: more.ttlMs ?? 2 * MINUTE },
  },
  date: more.date ?? UPDATED,
});

test.each([
  ['just written', {}, 'held'],
  ['at its limit, as far as whole seconds tell', { date: UPDATED + 2 * MINUTE + 1000 }, 'held'],
  ['past it', { date: UPDATED + 2 * MINUTE + 1001 }, 'expired'],
  ['of a holder with more time than who asks', { ttlMs: 9 * MINUTE, date: UPDATED + 5 * MINUTE }, 'held'],
  ['that cannot be read, within the time of who asks', { ttlMs: null, date: UPDATED + MINUTE }, 'held'],
  ['that cannot be read, past that', { ttlMs: null, date: UPDATED + 4 * MINUTE }, 'expired'],
  ['of a service whose clock ran back', { date: UPDATED - MINUTE }, 'held'],
  ['without a time', { updatedAt: Number.NaN, date: UPDATED + 9 * MINUTE }, 'held'],
  ['of who asks, however old', { holding: 'mine', date: UPDATED + 9 * MINUTE }, 'mine'],
])('a lease %s is judged by the clock of the service', (_what, more, wanted) => {
  // This machine is a day behind or ahead, which changes nothing.
  for (const now of [UPDATED - 24 * 60 * MINUTE, UPDATED + 24 * 60 * MINUTE])
    expect(standing(seen(more), { ttlMs: 3 * MINUTE, holding: 'mine', now })).toBe(wanted);
});

test.each([
  [UPDATED + MINUTE, 'held'],
  [UPDATED + 3 * MINUTE, 'expired'],
])('where the service tells no time, this machine does', (now, wanted) => {
  const asking = { ttlMs: 3 * MINUTE, holding: 'mine', now };
  expect(standing(seen({ date: Number.NaN }), asking)).toBe(wanted);
});
