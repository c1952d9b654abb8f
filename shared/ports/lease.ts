/**
 * Lets one tick at a time work on one state. `acquire` answers null when somebody else holds it; what is
 * held is free again when `release` is called or its process is gone.
 */
export interface Lease {
  acquire(): Promise<{ release(): Promise<void> } | null>;
}
