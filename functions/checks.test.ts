import { expect, test } from 'vitest';
import type { Check } from '../shared/ports/check.ts';
import { PortError } from '../shared/ports/error.ts';
import { runChecks } from './checks.ts';

const fine: Check = { what: 'x', state: 'ok', detail: 'fine' };

test('checks that end are what they say', async () => {
  expect(await runChecks({ what: 'x', run: async () => [fine] })).toEqual([fine]);
});

test('checks that do not end are one bad line', async () => {
  const run = () => new Promise<readonly Check[]>(() => {});
  expect(await runChecks({ what: 'history', run }, 10)).toEqual([
    { what: 'history', state: 'bad', detail: expect.stringContaining('no answer within 0.01 s') },
  ]);
});

test('a failure of a port is one bad line, a defect is none', async () => {
  const failing = (error: Error) => runChecks({ what: 'queue', run: () => Promise.reject(error) });
  expect(await failing(new PortError('denied', 'Cannot do it'))).toEqual([
    { what: 'queue', state: 'bad', detail: 'Cannot do it' },
  ]);
  await expect(failing(new TypeError('ours'))).rejects.toThrow('ours');
});
