/**
 * One thing that a configuration needs, in one line. `ok`: it is as it should be. `note`: work goes on without it,
 * or nobody could say. `bad`: something will not work. Where it is not `ok`, `detail` says what to do.
 */
export interface Check {
  /** Such as `subscription projects/p/subscriptions/s`; several lines may speak of one thing. */
  readonly what: string;
  readonly state: 'ok' | 'note' | 'bad';
  /** One line, without any secret. */
  readonly detail: string;
}
