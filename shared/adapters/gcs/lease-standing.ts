import type { Seen } from './lease-object.ts';

export interface Asking {
  /** Of who asks; also that of a lease whose own cannot be read. */
  readonly ttlMs: number;
  readonly holding: string;
  /** This machine's clock, in milliseconds since the epoch; used only where the service tells no time. */
  readonly now: number;
}

/** What a lease is to somebody who asks for it. */
export type Standing = 'mine' | 'held' | 'expired';

/** A `Date` header has whole seconds, rounded down. */
const DATE_STEP_MS = 1000;

/**
 * Judges a lease by one clock, the service's: when it was written against when it was read. This machine may be
 * minutes off and neither takes a lease that is alive nor leaves one that is dead. One without a time of its own
 * is held: nothing says that it is old.
 */
export function standing({ object, date }: Seen, { ttlMs, holding, now }: Asking): Standing {
  if (object.note?.holding === holding) return 'mine';
  const age = (Number.isNaN(date) ? now : date) - object.updatedAt;
  return age > (object.note?.ttlMs ?? ttlMs) + DATE_STEP_MS ? 'expired' : 'held';
}
