import type { Severity } from '../episodes/episode.ts';
import type { QuietHours, WeeklyMoment } from './policy.ts';
import { CALENDAR_DAY, ZoneClock } from './zone.ts';

const [SUNDAY, SATURDAY] = [0, 6];
/** A weekend, the nights at both ends, and a day to spare. */
const DAYS_AHEAD = 5;

/** When something may go out that comes up at `now`: the end of the quiet hours, or null: at once. */
export function quietUntil(now: number, hours: QuietHours): number | null {
  const clock = new ZoneClock(hours.zone);
  if (!isQuiet(now, hours, clock)) return null;
  const { day } = clock.local(now);
  for (let days = 0; days <= DAYS_AHEAD; days++) {
    for (const minute of [0, hours.until]) {
      const moment = clock.moment(day + days * CALENDAR_DAY, minute);
      if (moment > now && !isQuiet(moment, hours, clock)) return moment;
    }
  }
  return null;
}

/** Whether something of this severity waits in quiet hours. */
export function waits(severity: Severity, { pass }: QuietHours): boolean {
  return !pass.includes(severity);
}

function isQuiet(ms: number, { from, until, weekends }: QuietHours, clock: ZoneClock): boolean {
  const { weekday, minute } = clock.local(ms);
  if (weekends && (weekday === SATURDAY || weekday === SUNDAY)) return true;
  return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}

/** The newest such moment at or before `now`. */
export function lastWeekly(now: number, { day: weekday, minute, zone }: WeeklyMoment): number {
  const clock = new ZoneClock(zone);
  const today = clock.local(now);
  const back = (today.weekday - weekday + 7) % 7;
  const moment = clock.moment(today.day - back * CALENDAR_DAY, minute);
  return moment <= now ? moment : clock.moment(today.day - (back + 7) * CALENDAR_DAY, minute);
}
