import { describe, expect, test } from 'vitest';
import { sight } from '../../../test/support/sights.ts';
import { endFindings } from './end-findings.ts';
import type { Episode } from './episode.ts';
import { applyRecord } from './fold.ts';
import { type ScheduledTest, scheduleSights, type TimedRun } from './schedule-sights.ts';
import { EPISODE_SETTINGS } from './settings.ts';
import type { Sight } from './sight.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const begin = Date.UTC(2026, 7, 3, 2);

const timed = (day: number, hours = 0.5): TimedRun => ({
  uuid: `uuid-${day}`,
  runId: `run-${day}`,
  startedAt: begin + day * DAY,
  finishedAt: begin + day * DAY + hours * HOUR,
  outcome: 'success',
  labels: { cluster: 'a' },
});
const nights = (n: number, hours?: number) => Array.from({ length: n }, (_, day) => timed(day, hours));

const waiting = (changed: Partial<ScheduledTest> = {}): ScheduledTest => ({
  testName: 'resnet',
  schedule: null,
  maxDuration: null,
  runs: nights(10),
  open: [],
  episode: null,
  ...changed,
});

/** The episode after the sights of a pass, and the pass's sights themselves. */
function pass(scheduled: ScheduledTest, now: number) {
  const sights = scheduleSights([scheduled], now);
  const before = scheduled.episode === null ? [] : [scheduled.episode];
  const step = applyRecord(before, { seq: 1, inputs: sights.map((one) => one.sight) }, EPISODE_SETTINGS);
  return {
    sights,
    episode: step.episodes[0] ?? scheduled.episode,
    told: step.notices.map(({ kind }) => kind),
  };
}

