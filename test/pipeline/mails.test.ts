import { describe, expect, test } from 'vitest';
import { parseMessage } from '../../shared/core/parse-message.ts';
import { PAST_SOURCE } from '../../shared/core/past-run.ts';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { backfill } from '../../shared/pipeline/backfill.ts';
import { drain } from '../../shared/pipeline/drain.ts';
import type { MailStatus } from '../../shared/ports/history.ts';
import type { SendResult } from '../../shared/ports/mailer.ts';
import { day, finished, HOUR, type Message } from '../support/messages.ts';
import { makeWorld, NO_REMINDERS, settingsOf, type World } from '../support/world.ts';

const failed = (test: string, at: number): Message => finished({ test, run: `${test}-${at}`, at }, 'failure');

function testsOf(
  owners: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, TestConfig> {
  return Object.fromEntries(
    Object.entries(owners).map(([name, owner]) => [name, owner === undefined ? {} : { owner }]),
  );
}

function receivers({ mailer }: World): string[] {
  return mailer.sent.map(({ to }) => to.join(',')).sort();
}

function warnings({ log }: World): string[] {
  return log.words.filter(({ level }) => level === 'warn').map(({ message }) => message);
}

describe('who hears of it', () => {
  type Row = readonly [string, Readonly<Record<string, string | string[] | undefined>>, readonly string[]];
  test.each<Row>([
    [
      'two tests of one owner in a tick: one mail each',
      { a: 'x@example.com', b: 'x@example.com' },
      ['x@example.com', 'x@example.com'],
    ],
    [
      'four tests of one owner in a tick: one mail for all',
      { a: 'x@example.com', b: 'x@example.com', c: 'x@example.com', d: 'x@example.com' },
      ['x@example.com'],
    ],
    [
      'two tests of two owners: one mail each',
      { a: 'x@example.com', b: 'y@example.com' },
      ['x@example.com', 'y@example.com'],
    ],
    [
      'two owners of one test: one mail each, neither sees the other',
      { a: ['x@example.com', 'y@example.com'] },
      ['x@example.com', 'y@example.com'],
    ],
    ['an owner named twice: one mail', { a: ['x@example.com', 'x@example.com'] }, ['x@example.com']],
    ['no owner: the fallback', { a: undefined }, ['all@example.com']],
    [
      'one with an owner, one without',
      { a: 'x@example.com', b: undefined },
      ['all@example.com', 'x@example.com'],
    ],
    ['an owner: the fallback hears nothing', { a: 'x@example.com' }, ['x@example.com']],
  ])('%s', async (_, owners, told) => {
    const world = makeWorld(
      settingsOf(testsOf(owners), { fallback: ['all@example.com'], policy: NO_REMINDERS }),
    );
    const report = await world.tickAt(day(2), ...Object.keys(owners).map((name) => failed(name, day(1))));
    expect(receivers(world)).toEqual(told);
    expect(report.mails).toBe(told.length);
  });

  test('a test that no config names: the fallback', async () => {
    const world = makeWorld(settingsOf({}, { fallback: ['all@example.com'], policy: NO_REMINDERS }));
    await world.tickAt(day(2), failed('unknown', day(1)));
    expect(receivers(world)).toEqual(['all@example.com']);
  });

  test('nobody is named: a warning, no mail, and not again at the next tick', async () => {
    const world = makeWorld(settingsOf(testsOf({ a: undefined }), { policy: NO_REMINDERS }));
    await world.tickAt(day(2), failed('a', day(1)));
    expect(receivers(world)).toEqual([]);
    const told = warnings(world).filter((message) => message.includes('nobody is named'));
    expect(told).toEqual([expect.stringContaining('Test "a" got worse')]);
    const before = warnings(world).length;
    await world.tickAt(day(3));
    expect(warnings(world)).toHaveLength(before);
  });

  test('an address in a message is nobody’s', async () => {
    const world = makeWorld(settingsOf(testsOf({ a: undefined }), { policy: NO_REMINDERS }));
    const config = { owner: 'evil@example.com' };
    await world.tickAt(day(2), finished({ test: 'a', run: 'r', at: day(1) }, 'failure', { config }));
    expect(world.mailer.attempts).toEqual([]);
  });
});

describe('a mail that does not get through', () => {
  const retry: SendResult = { kind: 'retry', detail: 'the server is full' };
  const uncertain: SendResult = { kind: 'uncertain', detail: 'the line went dead' };
  const refused: SendResult = { kind: 'failed', detail: 'no such mailbox' };

  /** The status after each of so many ticks, an hour apart. */
  async function statuses(results: readonly SendResult[], ticks: number, every = HOUR) {
    const world = makeWorld(settingsOf(testsOf({ a: 'x@example.com' }), { policy: NO_REMINDERS }), {
      results,
    });
    const seen: string[] = [];
    for (let n = 0; n < ticks; n++) {
      await world.tickAt(day(2) + n * every, ...(n === 0 ? [failed('a', day(1))] : []));
      const all: MailStatus[] = ['pending', 'sending', 'sent', 'uncertain', 'failed', 'suppressed'];
      const [entry] = await world.ports.history.mails(all);
      seen.push(`${entry?.status} ${entry?.attempts}`);
    }
    return { seen, world };
  }

  test('surely not sent: tried again at every tick until it is', async () => {
    const { seen, world } = await statuses([retry, retry], 4);
    expect(seen).toEqual(['pending 1', 'pending 2', 'sent 3', 'sent 3']);
    expect(world.mailer.sent).toHaveLength(1);
    expect(new Set(world.mailer.attempts.map((mail) => JSON.stringify(mail))).size).toBe(1);
  });

  test('surely not sent for a day: given up, and said', async () => {
    const { seen, world } = await statuses(Array(9).fill(retry), 5, 12 * HOUR);
    expect(seen).toEqual(['pending 1', 'pending 2', 'pending 3', 'failed 4', 'failed 4']);
    const errors = world.log.words.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect(errors).toContainEqual(expect.stringMatching(/^Mail to x@example.com .*: failed: /));
  });

  test('refused for good: not tried again', async () => {
    expect((await statuses([refused], 3)).seen).toEqual(['failed 1', 'failed 1', 'failed 1']);
  });

  test('it may have been sent: once more, then left alone', async () => {
    const { seen } = await statuses([uncertain, uncertain, uncertain], 4);
    expect(seen).toEqual(['uncertain 1', 'uncertain 2', 'uncertain 2', 'uncertain 2']);
    expect((await statuses([uncertain], 3)).seen).toEqual(['uncertain 1', 'sent 2', 'sent 2']);
  });

  test('the process died while sending it, however often: the same mail goes out again', async () => {
    const { world } = await statuses([], 0);
    const { mailer } = world.ports;
    const send = mailer.send;
    mailer.send = () => Promise.reject(new Error('died'));
    await expect(world.tickAt(day(2), failed('a', day(1)))).rejects.toThrow('died');
    for (const hour of [1, 2, 3]) await expect(world.tickAt(day(2, hour))).rejects.toThrow('died');
    mailer.send = send;
    expect(await world.tickAt(day(2, 4))).toMatchObject({ mails: 1 });
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('while none can be sent, one try a tick is enough', async () => {
    const tests = testsOf({ a: 'x@example.com', b: 'y@example.com' });
    const down: SendResult = { kind: 'unreachable', detail: 'connection refused' };
    const world = makeWorld(settingsOf(tests, { policy: NO_REMINDERS }), { results: [down] });
    expect(await world.tickAt(day(2), failed('a', day(1)), failed('b', day(1)))).toMatchObject({ mails: 0 });
    expect(world.mailer.attempts).toHaveLength(1);
    expect(await world.tickAt(day(2, 1))).toMatchObject({ mails: 2 });
  });

  test('was tried twice in vain and then interrupted: it is tried again', async () => {
    const { world } = await statuses([retry, retry], 2);
    const { mailer } = world.ports;
    const send = mailer.send;
    mailer.send = () => Promise.reject(new Error('died'));
    await expect(world.tickAt(day(3))).rejects.toThrow('died');
    mailer.send = send;
    expect(await world.tickAt(day(3, 1))).toMatchObject({ mails: 1 });
  });

  test('of one address holds up no other', async () => {
    const tests = testsOf({ a: 'x@example.com', b: 'y@example.com' });
    const world = makeWorld(settingsOf(tests, { policy: NO_REMINDERS }), { results: [retry] });
    expect(await world.tickAt(day(2), failed('a', day(1)), failed('b', day(1)))).toMatchObject({ mails: 1 });
    expect(await world.tickAt(day(2, 1))).toMatchObject({ mails: 1 });
    expect(receivers(world)).toEqual(['x@example.com', 'y@example.com']);
  });
});

describe('a backfill', () => {
  const past = (...messages: readonly Message[]) => ({
    events: messages.map((message) => {
      const parsed = parseMessage({ ...message, id: message.name, format: 'json' });
      if (parsed.kind !== 'event') throw new Error(parsed.rejected.detail);
      return { ...parsed.event, source: `${PAST_SOURCE}${parsed.event.testName}` };
    }),
    rejected: [],
  });
  const runs = past(
    failed('a', day(1)),
    failed('b', day(1, 5)),
    finished({ test: 'a', run: 'good', at: day(2) }, 'success'),
    failed('a', day(3)),
  );
  const settings = settingsOf(testsOf({ a: 'x@example.com', b: 'x@example.com', live: 'x@example.com' }));

  test('tells of each day what happened on it, with the date of that day', async () => {
    const world = makeWorld(settings);
    const report = await backfill(runs, { ports: world.ports, settings }, { mail: true });
    expect(report.mails).toBe(4);
    expect(world.mailer.sent.map(({ date, headers }) => [date, headers['X-Tidemark-State']])).toEqual([
      [day(1, 5), 'firing'],
      [day(1, 5), 'firing'],
      [day(2), 'recovered'],
      [day(3), 'again'],
    ]);
  });

  test('without mail keeps what it would have sent, and no later tick sends it', async () => {
    const world = makeWorld(settings);
    await backfill(runs, { ports: world.ports, settings }, { mail: false });
    await world.tickAt(day(9));
    expect(world.mailer.attempts).toEqual([]);
    const kept = await world.ports.history.mails(['suppressed']);
    expect(kept.map(({ kind, detail }) => `${kind} ${detail}`)).toEqual(Array(4).fill('test backfill'));
    expect(await world.ports.history.mails(['pending', 'sent'])).toEqual([]);
  });

  test('without mail still sends what a live run has to tell that waited for a tick', async () => {
    const world = makeWorld(settings);
    const { body, name, publishTime } = failed('live', day(8));
    await world.ports.queue.publish(body, name, { publishTime });
    await drain(world.ports);
    const report = await backfill(runs, { ports: world.ports, settings }, { mail: false });
    expect(report.mails).toBe(1);
    expect(world.mailer.sent.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('live · job failed'),
    ]);
  });

  test('that was killed without mail leaves nothing for a tick to send', async () => {
    const world = makeWorld(settings);
    // The process died when the runs were recorded, before any was judged.
    await world.ports.history.append({ ...runs, at: day(9) });
    await world.tickAt(day(9));
    expect(world.mailer.attempts).toEqual([]);
  });

  test('twice is once', async () => {
    const world = makeWorld(settings);
    await backfill(runs, { ports: world.ports, settings }, { mail: true });
    const again = await backfill(runs, { ports: world.ports, settings }, { mail: true });
    expect(again).toMatchObject({ runs: [], mails: 0 });
    expect(world.mailer.sent).toHaveLength(4);
  });

  test('what a day before it has told is not told again', async () => {
    const world = makeWorld(settings);
    await backfill(runs, { ports: world.ports, settings }, { mail: false });
    await world.tickAt(day(4), failed('a', day(4)));
    expect(world.mailer.sent).toEqual([]);
  });
});
