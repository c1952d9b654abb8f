import type { SourceReading } from '../core/sources/reading.ts';

/** What is asked of a server, its placeholders filled; `connection` is one of those in the config file. */
export type RemoteRequest =
  | { readonly kind: 'mlflow'; readonly connection: string; readonly run: string }
  | {
      readonly kind: 'mlflow';
      readonly connection: string;
      /** Its newest run that the filter lets through counts. */
      readonly experiment: string;
      /** In MLflow's language; null: any. */
      readonly filter: string | null;
    }
  | {
      readonly kind: 'sql';
      readonly connection: string;
      readonly query: string;
      /** Texts for $1 and so on. */
      readonly parameters: readonly string[];
    };

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