describe('a run that does not come', () => {
  const expected = begin + 10 * DAY;

  test('is late an hour behind its time, not before, and by no clock but the schedule', () => {
    expect(scheduleSights([waiting()], expected + HOUR)).toEqual([]);
    const { sights, episode, told } = pass(waiting(), expected + HOUR + 1);
    expect(told).toEqual(['firing']);
    expect(episode).toMatchObject({
      signal: 'schedule',
      state: 'firing',
      reason: 'late',
      openedAt: expected + HOUR,
      firedAt: expected + HOUR,
      firstBad: { runId: 'expected at 2026-08-13T02:00:00.000Z', at: expected },
      lastGood: { runId: 'run-9' },
      labels: { cluster: 'a' },
    });
    expect(sights[0]!.uuid).toBe('uuid-9');
    // However late the pass is, and however often it comes, it says the same.
    expect(pass(waiting(), expected + 3 * DAY).episode).toEqual(episode);
  });

  test('is one outage, however many runs do not come', () => {
    const { episode } = pass(waiting(), expected + 2 * HOUR);
    for (const day of [1, 2, 3]) {
      expect(scheduleSights([waiting({ episode })], expected + day * DAY + 2 * HOUR)).toEqual([]);
    }
  });

  test('is told of no more once somebody accepted it, until there was a run again', () => {
    const { episode } = pass(waiting(), expected + 2 * HOUR);
    const accepted: Episode = {
      ...episode!,
      state: 'closed',
      closedReason: 'accepted',
      closedAt: expected + 3 * HOUR,
    };
    expect(pass(waiting({ episode: accepted }), expected + 2 * DAY).episode).toEqual(accepted);
    const runs = [...nights(10), timed(11)];
    expect(pass(waiting({ runs, episode: accepted }), expected + 2 * DAY + 5 * HOUR).told).toEqual([
      'firing',
    ]);
  });

  test('is waited for longer where runs take long, and not at all while one is at work', () => {
    const runs = nights(10, 8);
    expect(scheduleSights([waiting({ runs })], expected + 11 * HOUR)).toEqual([]);
    expect(scheduleSights([waiting({ runs })], expected + 12 * HOUR + 1)).toHaveLength(1);
    const open = [{ uuid: 'open', runId: 'open', startedAt: expected }];
    expect(scheduleSights([waiting({ runs, open })], expected + 13 * HOUR)).toEqual([]);
  });

  test('is not waited for while the one before it was still at work, nor longer because one hung', () => {
    const schedule = { cron: '0 * * * *', timeZone: 'UTC' };
    // Five and a quarter hours of grace behind six o'clock, the first hour after it ended.
    const long = waiting({ schedule, runs: [timed(0, 3.5)] });
    expect(scheduleSights([long], begin + 9 * HOUR)).toEqual([]);
    const [late] = scheduleSights([long], begin + 9.25 * HOUR + 1);
    expect(late!.sight).toMatchObject({ run: { at: begin + 4 * HOUR }, at: begin + 9.25 * HOUR });
    const hung: TimedRun = { ...timed(9, 20), outcome: 'timeout' };
    const runs = [...nights(9), hung];
    expect(scheduleSights([waiting({ runs })], expected + HOUR + 1)).toHaveLength(1);
  });

  test('a habit that was given up for two weeks is no outage, and ends the one that told of it', () => {
    expect(scheduleSights([waiting()], begin + 40 * DAY)).toEqual([]);
    const { episode } = pass(waiting(), expected + 2 * HOUR);
    const over = pass(waiting({ episode }), begin + 9 * DAY + HOUR / 2 + 14 * DAY + 1);
    expect(over.episode).toMatchObject({
      state: 'closed',
      closedReason: 'expired',
      closedAt: begin + 23 * DAY + HOUR / 2,
    });
    expect(pass(waiting({ episode: over.episode }), begin + 60 * DAY).sights).toEqual([]);
  });

  test('a schedule that is written is not given up', () => {
    const schedule = { cron: '0 2 * * *', timeZone: 'UTC' };
    expect(pass(waiting({ schedule, runs: [timed(0)] }), begin + 90 * DAY).told).toEqual(['firing']);
  });

  test('nobody is late who was never there, or has no habit', () => {
    const schedule = { cron: '0 2 * * *', timeZone: 'UTC' };
    expect(
      scheduleSights(
        [waiting({ schedule, runs: [] }), waiting({ runs: nights(5) })],
        begin + 6 * DAY + 5 * HOUR,
      ),
    ).toEqual([]);
  });

  /** The episode after a run that finished so many hours behind the first that was expected and did not come. */
  function finished(episode: Episode, hours: number) {
    const at = expected + hours * HOUR;
    const { run, ...rest } = sight(0);
    const come: Sight = {
      ...rest,
      signal: 'schedule',
      run: { ...run, uuid: `after ${hours}`, at },
      at,
      configDigest: episode.configDigest,
    };
    return applyRecord([episode], { seq: 2, inputs: [come] }, EPISODE_SETTINGS);
  }

  test('the run that comes after all ends it, also one that had ended before it was expected', () => {
    const { episode } = pass(waiting(), expected + 2 * HOUR);
    for (const hours of [-1, 5]) {
      const { episodes, notices } = finished(episode!, hours);
      expect(episodes[0]).toMatchObject({ state: 'closed', closedReason: 'recovered' });
      expect(notices.map(({ kind }) => kind)).toEqual(['recovered']);
    }
  });

  test('another outage soon after is the same incident, one after three runs and two days is another', () => {
    const first = pass(waiting(), expected + 2 * HOUR).episode!;
    let now = finished(first, 5).episodes[0]!;
    const outage = (day: number) => {
      const runs = [...nights(10), timed(10), timed(day - 1)];
      return pass(waiting({ runs, episode: now }), begin + day * DAY + 6 * HOUR).episode!;
    };
    expect(outage(12)).toMatchObject({ episodeId: first.episodeId, reopened: 1, state: 'firing' });
    for (const hours of [30, 54, 78]) now = finished(now, hours).episodes[0] ?? now;
    expect(now).toMatchObject({ closedReason: 'recovered', runsSince: 3 });
    expect(outage(16).episodeId).not.toBe(first.episodeId);
  });
});

describe('a run that does not end', () => {
  const start = begin + 10 * DAY;
  const open = [{ uuid: 'open', runId: 'run-10', startedAt: start }];

  test('is told after its limit, or after three times what is usual', () => {
    expect(scheduleSights([waiting({ open })], start + 1.5 * HOUR)).toEqual([]);
    const { episode } = pass(waiting({ open }), start + 1.5 * HOUR + 1);
    expect(episode).toMatchObject({
      reason: 'overrun',
      openedAt: start + 1.5 * HOUR,
      firstBad: { runId: 'run-10', at: start },
    });
    const limited = waiting({ open, maxDuration: 20 * HOUR });
    expect(scheduleSights([limited], start + 20 * HOUR)).toEqual([]);
    expect(scheduleSights([limited], start + 20 * HOUR + 1)[0]).toMatchObject({
      uuid: 'open',
      sight: { at: start + 20 * HOUR },
    });
  });

  test('ends with that run and with no other', () => {
    const { episode } = pass(waiting({ open }), start + 2 * HOUR);
    const judged = (uuid: string) => ({
      job: { uuid, outcome: 'failure' } as never,
      assessment: null as never,
      config: { alerts: { jobs: true } } as never,
    });
    const says = (uuid: string) =>
      endFindings(judged(uuid), () => episode ?? null).find(({ signal }) => signal === 'schedule')!.says;
    expect([says('another'), says('open')]).toEqual(['neutral', 'good']);
  });

  test('nobody can say so of a test that is new', () => {
    expect(scheduleSights([waiting({ runs: nights(3), open })], start + 40 * HOUR)).toEqual([]);
  });
});
