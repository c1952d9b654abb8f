import type { WeeklyMoment } from './policy.ts';
import { isZone } from './zone.ts';

const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;
const WEEKLY = /^(Sun|Mon|Tue|Wed|Thu|Fri|Sat) ([01]\d|2[0-3]):([0-5]\d) (\S+)$/;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Minutes since midnight of both ends of `20:00-07:00`; null for anything else. */
export function spanOf(text: string): { readonly from: number; readonly until: number } | null {
  const [, ...parts] = SPAN.exec(text) ?? [];
  if (parts.length === 0) return null;
  const [h = 0, m = 0, h2 = 0, m2 = 0] = parts.map(Number);
  return { from: h * 60 + m, until: h2 * 60 + m2 };
}

/** Reads `Mon 08:00 Europe/Berlin`; null for anything else. */
export function weeklyOf(text: string): WeeklyMoment | null {
  const [, day = '', hour, minute, zone = ''] = WEEKLY.exec(text) ?? [];
  if (day === '' || !isZone(zone)) return null;
  return { day: WEEKDAYS.indexOf(day), minute: Number(hour) * 60 + Number(minute), zone };
}
