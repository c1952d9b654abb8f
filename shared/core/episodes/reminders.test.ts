import { describe, expect, test } from 'vitest';
import { night, sight } from '../../../test/support/sights.ts';
import type { Episode, Signal } from './episode.ts';
import { openedBy } from './opening.ts';
import { dueClockSights, firstReminder, remindersAfter } from './reminders.ts';
import { EPISODE_SETTINGS } from './settings.ts';

const HOUR = 3_600_000;

/** An episode that fired in night 0, its first reminder due a day later. */
const fired = (signal: Signal = 'metric:loss', changed: Partial<Episode> = {}): Episode => ({
  ...openedBy(sight(0, { signal }), EPISODE_SETTINGS),
  state: 'firing',
  ...firstReminder('warning', night(0), EPISODE_SETTINGS),
  ...changed,
});
const due = (episodes: readonly Episode[], at: number) =>
  dueClockSights(episodes, at, EPISODE_SETTINGS).map(({ kind, at: when }) => [kind, when]);

describe('reminders', () => {
  test('are due when they are, and not before', () => {
    expect(due([fired()], night(1) - 1)).toEqual([]);
    expect(due([fired()], night(1))).toEqual([['reminder', night(1)]]);
  });

  test('of several that a late pass finds due only the newest is told', () => {
    expect(due([fired()], night(4))).toEqual([['reminder', night(3)]]);
    expect(due([fired()], night(400))).toEqual([['reminder', night(17)]]);
    expect(remindersAfter(fired(), night(400), EPISODE_SETTINGS)).toEqual({
      reminders: 4,
      nextReminderAt: null,
    });
  });

  test('there are none for what was only suspected, is closed, or is an improvement', () => {
    const improvement = fired('metric:loss', {
      polarity: 'good',
      ...firstReminder('info', night(0), EPISODE_SETTINGS),
    });
    expect(
      due([fired('job', { state: 'suspect' }), fired('job', { state: 'closed' }), improvement], night(9)),
    ).toEqual([]);
  });

  test('an ack keeps them back; its end is told once, and they go on behind it', () => {
    const ack = { by: 'kim', until: night(5) + HOUR, note: null };
    expect(due([fired('job', { ack })], night(5))).toEqual([]);
    expect(due([fired('job', { ack })], night(6))).toEqual([['ack_ended', night(5) + HOUR]]);
  });

  test.each<[above: Signal, below: Signal]>([
    ['schedule', 'job'],
    ['job', 'metrics'],
    ['job', 'metric:loss'],
    ['metrics', 'metric:loss'],
  ])('%s speaks for %s of the same test', (above, below) => {
    const both = [fired(below), fired(above)];
    const who = (episodes: readonly Episode[]) =>
      dueClockSights(episodes, night(1), EPISODE_SETTINGS).map(
        ({ episodeId }) => episodes.find((one) => one.episodeId === episodeId)!.signal,
      );
    expect(who(both)).toEqual([above]);
    expect(who([fired(below), fired(above, { testName: 'another' })])).toEqual([below, above]);
    expect(who([fired(below), fired(above, { state: 'closed' })])).toEqual([below]);
    expect(who([fired(below), fired('infra')])).toEqual([below, 'infra']);
  });

  test.each<Signal>(['metric:loss', 'metrics', 'job', 'infra', 'schedule'])(
    'Tidemark in trouble speaks for %s of every test, once it fires and until it is over',
    (below) => {
      const pipeline = fired('pipeline', { testName: '' });
      const who = (...episodes: readonly Episode[]) =>
        dueClockSights(episodes, night(1), EPISODE_SETTINGS).map(
          ({ episodeId }) => episodes.find((one) => one.episodeId === episodeId)!.signal,
        );
      expect(who(fired(below), pipeline)).toEqual(['pipeline']);
      expect(who(fired(below), { ...pipeline, state: 'suspect' })).toEqual([below]);
      expect(who(fired(below), { ...pipeline, state: 'closed' })).toEqual([below]);
    },
  );

  test('the end of an ack is told whatever else is in trouble', () => {
    const acked = fired('job', { ack: { by: 'kim', until: night(5), note: null } });
    const pipeline = fired('pipeline', { testName: '', nextReminderAt: null });
    expect(due([acked, pipeline], night(6))).toEqual([['ack_ended', night(5)]]);
  });
});
