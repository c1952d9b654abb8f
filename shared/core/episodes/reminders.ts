import type { Episode, Severity } from './episode.ts';
import type { EpisodeSettings } from './settings.ts';
import type { ClockSight } from './sight.ts';
import { isOfTidemark } from './tidemark-itself.ts';

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

/** What stands above what: while the one is open nobody need be reminded of the other of the same test. */
const CHAIN: readonly string[] = ['schedule', 'job', 'metrics', 'metric'];

function rankOf({ signal }: Episode): number {
  const name = signal.startsWith('metric:') ? 'metric' : signal;
  return CHAIN.indexOf(name);
}

function isOpenAndTold({ state }: Episode): boolean {
  return state === 'firing' || state === 'recovering';
}

/** Whether another open incident of its test explains why nothing changes with this one. */
function isInhibited(episode: Episode, told: readonly Episode[]): boolean {
  const rank = rankOf(episode);
  return told.some((other) => {
    const above = rankOf(other);
    return above !== -1 && above < rank && other.polarity !== 'good';
  });
}

/**
 * What the clock has to say of open episodes at `now`: that an ack is over, or that a reminder is due; of several that
 * a late pass finds due only the newest. An episode that is acknowledged, or that another one explains (pipeline,
 * then schedule, job, metrics, a single metric), is reminded of nothing until that is over. `episodes`: all open ones.
 */
export function dueClockSights(
  episodes: readonly Episode[],
  now: number,
  settings: Pick<EpisodeSettings, 'reminders'>,
): ClockSight[] {
  const told = episodes.filter(isOpenAndTold);
  const byTest = Map.groupBy(told, ({ testName }) => testName);
  const isInTrouble = told.some(isOfTidemark);
  return told.flatMap((episode) => {
    const { ack, nextReminderAt, episodeId, testName } = episode;
    const sight = (kind: ClockSight['kind'], at: number): ClockSight[] => [
      { from: 'clock', kind, episodeId, at, incidentId: null },
    ];
    if (ack !== null) return ack.until <= now ? sight('ack_ended', ack.until) : [];
    if (nextReminderAt === null || nextReminderAt > now) return [];
    if (isInTrouble && !isOfTidemark(episode)) return [];
    if (isInhibited(episode, byTest.get(testName) ?? [])) return [];
    let newest = nextReminderAt;
    for (;;) {
      const { nextReminderAt: next } = remindersAfter(episode, newest, settings);
      if (next === null || next > now) return sight('reminder', newest);
      newest = next;
    }
  });
}
