import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QuietHours } from './policy.ts';
import { lastWeekly, quietUntil } from './quiet.ts';
import { isZone, ZoneClock } from './zone.ts';

const at = (text: string) => Date.parse(text);
const iso = (ms: number | null) => (ms === null ? 'at once' : new Date(ms).toISOString().slice(0, 16));

const NIGHT: QuietHours = {
  zone: 'Europe/Berlin',
  from: 20 * 60,
  until: 7 * 60,
  weekends: false,
  pass: ['critical'],
};
const WEEKENDS: QuietHours = { ...NIGHT, weekends: true };
/** Until half past two: an hour that the last Sundays of March and October leap over, or have twice. */
const SHORT: QuietHours = { ...NIGHT, from: 60, until: 150 };
const LATE: QuietHours = { ...NIGHT, from: 150, until: 210 };
const LUNCH: QuietHours = { ...NIGHT, zone: 'Asia/Kolkata', from: 12 * 60, until: 13 * 60 };

describe('quiet hours end', () => {
  // Times are UTC; Berlin is one hour ahead in winter and two in summer, Kolkata five and a half.
  test.each([
    ['at once in the middle of the day', NIGHT, '2026-08-03T12:00Z', 'at once'],
    ['at seven of the next morning', NIGHT, '2026-08-03T18:00Z', '2026-08-04T05:00'],
    ['at seven of this morning', NIGHT, '2026-08-04T03:00Z', '2026-08-04T05:00'],
    ['at once on the stroke of seven', NIGHT, '2026-08-04T05:00Z', 'at once'],
    ['at seven while it begins on the stroke of eight', NIGHT, '2026-01-05T19:00Z', '2026-01-06T06:00'],
    ['at seven behind the night that loses an hour', NIGHT, '2026-03-28T22:00Z', '2026-03-29T05:00'],
    ['at seven behind the night that gains one', NIGHT, '2026-10-24T22:00Z', '2026-10-25T06:00'],
    ['on Monday, for a Friday night', WEEKENDS, '2026-08-07T22:00Z', '2026-08-10T05:00'],
    ['on Monday, for a Sunday noon', WEEKENDS, '2026-08-09T10:00Z', '2026-08-10T05:00'],
    ['on Saturday, where weekends are days as others', NIGHT, '2026-08-07T22:00Z', '2026-08-08T05:00'],
    ['at the leap, where their end is leapt over', SHORT, '2026-03-29T00:30Z', '2026-03-29T01:00'],
    ['at the first half past two of two', SHORT, '2026-10-24T23:30Z', '2026-10-25T00:30'],
    ['at the second half past two, for what comes between', SHORT, '2026-10-25T01:10Z', '2026-10-25T01:30'],
    ['when the clock is put back out of them', LATE, '2026-10-25T00:45Z', '2026-10-25T01:00'],
    ['within a day', LUNCH, '2026-08-03T07:00Z', '2026-08-03T07:30'],
  ])('%s', (_, hours, now, expected) => {
    expect(iso(quietUntil(at(now), hours))).toBe(expected);
  });

  test('at the first minute that is not quiet, whenever and wherever', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
    const hours = fc.record({
      zone: fc.constantFrom(...zones),
      from: fc.integer({ min: 0, max: 1439 }),
      until: fc.integer({ min: 0, max: 1439 }),
      weekends: fc.boolean(),
      pass: fc.constant([]),
    });
    const minutes = fc.integer({
      min: at('2026-01-01T00:00Z') / 60_000,
      max: at('2026-12-31T00:00Z') / 60_000,
    });
    fc.assert(
      fc.property(hours, minutes, (given, minute) => {
        fc.pre(given.from !== given.until);
        const now = minute * 60_000;
        expect(iso(quietUntil(now, given))).toBe(iso(byTheMinute(now, given)));
      }),
      { numRuns: 100 },
    );
  });
});

/** The same by looking at the clock on the wall minute by minute, with another way to read it. */
function byTheMinute(now: number, { zone, from, until, weekends }: QuietHours): number | null {
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  for (let ms = now; ; ms += 60_000) {
    const [, weekday = '', hour, minute] = /^(\w+),? (\d\d):(\d\d)$/.exec(wall.format(ms)) ?? [];
    const since = Number(hour) * 60 + Number(minute);
    const isNight = from < until ? since >= from && since < until : since >= from || since < until;
    if (!isNight && !(weekends && /^S/.test(weekday))) return ms === now ? null : ms;
  }
}

describe('the moment of a week', () => {
  const MONDAY = { day: 1, minute: 480, zone: 'Europe/Berlin' };
  test.each([
    ['today, once it has come', '2026-08-03T06:00Z', '2026-08-03T06:00'],
    ['a week ago, a minute before', '2026-08-03T05:59Z', '2026-07-27T06:00'],
    ['last Monday on a Sunday', '2026-08-09T20:00Z', '2026-08-03T06:00'],
    ['an hour later by UTC in winter', '2026-11-02T12:00Z', '2026-11-02T07:00'],
  ])('is %s', (_, now, expected) => expect(iso(lastWeekly(at(now), MONDAY))).toBe(expected));
});

test('a zone is what the platform knows as one', () => {
  expect(['Europe/Berlin', 'UTC', 'Asia/Kolkata'].map(isZone)).toEqual([true, true, true]);
  expect(['Europe/Berln', '', 'CEST!', 'Mars/Olympus'].map(isZone)).toEqual([false, false, false, false]);
});

test('a clock shows the day and the minute of its zone, and finds them again', () => {
  const clock = new ZoneClock('America/New_York');
  const moment = at('2026-07-05T03:30:15.250Z');
  const shown = clock.local(moment);
  expect([new Date(shown.day).toISOString().slice(0, 10), shown.weekday, shown.minute]).toEqual([
    '2026-07-04',
    6,
    1410.25 + 0.25 / 60,
  ]);
  expect(clock.moment(shown.day, shown.minute)).toBe(moment);
});
