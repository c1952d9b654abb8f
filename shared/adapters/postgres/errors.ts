import { PortError, type PortErrorCode } from '../../ports/error.ts';

/** By the start of Postgres' codes (its manual, appendix A), the longest that fits. */
const CODES: readonly (readonly [start: string, code: PortErrorCode])[] = [
  ['42P01', 'not-found'],
  ['42703', 'not-found'],
  ['3D000', 'not-found'],
  ['3F000', 'not-found'],
  ['42501', 'denied'],
  ['28', 'denied'],
  // A query with other parameters than it was given, and nothing of the network.
  ['08P01', 'invalid'],
  ['08', 'unavailable'],
  ['53', 'unavailable'],
  ['57', 'unavailable'],
  ['40', 'unavailable'],
  ['55P03', 'busy'],
];

/** A server, for messages. */
export interface PostgresPlace {
  /** Host and database. */
  readonly name: string;
  /** Where somebody can give a statement more time, as a part of a sentence. */
  readonly slow: string;
}

/** What the client or the server said, as one sentence without the password. */
export function portError(error: unknown, { name: place, slow }: PostgresPlace): PortError {
  if (error instanceof PortError) return error;
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  const cause = { cause: error };
  const found = CODES.find(([start]) => code.startsWith(start))?.[1];
  if (found === undefined && /^E[A-Z]+$/.test(code)) {
    return new PortError('unavailable', `Postgres at ${place} cannot be reached: ${message}`, cause);
  }
  if (code === '57014') {
    return new PortError('unavailable', `Postgres at ${place} took too long; ${slow}`, cause);
  }
  if (/client password must be/.test(message)) {
    return new PortError('denied', `Postgres at ${place} asks for a password, and none is set`, cause);
  }
  // The client has no code where the connection breaks, or the server is none of Postgres.
  if (code === '') return new PortError('unavailable', `Postgres at ${place}: ${message}`, cause);
  return new PortError(found ?? 'invalid', `Postgres at ${place} says: ${message}`, cause);
}
