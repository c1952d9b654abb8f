import { expect, test } from 'vitest';
import { changed, FELL } from '../../../test/golden/mail/fixtures.ts';
import type { Sibling } from '../../core/episodes/notice.ts';
import { siblingsTable } from './differences.ts';

const sibling = (metric: string, fields: Partial<Sibling> = {}): Sibling => ({
  ...{ metric, value: 1, lower: null, upper: 2, verdict: 'pass' },
  ...fields,
});

test('a metric whose own incident is open is never fine: it fails, or is still open', () => {
  const siblings = [
    sibling('quiet'),
    sibling('back', { isOpen: true }),
    sibling('bad', { verdict: 'fail', isOpen: true }),
    sibling('unclear', { verdict: 'inconclusive' }),
  ];
  const table = siblingsTable(changed(FELL, { evidence: { siblings } }));
  expect(table?.rows.map(([name, , , state]) => [name, state])).toEqual([
    ['bad', { text: 'failed', tone: 'bad' }],
    ['back', { text: 'still open', tone: 'warn' }],
    ['unclear', 'unclear'],
    ['quiet', 'fine'],
  ]);
});
