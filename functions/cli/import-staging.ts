import { DatabaseSync } from 'node:sqlite';

/** A run as it was read, before its metrics are known. */
export interface StagedRun {
  readonly key: string;
  readonly testName: string;
  /** The process it ran in, where the row says; the same process with the same end is the same run. */
  readonly process: string | null;
  readonly finishedAt: number;
  /** JSON text. */
  readonly row: string;
  /** Where it stood, for people. */
  readonly place: string;
}

export interface StagedMetric {
  readonly key: string;
  readonly name: string;
  readonly row: string;
  readonly place: string;
}

/** Whether a row was taken, is there already, or says something else than the row that is there, at `place`. */
export type Staged = { readonly kind: 'new' | 'same' } | { readonly kind: 'other'; readonly place: string };

/** A run with its metrics, each JSON text. */
export interface JoinedRun {
  readonly row: string;
  readonly place: string;
  readonly metrics: readonly string[];
}

/** Rows of two tables in any order, joined on disk: neither has to fit into memory. */
export interface Staging {
  addRun(run: StagedRun): Staged;
  addMetric(metric: StagedMetric): Staged;
  /** Takes off runs that are another row of the same process and end; answers with their number. */
  collapse(): number;
  counts(): { readonly runs: number; readonly orphans: number; readonly orphanRuns: number };
  /** In the order of their ends. */
  runs(): Iterable<JoinedRun>;
  close(): void;
}

const TABLES = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  CREATE TABLE runs (key TEXT PRIMARY KEY, test_name TEXT, process TEXT, finished_at INTEGER, row TEXT, place TEXT);
  CREATE TABLE metrics (key TEXT, name TEXT, row TEXT, place TEXT, PRIMARY KEY (key, name)) WITHOUT ROWID;
  BEGIN;`;

// Which of several rows counts may not depend on the order of the files.
const TWICE = `
  CREATE INDEX runs_process ON runs (process, test_name, finished_at, key) WHERE process IS NOT NULL;
  CREATE TABLE twice AS SELECT key FROM runs AS run WHERE process IS NOT NULL AND EXISTS (
    SELECT 1 FROM runs AS other WHERE other.process = run.process AND other.test_name = run.test_name
      AND other.finished_at = run.finished_at AND other.key < run.key);
  DELETE FROM metrics WHERE key IN (SELECT key FROM twice);
  DELETE FROM runs WHERE key IN (SELECT key FROM twice);`;

/** A database in a file of the system's own, gone when it is closed or the process dies. */
export function openStaging(): Staging {
  const db = new DatabaseSync('');
  db.exec(TABLES);
  const addRun = db.prepare('INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?)');
  const run = db.prepare('SELECT row, place FROM runs WHERE key = ?');
  const addMetric = db.prepare('INSERT OR IGNORE INTO metrics VALUES (?, ?, ?, ?)');
  const metric = db.prepare('SELECT row, place FROM metrics WHERE key = ? AND name = ?');
  const metrics = db.prepare('SELECT row FROM metrics WHERE key = ? ORDER BY name');
  return {
    addRun({ key, testName, process, finishedAt, row, place }) {
      const { changes } = addRun.run(key, testName, process, finishedAt, row, place);
      return changes > 0 ? { kind: 'new' } : against(run.get(key), row);
    },
    addMetric({ key, name, row, place }) {
      const { changes } = addMetric.run(key, name, row, place);
      return changes > 0 ? { kind: 'new' } : against(metric.get(key, name), row);
    },
    collapse() {
      db.exec(TWICE);
      return Number(db.prepare('SELECT count(*) AS n FROM twice').get()!.n);
    },
    counts() {
      const runs = Number(db.prepare('SELECT count(*) AS n FROM runs').get()!.n);
      const orphans = db
        .prepare(
          'SELECT count(*) AS n, count(DISTINCT key) AS of FROM metrics WHERE key NOT IN (SELECT key FROM runs)',
        )
        .get()!;
      return { runs, orphans: Number(orphans.n), orphanRuns: Number(orphans.of) };
    },
    *runs() {
      const ordered = db.prepare('SELECT key, row, place FROM runs ORDER BY finished_at, key');
      for (const { key, row, place } of ordered.iterate()) {
        const own = metrics.all(key as string).map((one) => String(one.row));
        yield { row: String(row), place: String(place), metrics: own };
      }
    },
    close: () => db.close(),
  };
}

function against(standing: Record<string, unknown> | undefined, row: string): Staged {
  return standing?.row === row ? { kind: 'same' } : { kind: 'other', place: String(standing?.place) };
}
