import { expect, test } from 'vitest';
import { job } from '../../../test/support/gate-question.ts';
import { findPrevious } from './previous.ts';

const seen = (...versions: readonly string[]) => versions.map((version, at) => ({ version, at }));
const run = (version: string, n: number, verdict: 'pass' | 'fail' | 'inconclusive') =>
  job(`${version}-${n}`, n, { labels: { version }, verdict });

test.each([
  ['nothing was seen', [], null, null],
  ['one version was seen', ['1', '1'], '1', null],
  ['two were', ['1', '2'], '2', '1'],
  ['the first came back', ['1', '2', '1'], '1', '2'],
  ['three were', ['1', '2', '3', '3'], '3', '2'],
])('where %s', (_, versions, current, previous) => {
  const found = findPrevious(seen(...versions), []);
  expect([found.current, found.previous?.version ?? null]).toStrictEqual([current, previous]);
});

test('a version whose newest run failed is nothing to go back to', () => {
  const runs = [run('2', 1, 'pass'), run('2', 5, 'fail'), run('1', 1, 'fail'), run('1', 2, 'pass')];
  expect(findPrevious(seen('1', '2', '3'), runs)).toStrictEqual({
    current: '3',
    previous: { version: '1', at: 0, verdict: 'pass' },
    failed: ['2'],
  });
  expect(findPrevious(seen('2', '3'), runs)).toStrictEqual({ current: '3', previous: null, failed: ['2'] });
});
