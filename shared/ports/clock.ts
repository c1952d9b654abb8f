/** The time, as an argument: `--now` fixes it for one command, tests script it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}
