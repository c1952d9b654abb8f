/** The right to write, while it lasts. */
export interface HeldLease {
  /** Aborts when the lease was lost to somebody else or could not be kept: its holder must stop writing. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Lets one tick at a time work on one state. `acquire` answers null when somebody else holds it; what is held
 * is free again when `release` is called, or its process is gone (at once or, with an expiry, after that).
 */
export interface Lease {
  acquire(): Promise<HeldLease | null>;
}
