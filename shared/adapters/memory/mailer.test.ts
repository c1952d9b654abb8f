import { expect, test } from 'vitest';
import { MAIL, mailerContract } from '../../../test/contracts/mailer.ts';
import { memoryMailer } from './mailer.ts';

mailerContract('memory', async () => {
  const mailer = memoryMailer();
  return { mailer, arrived: null, sent: () => mailer.sent, keepsCopies: true };
});

test('says what was scripted, and keeps only what it took', async () => {
  const mailer = memoryMailer({
    results: [
      { kind: 'retry', detail: 'not now' },
      { kind: 'sent', detail: 'ok', refused: ['a@example.com'] },
    ],
  });
  expect(await mailer.send(MAIL)).toEqual({ kind: 'retry', detail: 'not now' });
  expect(mailer.sent).toEqual([]);
  expect(await mailer.send(MAIL)).toMatchObject({ refused: ['a@example.com'] });
  expect((await mailer.send(MAIL)).kind).toBe('sent');
  expect(mailer.sent).toEqual([MAIL, MAIL]);
  expect(mailer.attempts).toHaveLength(3);
});
