import { describe, expect, test } from 'vitest';
import { weeklyOf } from '../../shared/core/delivery/moments.ts';
import { finished } from '../support/messages.ts';
import { makeWorld, settingsOf } from '../support/world.ts';

const at = (text: string) => Date.parse(text);
/** 2026-08-03 is a Monday; eight in Berlin is six by UTC in summer. */
const MONDAY = { weekly: weeklyOf('Mon 08:00 Europe/Berlin'), fallback: ['all@example.com'] };

function world() {
  const tests = { a: { owner: ['x@example.com', 'y@example.com'] }, b: {} };
  return makeWorld(settingsOf(tests, { policy: MONDAY }));
}

const run = (test: string, day: string) =>
  finished({ test, run: `${test}-${day}`, at: at(`${day}T02:00Z`) }, 'success');

describe('the weekly summary', () => {
  test('comes once to each reader, at the first tick behind its moment, although all is well', async () => {
    const here = world();
    await here.tickAt(at('2026-07-29T03:00Z'), run('a', '2026-07-29'), run('b', '2026-07-28'));
    const before = here.mailer.sent.length;
    for (const time of ['2026-08-03T05:59Z', '2026-08-03T06:00Z', '2026-08-03T06:15Z', '2026-08-09T23:00Z'])
      await here.tickAt(at(time));
    const sent = here.mailer.sent.slice(before);
    expect(sent.map(({ to, date }) => [...to, new Date(date).toISOString().slice(0, 16)]).sort()).toEqual([
      ['all@example.com', '2026-08-03T06:00'],
      ['x@example.com', '2026-08-03T06:00'],
      ['y@example.com', '2026-08-03T06:00'],
    ]);
    expect(sent[0]!.text).toContain('ALL IS WELL');
    await here.tickAt(at('2026-08-10T07:00Z'));
    expect(here.mailer.sent).toHaveLength(before + 6);
  });

  test('of a week in which no tick ran is skipped: only the newest is told', async () => {
    const here = world();
    await here.tickAt(at('2026-07-29T03:00Z'), run('a', '2026-07-29'));
    const before = here.mailer.sent.length;
    await here.tickAt(at('2026-08-25T03:00Z'));
    const dates = here.mailer.sent.slice(before).map(({ date }) => new Date(date).toISOString().slice(0, 10));
    expect([...new Set(dates)]).toEqual(['2026-08-24']);
  });

  test('has the same bytes, whichever tick makes it', async () => {
    const mails = [];
    for (const time of ['2026-08-03T06:01Z', '2026-08-04T20:00Z']) {
      const here = world();
      await here.tickAt(at('2026-07-29T03:00Z'), run('a', '2026-07-29'), run('b', '2026-07-28'));
      await here.tickAt(at(time));
      mails.push(
        here.mailer.sent.filter(({ headers }) => headers['X-Tidemark-Reason'] === 'weekly').slice(-3),
      );
    }
    expect(mails[1]).toEqual(mails[0]);
    expect(mails[0]).toHaveLength(3);
  });

  test('does not come where nobody asked for it, nor of a history without runs', async () => {
    const silent = makeWorld(settingsOf({ a: { owner: 'x@example.com' } }));
    await silent.tickAt(at('2026-07-29T03:00Z'), run('a', '2026-07-29'));
    await silent.tickAt(at('2026-08-03T07:00Z'));
    const empty = world();
    await empty.tickAt(at('2026-08-03T07:00Z'));
    expect([silent.mailer.sent, empty.mailer.sent]).toEqual([[], []]);
  });
});
