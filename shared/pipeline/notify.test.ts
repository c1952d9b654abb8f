import { expect, test } from 'vitest';
import { entry } from '../../test/support/history-rows.ts';
import { memoryHistory } from '../adapters/memory/history.ts';
import type { History, MailMark } from '../ports/history.ts';
import { silentLog } from '../ports/log.ts';
import type { Mailer, SendResult } from '../ports/mailer.ts';
import type { Ports } from './context.ts';
import { sendMails } from './notify.ts';

/** A history that wants three mails marked together, and the steps it and the mailer took. */
async function groupsOfThree(results: Readonly<Record<string, SendResult['kind']>> = {}) {
  const steps: string[] = [];
  const inner = memoryHistory();
  const keys = ['a', 'b', 'c', 'd'];
  await inner.addMails(
    keys.map((key) => entry(key)),
    {},
  );
  const history: History = {
    ...inner,
    mailsAtOnce: 3,
    markMails: async (marks: readonly MailMark[]) => {
      steps.push(marks.map(({ key, status }) => `${key} ${status}`).join(', '));
      await inner.markMails(marks);
    },
  };
  const mailer: Mailer = {
    send: async ({ key }) => {
      steps.push(`send ${key}`);
      const kind = results[key] ?? 'sent';
      return kind === 'sent' ? { kind, detail: '250', refused: [] } : { kind, detail: 'no' };
    },
    close: async () => {},
  };
  const ports = { history, mailer, log: silentLog, clock: { now: () => 0 } } as unknown as Ports;
  return { ports, steps };
}

test('mails are marked in groups and sent one by one', async () => {
  const { ports, steps } = await groupsOfThree({ b: 'failed' });
  expect(await sendMails(ports)).toBe(3);
  expect(steps).toEqual([
    'a sending, b sending, c sending',
    'send a',
    'send b',
    'send c',
    'a sent, b failed, c sent',
    'd sending',
    'send d',
    'd sent',
  ]);
});

test('when the way out is closed, the rest of the group waits again', async () => {
  const { ports, steps } = await groupsOfThree({ b: 'unreachable' });
  expect(await sendMails(ports)).toBe(1);
  expect(steps.slice(1)).toEqual(['send a', 'send b', 'a sent, b pending, c pending']);
});

test('no further mail is taken up once the pass has to stop', async () => {
  const { ports, steps } = await groupsOfThree();
  const stop = new AbortController();
  const stopping = { ...ports.mailer, send: ports.mailer.send };
  const send: Mailer['send'] = async (mail) => {
    stop.abort();
    return stopping.send(mail);
  };
  expect(await sendMails({ ...ports, mailer: { ...stopping, send } }, { stop: stop.signal })).toBe(1);
  expect(steps.slice(1)).toEqual(['send a', 'a sent, b pending, c pending']);
  expect(await sendMails(ports, { stop: stop.signal })).toBe(0);
});
