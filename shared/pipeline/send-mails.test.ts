import { describe, expect, test } from 'vitest';
import { day, entry } from '../../test/support/history-rows.ts';
import { keptLog, settingsOf } from '../../test/support/world.ts';
import { memoryHistory } from '../adapters/memory/history.ts';
import type { DeliveryPolicy } from '../core/delivery/policy.ts';
import type { Notice } from '../core/episodes/notice.ts';
import { type History, MAIL_STATUSES, type MailMark, type OutboxEntry } from '../ports/history.ts';
import type { Mail, Mailer, SendResult } from '../ports/mailer.ts';
import type { Ports } from './context.ts';
import { sendMails } from './send-mails.ts';

const HOUR = 3_600_000;

interface Setting {
  readonly entries: readonly OutboxEntry[];
  /** What the other side says to a mail, by key; to all others it says yes. */
  readonly answers?: Readonly<Record<string, SendResult['kind']>>;
  readonly policy?: Partial<DeliveryPolicy>;
  readonly mailsAtOnce?: number;
}

/** A way out whose answers are known, and what it and the outbox were told, step by step. */
async function stage({ entries, answers = {}, policy = {}, mailsAtOnce = 1 }: Setting) {
  const steps: string[] = [];
  const sent: Mail[] = [];
  let now = day(1);
  const inner = memoryHistory();
  await inner.addMails(entries, {});
  const history: History = {
    ...inner,
    mailsAtOnce,
    // The notice `x-2` is about the episode `x`.
    noticesWith: async (ids) =>
      ids.map((id) => ({ notice: noticeOf(id, id.split('-')[0]!), suppressed: false })),
    markMails: async (marks: readonly MailMark[]) => {
      steps.push(marks.map(({ key, status }) => `${key} ${status}`).join(', '));
      await inner.markMails(marks);
    },
  };
  const mailer: Mailer = {
    send: async (mail) => {
      steps.push(`send ${mail.key}`);
      const kind = answers[mail.key] ?? 'sent';
      if (kind === 'sent') sent.push(mail);
      return kind === 'sent' ? { kind, detail: '250', refused: [] } : { kind, detail: 'no' };
    },
    close: async () => {},
  };
  const log = keptLog();
  const ports = { history, mailer, log, clock: { now: () => now } } as unknown as Ports;
  const settings = settingsOf({}, { policy });
  return {
    steps,
    sent,
    log,
    pass: (at = now, stop?: AbortSignal) => {
      now = at;
      steps.length = 0;
      return sendMails({ ...ports }, settings, { stop });
    },
    ports,
    settings,
    status: async (key: string) =>
      (await inner.mails(MAIL_STATUSES)).find(({ mail }) => mail.key === key)?.status,
    rows: () => inner.mails(MAIL_STATUSES),
  };
}

function noticeOf(id: string, episodeId: string): Notice {
  return { id, episode: { episodeId } } as Notice;
}

const entries = (...keys: readonly string[]) => keys.map((key) => entry(key));

