import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { settleUuids } from './uuid-claims.ts';

const claim = (thread: string, uuid = `own-${thread}`) => ({ thread, uuid, ownUuid: `own-${thread}` });

test.each([
  ['nobody disputes anything', [claim('a'), claim('b', 'x')], ['own-a', 'x']],
  [
    'of two that bring one uuid the first by thread gets it',
    [claim('b', 'x'), claim('a', 'x')],
    ['own-b', 'x'],
  ],
  ['nobody can take the own uuid of another', [claim('a', 'own-b'), claim('b')], ['own-a', 'own-b']],
  [
    'one that falls back takes its own from whoever has brought it',
    [claim('a', 'own-c'), claim('b', 'x'), claim('c', 'x')],
    ['own-a', 'x', 'own-c'],
  ],
])('%s', (_, claims, given) => {
  expect(settleUuids(claims)).toEqual(given);
});

test('every run gets a uuid of its own, whatever order the claims come in', () => {
  const uuids = ['own-a', 'own-b', 'own-c', 'own-d', 'x', 'y'];
  const claims = fc.tuple(
    ...['a', 'b', 'c', 'd'].map((t) => fc.constantFrom(...uuids).map((u) => claim(t, u))),
  );
  fc.assert(
    fc.property(claims, fc.infiniteStream(fc.nat(99)), (some, keys) => {
      const given = settleUuids(some);
      expect(new Set(given).size).toBe(some.length);
      const places = some.map((_, index) => ({ index, key: keys.next().value as number }));
      const order = places.sort((a, b) => a.key - b.key).map(({ index }) => index);
      expect(settleUuids(order.map((index) => some[index]!))).toEqual(order.map((index) => given[index]!));
    }),
    { seed: 7 },
  );
});
