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
  const today = clock.local(now).day;
  for (let days = 0; days <= DAYS_AHEAD; days++) {
    const end = endOn(today + days * CALENDAR_DAY, { now, hours, clock });
    if (end !== null) return end;
  }
  return null;
}

/** The first moment of a day, behind `now`, that is not quiet while the one before it may be. */
function endOn(
  day: number,
  { now, hours, clock }: { readonly now: number; readonly hours: QuietHours; readonly clock: ZoneClock },
): number | null {
  const midnight = clock.moment(day, 0);
  // Clocks that are put forward or back may leave the quiet hours, too.
  const leap = clock.leap(midnight, clock.moment(day + CALENDAR_DAY, 0));
  const moments = [midnight, ...clock.moments(day, hours.until), ...(leap === null ? [] : [leap])];
  const free = moments.filter((ms) => ms > now && !isQuiet(ms, hours, clock));
  return free.length === 0 ? null : Math.min(...free);
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
