import { describe, expect, test } from 'vitest';
import type { DeliveryPolicy } from '../../shared/core/delivery/policy.ts';
import { MAIL_STATUSES } from '../../shared/ports/history.ts';
import { route, silence } from '../support/delivery.ts';
import { finished } from '../support/messages.ts';
import { makeWorld, settingsOf, type World } from '../support/world.ts';

const at = (text: string) => Date.parse(`2026-08-${text}Z`);
/** UTC, so that times below are read as they are. */
const NIGHT = { zone: 'UTC', from: 1200, until: 420, weekends: false, pass: [] } as const;

function world(policy: Partial<DeliveryPolicy>, tests: readonly string[] = ['a']): World {
  const named = tests.map((name) => [name, { owner: 'x@example.com' }] as const);
  return makeWorld(settingsOf(Object.fromEntries(named), { policy }));
}

const run = (time: string, outcome: 'success' | 'failure', test = 'a') =>
  finished({ test, run: `${test}-${time}`, at: at(time) - 60_000 }, outcome);

/** What was sent since the last look: when, and the state it tells. */
function looking(here: World) {
  let seen = 0;
  return () => {
    const fresh = here.mailer.sent.slice(seen);
    seen = here.mailer.sent.length;
    return fresh.map(({ headers, text }) => `${headers['X-Tidemark-State']}: ${text.split('\n')[0]}`);
  };
}

describe('in quiet hours', () => {
  test('a mail waits for the morning and is made anew then', async () => {
    const here = world({ quiet: NIGHT });
    const look = looking(here);
    await here.tickAt(at('03T22:00'), run('03T22:00', 'failure'));
    await here.tickAt(at('04T06:45'));
    expect(look()).toEqual([]);
    await here.tickAt(at('04T07:00'));
    expect(look()).toEqual([expect.stringMatching(/^firing: FIRING/)]);
    expect(here.mailer.sent[0]!.date).toBe(at('04T07:00'));
    const rows = await here.ports.history.mails(MAIL_STATUSES);
    expect(rows.map(({ kind, status, notBefore, detail }) => [kind, status, notBefore, detail])).toEqual([
      ['test', 'suppressed', at('04T07:00'), 'released'],
      ['reminder', 'suppressed', null, 'not sent yet'],
      ['test', 'sent', null, 'kept'],
    ]);
    await here.tickAt(at('04T07:15'));
    expect(look()).toEqual([]);
  });

  test('what began and ended in them is one line, once', async () => {
    const here = world({ quiet: NIGHT });
    const look = looking(here);
    await here.tickAt(at('03T22:00'), run('03T22:00', 'failure'));
    await here.tickAt(at('04T02:00'), run('04T02:00', 'success'));
    await here.tickAt(at('04T07:00'));
    await here.tickAt(at('04T09:00'));
    expect(look()).toEqual([expect.stringMatching(/^recovered: /)]);
  });

  test('an end by day follows a beginning by night', async () => {
    const here = world({ quiet: NIGHT });
    const look = looking(here);
    await here.tickAt(at('03T22:00'), run('03T22:00', 'failure'));
    await here.tickAt(at('04T07:00'));
    await here.tickAt(at('04T09:00'), run('04T09:00', 'success'));
    expect(look()).toEqual([expect.stringMatching(/^firing/), expect.stringMatching(/^recovered/)]);
    const [first, second] = here.mailer.sent;
    expect([second!.subject, second!.headers.References]).toEqual([
      first!.subject,
      first!.headers.References,
    ]);
  });
});

describe('a silence', () => {
  const until = at('05T00:00');
  const { matchers } = silence('test=a');
  const quieten = (here: World) =>
    here.ports.history.addAction({
      actionId: 's',
      at: at('03T00:00'),
      actor: 'ann',
      via: 'cli',
      kind: 'silence',
      target: { testName: null, signal: null, episodeId: null, run: null, matchers },
      startsAt: at('03T00:00'),
      endsAt: until,
      note: 'cluster moves',
    });

  test('keeps an incident from being told, and its end, too', async () => {
    const here = world({});
    await quieten(here);
    await here.tickAt(at('03T22:00'), run('03T22:00', 'failure'));
    await here.tickAt(at('04T02:00'), run('04T02:00', 'success'));
    await here.tickAt(at('06T02:00'));
    expect(here.mailer.attempts).toEqual([]);
    const rows = await here.ports.history.mails(['suppressed']);
    expect(rows.map(({ detail }) => detail)).toEqual(['silence s', 'silence s']);
  });

  test('at its end what still fires is told once, and its end then', async () => {
    const here = world({});
    const look = looking(here);
    await quieten(here);
    await here.tickAt(at('03T22:00'), run('03T22:00', 'failure'));
    await here.tickAt(at('04T23:45'));
    expect(look()).toEqual([]);
    await here.tickAt(until);
    await here.tickAt(until + 900_000);
    expect(look()).toEqual([expect.stringMatching(/^silence_ended/)]);
    await here.tickAt(at('05T02:00'), run('05T02:00', 'success'));
    expect(look()).toEqual([expect.stringMatching(/^recovered/)]);
  });
});

test('four tests at once are one digest, and their ends one, too', async () => {
  const tests = ['a', 'b', 'c', 'd'];
  const here = world({}, tests);
  const look = looking(here);
  await here.tickAt(at('03T22:00'), ...tests.map((name) => run('03T22:00', 'failure', name)));
  expect(look()).toHaveLength(1);
  await here.tickAt(at('04T02:00'), ...tests.map((name) => run('04T02:00', 'success', name)));
  expect(look()).toEqual([expect.stringMatching(/^recovered/)]);
});

test('a channel gets what is told as data, under its own name', async () => {
  const toChat = route('x', { to: [{ channel: 'chat', address: 'chat' }], andOwner: false });
  const here = world({ routes: [toChat], channels: ['chat'] });
  const sent: unknown[] = [];
  here.ports.mailer.send = async (mail) => {
    sent.push([
      mail.channel,
      mail.to,
      mail.events?.map(({ kind, signal, severity }) => [kind, signal, severity]),
    ]);
    return { kind: 'sent', detail: 'ok', refused: [] };
  };
  await here.tickAt(at('03T22:00'), run('03T22:00', 'failure'));
  await here.tickAt(at('04T02:00'), run('04T02:00', 'success'));
  expect(sent).toEqual([
    ['chat', ['chat'], [['firing', 'job', 'critical']]],
    ['chat', ['chat'], [['recovered', 'job', 'critical']]],
  ]);
});
