// A storm ends: hundreds of incidents are over at once, and the pager takes only so many events a minute.
import { expect, test } from 'vitest';
import { pagerDutyChannel } from '../../shared/adapters/channels/pagerduty.ts';
import { route } from '../support/delivery.ts';
import { startHttpServer } from '../support/http-server.ts';
import { day, finished } from '../support/messages.ts';
import { makeWorld, NO_REMINDERS, settingsOf } from '../support/world.ts';

const TESTS = Array.from({ length: 110 }, (_, n) => `t${n}`);
/** What the pager takes in a pass. */
const MOST = 50;

test('every end reaches it, some in every tick, and nobody is told that it is out of order', async () => {
  let taken = 0;
  const ended = new Set<string>();
  const server = await startHttpServer(({ body }) => {
    if (taken++ >= MOST) return { status: 429, headers: { 'retry-after': '60' } };
    const { event_action, dedup_key } = JSON.parse(body);
    if (event_action === 'resolve') ended.add(dedup_key);
    return { status: 202 };
  });
  const toPager = route('', { to: [{ channel: 'pager', address: 'pager' }], andOwner: false });
  const policy = { ...NO_REMINDERS, routes: [toPager], channels: ['pager'], pagers: ['pager'] };
  const tests = Object.fromEntries(TESTS.map((name) => [name, {}]));
  const world = makeWorld(settingsOf(tests, { fallback: ['boss@example.com'], policy }));
  const pager = pagerDutyChannel({ secret: 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6', url: server.url });
  world.ports.mailer.send = async (mail) => {
    expect(mail.channel, mail.subject).toBe('pager');
    return pager.send(mail);
  };
  await world.tickAt(
    day(1, 3),
    ...TESTS.map((test) => finished({ test, run: `${test}-1`, at: day(1, 2) }, 'failure')),
  );
  const steps: number[] = [];
  taken = 0;
  await world.tickAt(
    day(2, 3),
    ...TESTS.map((test) => finished({ test, run: `${test}-2`, at: day(2, 2) }, 'success')),
  );
  for (let quarter = 1; quarter <= 4; quarter++) {
    steps.push(ended.size);
    taken = 0;
    await world.tickAt(day(2, 3 + quarter / 4));
  }
  // Of a message that breaks off all is sent again: twenty at most, where it was all of them.
  expect(steps).toEqual([50, 90, 110, 110]);
  expect(await world.ports.history.mails(['pending', 'uncertain', 'failed'])).toEqual([]);
});
