import type { Episode, Severity } from './episode.ts';
import type { EpisodeSettings } from './settings.ts';
import type { ClockSight } from './sight.ts';

type Reminders = Pick<Episode, 'reminders' | 'nextReminderAt'>;

/** How far the reminders of an episode that fires at `at` are. */
export function firstReminder(
  severity: Severity,
  at: number,
  { reminders }: Pick<EpisodeSettings, 'reminders'>,
): Reminders {
  const [first] = reminders[severity];
  return { reminders: 0, nextReminderAt: first === undefined ? null : at + first };
}

/** How far they are when everything that was due until `at` is told. */
export function remindersAfter(
  episode: Pick<Episode, 'severity' | keyof Reminders>,
  at: number,
  { reminders: due }: Pick<EpisodeSettings, 'reminders'>,
): Reminders {
  const delays = due[episode.severity];
  let { reminders, nextReminderAt } = episode;
  while (nextReminderAt !== null && nextReminderAt <= at) {
    const [last, next] = [delays[reminders], delays[reminders + 1]];
    nextReminderAt = last === undefined || next === undefined ? null : nextReminderAt + next - last;
    reminders += 1;
  }
  return { reminders, nextReminderAt };
}

/**
 * What the clock has to say of open episodes at `now`: that an ack is over, or that a reminder is due; of several that
 * a late pass finds due only the newest. An episode that is acknowledged is reminded of nothing.
 */
export function dueClockSights(
  episodes: readonly Episode[],
  now: number,
  settings: Pick<EpisodeSettings, 'reminders'>,
): ClockSight[] {
  return episodes.flatMap((episode) => {
    const { state, ack, nextReminderAt, episodeId } = episode;
    if (state !== 'firing' && state !== 'recovering') return [];
    const sight = (kind: ClockSight['kind'], at: number): ClockSight[] => [
      { from: 'clock', kind, episodeId, at, incidentId: null },
    ];
    if (ack !== null) return ack.until <= now ? sight('ack_ended', ack.until) : [];
    if (nextReminderAt === null || nextReminderAt > now) return [];
    let newest = nextReminderAt;
    for (;;) {
      const { nextReminderAt: next } = remindersAfter(episode, newest, settings);
      if (next === null || next > now) return sight('reminder', newest);
      newest = next;
    }
  });
}
