/** The time, as an argument: `--now` fixes it for one command, tests script it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** A clock that stands still. */
export function fixedClock(ms: number): Clock {
  return { now: () => ms };
}
