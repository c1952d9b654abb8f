/** Milliseconds since the epoch of the four-digit years that fit the fixed-width text form. */
export const EARLIEST_TIME = Date.parse('0001-01-01T00:00:00.000Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;
const HAS_ZONE = /(?:Z|[+-]\d\d:?\d\d)$/i;

/**
 * Reads an ISO 8601 date or date and time; without a zone it is UTC, never the machine's zone.
 * Null when the text is no such time or lies outside the years 1 to 9999.
 */
export function parseTime(text: string): number | null {
  if (!ISO.test(text)) return null;
  const [date, clock] = [text.slice(0, 10), text.slice(10)];
  const ms = Date.parse(date) + (clock === '' ? 0 : sinceMidnight(clock));
  return inRange(ms) && isDay(date) ? ms : null;
}

/** On a day of its own: with a blank before the time the engine takes a year before 100 for one of 19xx. */
function sinceMidnight(clock: string): number {
  const zone = HAS_ZONE.test(clock) ? '' : 'Z';
  return Date.parse(`2000-01-01${clock}${zone}`) - Date.parse('2000-01-01');
}

/** The engine takes 30 February for 2 March. */
function isDay(date: string): boolean {
  const ms = Date.parse(date);
  return inRange(ms) && new Date(ms).toISOString().startsWith(date);
}

/** A Unix time in seconds, whole or not, as milliseconds; null outside the years 1 to 9999. */
export function fromUnixSeconds(seconds: number): number | null {
  const ms = Math.round(seconds * 1000);
  return inRange(ms) ? ms : null;
}

function inRange(ms: number): boolean {
  return ms >= EARLIEST_TIME && ms <= LATEST;
}

/** ISO 8601 UTC text of fixed width, `2026-08-01T02:15:00.000Z`: text order is time order. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `90s`, `15m`, `4h`, `7d`, `1h30m`; a bare number is seconds. Null when it is none of these. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(trimmed)) return null;
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * UNIT_MS[unit as string]!;
  }
  return total;
}
