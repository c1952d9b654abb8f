/** A moment as the clocks of a zone show it. */
export interface LocalTime {
  /** Midnight of the day, as if the zone were UTC: days of the calendar can be counted with it. */
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Since midnight, with its fraction. */
  readonly minute: number;
}

const MINUTE = 60_000;
/** A day of the calendar, for counting days; on a clock one may have 23 or 25 hours. */
export const CALENDAR_DAY = 1440 * MINUTE;

/** Whether a text names a zone: `Europe/Berlin`, `UTC`. */
export function isZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** The clocks of one zone. `name` has to be a zone. */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string) {
    this.#format = formatOf(name);
  }

  /** What the clocks show at `ms`, milliseconds since the epoch. */
  local(ms: number): LocalTime {
    const shown = this.#shown(ms);
    const day = Math.floor(shown / CALENDAR_DAY) * CALENDAR_DAY;
    return { day, weekday: new Date(day).getUTCDay(), minute: (shown - day) / MINUTE };
  }

  /**
   * The moment at which the clocks show `minute` of a day (`LocalTime.day`). Where they show it twice the first one;
   * where they leap over it the moment of the leap.
   */
  moment(day: number, minute: number): number {
    return this.moments(day, minute)[0]!;
  }

  /** Both moments where the clocks show it twice; else as `moment`. */
  moments(day: number, minute: number): readonly number[] {
    const wanted = day + minute * MINUTE;
    // No offset lies beyond 14 hours, and of two leaps none is nearer than weeks to the other.
    const offsets = [wanted - CALENDAR_DAY, wanted + CALENDAR_DAY].map((ms) => this.#shown(ms) - ms);
    const moments = [...new Set(offsets.map((offset) => wanted - offset))].sort((a, b) => a - b);
    const exact = moments.filter((ms) => this.#shown(ms) === wanted);
    return exact.length > 0 ? exact : [this.leap(moments[0]!, moments.at(-1)!) ?? moments[0]!];
  }

  /** The moment from `low` on, at or before `high`, at which the clocks leap; null: they do not. */
  leap(low: number, high: number): number | null {
    const offset = this.#shown(high) - high;
    if (this.#shown(low) - low === offset) return null;
    let [before, after] = [low, high];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.#shown(middle) - middle === offset) after = middle;
      else before = middle;
    }
    return after;
  }

  /** What the clocks show, read as if it were UTC. */
  #shown(ms: number): number {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(ms)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const rest = ((ms % 1000) + 1000) % 1000;
    return Date.UTC(year, month - 1, day, hour, minute, second) + rest;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}
