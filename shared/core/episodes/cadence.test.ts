import { describe, expect, test } from 'vitest';
import { random } from '../../../test/bench/judge/random.ts';
import { formatTime } from '../time.ts';
import {
  givenUpAfter,
  graceOf,
  learntCadence,
  type Schedule,
  scheduledCadence,
  scheduleProblem,
  usualLimit,
} from './cadence.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const begin = Date.UTC(2026, 7, 3, 2);

describe('a schedule that is written', () => {
  const next = (schedule: Schedule, after: string) => {
    const at = scheduledCadence(schedule).nextAfter(Date.parse(after));
    return at === null ? null : formatTime(at);
  };
  const berlin = (cron: string) => ({ cron, timeZone: 'Europe/Berlin' });

  // By hand: Berlin is one hour ahead of UTC in winter, two in summer; the clocks of 2026 change on 29 March and
  // 25 October, each at 01:00 UTC. 3 August 2026 is a Monday.
  test.each<[sentence: string, schedule: Schedule, after: string, next: string]>([
    ['in summer', berlin('0 3 * * *'), '2026-08-03T01:00:07Z', '2026-08-04T01:00:00.000Z'],
    ['in winter', berlin('0 3 * * *'), '2026-12-01T02:00:07Z', '2026-12-02T02:00:00.000Z'],
    ['over the end of summer time', berlin('0 3 * * *'), '2026-10-24T01:00:07Z', '2026-10-25T02:00:00.000Z'],
    [
      'at a time that is left out, when the clock goes on',
      berlin('30 2 * * *'),
      '2026-03-28T01:30:07Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'at an hour that comes twice, the first time',
      berlin('30 2 * * *'),
      '2026-10-24T00:30:07Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'on weekdays, over a weekend',
      berlin('0 3 * * 1-5'),
      '2026-08-07T01:00:07Z',
      '2026-08-10T01:00:00.000Z',
    ],
    ['by the name of a day', berlin('0 3 * * MON'), '2026-08-03T01:00:07Z', '2026-08-10T01:00:00.000Z'],
    ['twice an hour', berlin('*/30 * * * *'), '2026-08-03T01:00:07Z', '2026-08-03T01:30:00.000Z'],
    [
      'a run a little early has come for its time',
      berlin('0 3 * * *'),
      '2026-08-03T00:58:00Z',
      '2026-08-04T01:00:00.000Z',
    ],
    ['a run far too early has not', berlin('0 3 * * *'), '2026-08-03T00:50:00Z', '2026-08-03T01:00:00.000Z'],
  ])('expects the next run %s', (_, schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  test.each<[schedule: Schedule, problem: RegExp]>([
    [berlin('61 * * * *'), /minute: 61/],
    [berlin('0 3 * *'), /five/],
    [berlin('0 0 3 * * *'), /5 parts/],
    [{ cron: '0 3 * * *', timeZone: 'Mars/Base' }, /Mars\/Base/],
    [berlin('0 3 31 2 *'), /never comes/],
  ])('%j is refused', (schedule, problem) => {
    expect(scheduleProblem(schedule)).toMatch(problem);
  });

  test('a good one has no problem, and is never given up', () => {
    expect(scheduleProblem(berlin('0 3 * * 1-5'))).toBeNull();
    expect(givenUpAfter(scheduledCadence(berlin('0 3 * * *')))).toBeNull();
  });
});

describe('a habit that is learnt', () => {
  const daily = (n: number, jitter = 0) => {
    const chance = random(7);
    return Array.from({ length: n }, (_, day) => begin + day * DAY + jitter * chance.normal());
  };

  test('of six daily runs is a day, of five none', () => {
    expect(learntCadence(daily(5))).toBeNull();
    const cadence = learntCadence(daily(6))!;
    expect([cadence.gap, cadence.nextAfter(begin)]).toEqual([DAY, begin + DAY]);
  });

  test('does not mind ten minutes, the order, a weekend, or one outage', () => {
    expect(learntCadence(daily(30, HOUR / 6).reverse())!.gap).toBeCloseTo(DAY, -7);
    const outage = daily(35).filter((_, day) => day < 12 || day > 16);
    expect(learntCadence(outage)!.nextAfter(0)).toBe(DAY);
    const weekdays = daily(40).filter((_, day) => day % 7 < 5);
    const cadence = learntCadence(weekdays)!;
    // Friday to Monday is no outage, so nobody can say before the third day that a run is late.
    expect([cadence.gap, cadence.nextAfter(0)]).toEqual([DAY, 3 * DAY]);
  });

  test('is hidden by one rerun among ten runs, and not by one among thirty', () => {
    const rerun = begin + 3 * DAY + 5 * HOUR;
    expect(learntCadence([...daily(9), rerun])).toBeNull();
    expect(learntCadence([...daily(29), rerun])!.gap).toBe(DAY);
  });

  test('is none where people start runs as they like', () => {
    let learnt = 0;
    for (let seed = 0; seed < 500; seed++) {
      const chance = random(seed);
      let at = begin;
      const starts = Array.from({ length: 20 }, () => {
        at += -Math.log(1 - chance.uniform()) * DAY;
        return at;
      });
      if (learntCadence(starts) !== null) learnt += 1;
    }
    expect(learnt).toBe(0);
  });

  test('is none where all runs start at once', () => {
    expect(learntCadence(new Array(10).fill(begin))).toBeNull();
  });

  test('is given up after two weeks without a daily run, after a week without an hourly, after three months without a monthly', () => {
    const of = (gap: number) => givenUpAfter({ gap, nextAfter: () => null })! / DAY;
    expect([of(DAY), of(HOUR), of(7 * DAY), of(30 * DAY)]).toEqual([14, 7, 30, 90]);
  });
});

test('grace is an hour at least, and half as much again as long runs take; a limit three times that long', () => {
  expect([graceOf([]), graceOf([HOUR / 4]), graceOf(new Array(20).fill(4 * HOUR))]).toEqual([
    HOUR,
    HOUR,
    6 * HOUR,
  ]);
  expect([usualLimit(new Array(5).fill(HOUR)), usualLimit(new Array(6).fill(2 * HOUR))]).toEqual([
    null,
    6 * HOUR,
  ]);
  expect(usualLimit(new Array(6).fill(HOUR / 60))).toBe(HOUR);
});
