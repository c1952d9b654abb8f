import { PortError } from '../ports/error.ts';

/** A place cannot be reached now: its run is tried again, and no other run has to wait for it. */
export class OutOfReach extends Error {}

/** What to record where something cannot be read and never will be. Throws OutOfReach, or what is no failure of a port. */
export function lastingProblem(error: unknown): string {
  if (error instanceof PortError && !error.retryable) return error.message;
  throw error instanceof PortError ? new OutOfReach(error.message, { cause: error }) : error;
}
