import { expect, test } from 'vitest';
import { sourceGatherer } from './gather.ts';

const request = {
  modelDir: 'm',
  timeToAccuracy: { tag: 'eval/acc', threshold: 0.8, comparison: 'greater_or_equal' as const },
  useRunNamePrefix: false,
};
const gatherer = (prefix = '') => sourceGatherer({ name: 'sources.0 (json *.json)', prefix }, request);
const values = (of: Record<string, number>) => ({
  values: Object.entries(of).map(([name, value]) => ({ name, value })),
  points: [],
  notes: [],
});

test('of two files that give one name the later counts, with a note', () => {
  const all = gatherer();
  all.take(values({ a: 1, b: Number.NaN }), '"a.json"');
  all.take(values({ a: 2 }), '"b.json"');
  expect(all.collected()).toMatchObject({
    values: [
      ['a', 2],
      ['b', 'NaN'],
    ],
    notes: ['a is in "a.json" and "b.json"; the last counts'],
    problem: null,
  });
});

test('points of several files are one series, by the names with their prefix', () => {
  const all = gatherer('eval/');
  const point = (step: number, value: number) => ({ name: 'acc', step, wallTime: 100 + step, value });
  all.take({ values: [], points: [point(0, 0.5), point(1, 0.9)], notes: ['cut'] }, '"a"');
  all.take({ values: [], points: [point(2, 0.85)], notes: [] }, '"b"');
  const collected = all.collected();
  expect(collected.series).toMatchObject([
    { tag: 'eval/acc', summary: { count: 3, max: 0.9, final: [2, 102, 0.85] } },
  ]);
  expect(collected).toMatchObject({ accuracyReachedAt: 101, accuracyTagFound: true, notes: ['"a": cut'] });
});

test('names that no store could hold are left out, and the rest counts', () => {
  const all = gatherer();
  all.take(values({ '': 1, ['x'.repeat(1001)]: 2, 'half \ud83d': 3 }), null);
  const { values: kept, notes } = all.collected();
  expect(kept).toEqual([['half \ufffd', 3]]);
  expect(notes).toEqual([
    'a name is empty (""); it is left out',
    `a name is longer than 1000 characters ("${'x'.repeat(40)}"); it is left out`,
  ]);
});

test('of more names than any run has the first are kept', () => {
  const all = gatherer();
  all.take(values(Object.fromEntries(Array.from({ length: 100_002 }, (_, at) => [`n${at}`, at]))), null);
  const { values: kept, notes } = all.collected();
  expect(kept).toHaveLength(100_000);
  expect(notes[0]).toBe('there are more than 100000 names; the rest is left out');
});

test('what could not be read is a problem beside what could', () => {
  const all = gatherer();
  all.fail('Cannot read "a"');
  all.fail('Cannot read "b"');
  all.take(values({ c: 1 }), '"c"');
  expect(all.collected()).toMatchObject({ values: [['c', 1]], problem: 'Cannot read "a"; and 1 more' });
});