describe('a group of mails', () => {
  test('is marked together and sent one by one', async () => {
    const { pass, steps } = await stage({
      entries: entries('a', 'b', 'c', 'd'),
      answers: { b: 'failed' },
      mailsAtOnce: 3,
    });
    expect(await pass()).toBe(3);
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

  test('waits again from where the way out is closed', async () => {
    const { pass, steps } = await stage({
      entries: entries('a', 'b', 'c', 'd'),
      answers: { b: 'unreachable' },
      mailsAtOnce: 3,
    });
    expect(await pass()).toBe(1);
    expect(steps.slice(1)).toEqual(['send a', 'send b', 'a sent, b pending, c pending']);
  });

  test('waits again once the pass has to stop, and no other is taken up', async () => {
    const { ports, settings, steps } = await stage({ entries: entries('a', 'b', 'c', 'd'), mailsAtOnce: 3 });
    const stop = new AbortController();
    const send: Mailer['send'] = async (mail) => {
      stop.abort();
      return ports.mailer.send(mail);
    };
    const stopping: Mailer = { ...ports.mailer, send };
    expect(await sendMails({ ...ports, mailer: stopping }, settings, { stop: stop.signal })).toBe(1);
    expect(steps.slice(1)).toEqual(['send a', 'a sent, b pending, c pending']);
    expect(await sendMails(ports, settings, { stop: stop.signal })).toBe(0);
  });
});

test('mails go oldest first, and of one moment those that must arrive first', async () => {
  const late = { ...entry('late'), mail: { ...entry('late').mail, date: day(2) } };
  const { pass, steps } = await stage({
    entries: [late, entry('end', { atMostOnce: true }), entry('begin')],
  });
  await pass(day(3));
  expect(steps.filter((step) => step.startsWith('send'))).toEqual(['send begin', 'send end', 'send late']);
});

test('a placeholder is never sent, however late it is', async () => {
  const { pass, steps } = await stage({ entries: [entry('a', { notBefore: day(1) })] });
  expect(await pass(day(9))).toBe(0);
  expect(steps).toEqual([]);
});

describe('a mail of which nobody knows whether it arrived', () => {
  test.each([
    ['that must arrive goes out once more, when a pass died over it', { status: 'sending' }, ['send a']],
    [
      'that must not come twice stays, when a pass died over it',
      { status: 'sending', atMostOnce: true },
      ['a uncertain'],
    ],
    [
      'that must arrive goes out once more, when the server fell silent',
      { status: 'uncertain', doubts: 1 },
      ['send a'],
    ],
    ['is left alone when the server fell silent twice', { status: 'uncertain', doubts: 2 }, []],
    ['that must not come twice is left alone', { status: 'uncertain', doubts: 1, atMostOnce: true }, []],
  ] as const)('%s', async (_, fields, expected) => {
    const { pass, steps } = await stage({ entries: [entry('a', fields)] });
    await pass();
    expect(steps.filter((step) => step !== 'a sending' && step !== 'a sent')).toEqual(expected);
  });
});

describe('what is put off', () => {
  test('is tried at every pass for a day, and given up then', async () => {
    const { pass, status } = await stage({ entries: entries('a'), answers: { a: 'retry' } });
    await pass(day(1) + 24 * HOUR);
    expect(await status('a')).toBe('pending');
    await pass(day(1) + 24 * HOUR + 1);
    expect(await status('a')).toBe('failed');
  });

  test('is never given up while nothing gets out at all', async () => {
    const { pass, status } = await stage({ entries: entries('a'), answers: { a: 'unreachable' } });
    await pass(day(30));
    expect(await status('a')).toBe('pending');
  });

  test('keeps nothing else back', async () => {
    const { pass, steps } = await stage({ entries: entries('a', 'b'), answers: { a: 'retry' } });
    expect(await pass()).toBe(1);
    expect(steps).toContain('send b');
  });
});

describe('what fails for good', () => {
  const policy = { fallback: ['ml@example.com', 'boss@example.com'] };

  test('is passed on to the fallback in the same pass, with the reason', async () => {
    const { pass, sent } = await stage({ entries: entries('a'), answers: { a: 'failed' }, policy });
    expect(await pass()).toBe(1);
    expect(sent).toMatchObject([
      {
        to: ['boss@example.com'],
        subject: entry('a').mail.subject,
        headers: { 'X-Tidemark-Undelivered': 'ml@example.com' },
      },
    ]);
    expect(sent[0]!.text).toBe(
      'This could not be delivered to ml@example.com: no. You get it instead, as alerting.fallback.\n\ntext',
    );
    expect(await pass()).toBe(0);
  });

  test('is passed on once and no further', async () => {
    const others = { fallback: ['b@example.com', 'c@example.com'] };
    const { ports, settings, rows } = await stage({ entries: entries('a'), policy: others });
    const refusing: Mailer = { ...ports.mailer, send: async () => ({ kind: 'failed', detail: '550' }) };
    for (let pass = 0; pass < 3; pass++) await sendMails({ ...ports, mailer: refusing }, settings);
    expect(
      (await rows()).map(({ address, status, attempts }) => `${address} ${status} ${attempts}`).sort(),
    ).toEqual(['b@example.com failed 1', 'c@example.com failed 1', 'ml@example.com failed 1']);
  });

  test('is passed on also by the pass behind one that died over it', async () => {
    const { ports, settings, pass, sent } = await stage({
      entries: entries('a'),
      answers: { a: 'failed' },
      policy,
    });
    const markMails: History['markMails'] = async (marks) => {
      if (marks.some(({ status }) => status === 'failed')) throw new Error('died');
      await ports.history.markMails(marks);
    };
    const dying = { ...ports, history: { ...ports.history, markMails } };
    await expect(sendMails(dying, settings)).rejects.toThrow('died');
    expect(sent).toEqual([]);
    await pass();
    expect(sent.map(({ to }) => to)).toEqual([['boss@example.com']]);
    expect(await pass()).toBe(0);
  });

  test('is not passed on when nobody must hear of it', async () => {
    const { pass, rows } = await stage({
      entries: [entry('a', { atMostOnce: true })],
      answers: { a: 'failed' },
      policy,
    });
    await pass();
    expect(await rows()).toHaveLength(1);
  });
});

describe('a channel', () => {
  const chat = (key: string, fields: Partial<OutboxEntry> = {}) =>
    entry(key, { channel: 'chat', address: 'chat', ...fields });

  test('that is closed keeps its own messages back and no others', async () => {
    const { pass, steps } = await stage({
      entries: [chat('a'), chat('b'), entry('c')],
      answers: { a: 'unreachable' },
    });
    expect(await pass()).toBe(1);
    expect(steps.filter((step) => step.startsWith('send'))).toEqual(['send a', 'send c']);
  });

  test('that stays closed is told by the others, once a day', async () => {
    const policy = { channels: ['chat', 'pager'], fallback: ['boss@example.com'] };
    const { pass, sent } = await stage({ entries: entries('a', 'b'), answers: { a: 'unreachable' }, policy });
    await pass(day(1));
    expect(sent).toEqual([]);
    await pass(day(1) + HOUR);
    await pass(day(1) + 2 * HOUR);
    expect(sent.map(({ channel, to }) => [channel, ...to]).sort()).toEqual([
      ['chat', 'chat'],
      ['pager', 'pager'],
    ]);
    expect(sent[0]!.subject).toBe('[critical] Tidemark · mails cannot be sent');
    expect(sent[0]!.events).toMatchObject([{ severity: 'critical', signal: 'pipeline', kind: 'firing' }]);
    expect(sent[0]!.text).toContain('2 messages wait');
    await pass(day(2));
    expect(sent).toHaveLength(4);
  });

  test('that is no mail is told by mail to the fallback', async () => {
    const { pass, sent } = await stage({
      entries: [chat('a', { attempts: 1 })],
      answers: { a: 'unreachable' },
      policy: { channels: ['chat'], fallback: ['boss@example.com'] },
    });
    await pass();
    expect(sent).toMatchObject([
      { to: ['boss@example.com'], subject: '[critical] Tidemark · the channel chat cannot be reached' },
    ]);
  });
});

describe('that something is over', () => {
  const begin = (fields: Partial<OutboxEntry> = {}) =>
    entry('begin', { threadId: 'thread', episodeIds: ['x'], alertIds: ['x-1'], ...fields });
  const end = (fields: Partial<OutboxEntry> = {}) =>
    entry('end', { threadId: 'thread', alertIds: ['x-2'], atMostOnce: true, ...fields });

  test('is not told before that it began', async () => {
    const answers: Record<string, SendResult['kind']> = { begin: 'retry' };
    const { pass, steps } = await stage({ entries: [begin(), end()], answers });
    await pass();
    expect(steps).not.toContain('send end');
    delete answers.begin;
    await pass(day(1) + HOUR);
    expect(steps.filter((step) => step.startsWith('send'))).toEqual(['send begin', 'send end']);
  });

  test('is never told when that it began never arrived', async () => {
    const { pass, status } = await stage({ entries: [begin({ status: 'failed' }), end()] });
    expect(await pass()).toBe(0);
    expect(await status('end')).toBe('suppressed');
  });

  test('waits also for a digest that says that it began, which has no thread', async () => {
    const answers: Record<string, SendResult['kind']> = { begin: 'retry' };
    const digest = begin({ threadId: null, episodeIds: ['w', 'x'], alertIds: ['w-1', 'x-1'] });
    const { pass, steps } = await stage({ entries: [digest, end()], answers });
    await pass();
    expect(steps).not.toContain('send end');
    delete answers.begin;
    await pass(day(1) + HOUR);
    expect(steps.filter((step) => step.startsWith('send'))).toEqual(['send begin', 'send end']);
  });

  test('is never told when the digest that said that it began never arrived', async () => {
    const { pass, status } = await stage({ entries: [begin({ threadId: null, status: 'failed' }), end()] });
    expect(await pass()).toBe(0);
    expect(await status('end')).toBe('suppressed');
  });

  test('waits for nothing that is about another episode, nor for what was never to be sent', async () => {
    const other = entry('other', { threadId: 'thread', episodeIds: ['y'], alertIds: ['y-1'] });
    const quiet = begin({ status: 'suppressed' });
    const { pass, steps } = await stage({ entries: [other, quiet, end()], answers: { other: 'retry' } });
    await pass();
    expect(steps).toContain('send end');
  });

  test('is told in a digest when one of its beginnings arrived', async () => {
    const lost = begin({ status: 'failed' });
    const told = entry('told', { ...begin({ episodeIds: ['y'] }), mail: entry('told').mail, status: 'sent' });
    const digest = end({ threadId: null, alertIds: ['x-2', 'y-2'] });
    const { pass } = await stage({ entries: [lost, told, digest] });
    expect(await pass()).toBe(1);
  });

  test('is told to one to whom it arrived, whatever became of another', async () => {
    const other = entry('other', {
      ...begin(),
      mail: entry('other').mail,
      address: 'b@example.com',
      status: 'failed',
    });
    const { pass } = await stage({ entries: [other, begin({ status: 'sent' }), end()] });
    expect(await pass()).toBe(1);
  });
});

test('the log says what was not sent, and to whom', async () => {
  const { pass, log } = await stage({
    entries: entries('a', 'b'),
    answers: { a: 'retry', b: 'unreachable' },
  });
  await pass();
  expect(log.words.map(({ message }) => message)).toEqual([
    'Mail to ml@example.com (t: loss_final above 0.5): pending: no',
    'Mail to ml@example.com (t: loss_final above 0.5): pending: no',
    'No mail can be sent now; what is in the outbox for it waits for the next tick',
  ]);
});
