import type { RemoteRequest } from '../core/sources/plan.ts';
import type { SourceReading } from '../core/sources/reading.ts';

export type { RemoteRequest };

/**
 * Where metrics of a run are asked for: a tracking server, a database.
 *
 * `read(request)`: what the other side holds now, names without the prefix of the source. It changes nothing there
 * and has limits of its own for time, size and pages. Throws PortError: `unavailable` when the same may succeed later
 * (not reached, overloaded, timed out), and the run waits for the next tick; `not-found` (no such run, experiment or
 * table), `denied`, `invalid` (no such connection, a query that is refused, an answer that is none, too much of it) are
 * what is said of the run instead. Each message says in one sentence what could not be read from which connection; no
 * message has a password or token in it.
 */
export interface RemoteSource {
  read(request: RemoteRequest): Promise<SourceReading>;
  close(): Promise<void>;
}
