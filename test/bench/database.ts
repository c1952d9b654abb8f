import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqliteHistory } from '../../shared/adapters/sqlite/history.ts';
import { numbers } from './lcg.ts';

/** Few tests, so that each has a long history: that is what a query may stumble over. */
const TESTS = 8;
const METRICS = ['accuracy_final', 'loss_final', 'loss_min', 'total_wall_time'] as const;
const FIRST_NIGHT = Date.parse('2000-01-01T02:00:00Z');
const HOUR_MS = 3_600_000;

export const TEST_NAME = 'grown-0';
export const METRIC: string = METRICS[0];

/**
 * Writes a database with at least `rows` rows of `metric_history`, and of every other table what belongs to
 * them: the adapter makes the tables, the rows go past it, in one transaction.
 */
export async function makeDatabase(file: string, rows: number): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  await sqliteHistory({ file }).close();
  const database = new DatabaseSync(file);
  // Nobody misses this file after a power cut.
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  const put = inserters(database);
  const random = numbers(11);
  for (let index = 0; index * METRICS.length < rows; index++) {
    const run = runOf(index);
    put.event(run);
    put.thread(run);
    put.run(run);
    put.job(run);
    METRICS.forEach((metric, at) => {
      put.metric(run, metric, { value: at + 0.9 + 0.01 * random.normal() });
    });
  }
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

interface MadeRow {
  readonly uuid: string;
  readonly testName: string;
  readonly runId: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

function runOf(index: number): MadeRow {
  // Odd multipliers keep the numbers apart, and scatter them as digests do.
  const word = (factor: number) => (Math.imul(index + 1, factor) >>> 0).toString(16).padStart(8, '0');
  const tail = `${word(2_654_435_761)}${String(index).padStart(8, '0')}`;
  const begun = FIRST_NIGHT + Math.floor(index / TESTS) * HOUR_MS + (index % TESTS) * 60_000;
  return {
    uuid: `${word(0x9e3779b1)}-0000-5000-8${tail.slice(0, 3)}-${tail.slice(3, 15)}`,
    testName: `grown-${index % TESTS}`,
    runId: `run-${index}`,
    startedAt: new Date(begun).toISOString(),
    finishedAt: new Date(begun + HOUR_MS / 2).toISOString(),
  };
}

function inserters(database: DatabaseSync) {
  const event = insert(database, 'run_events', [
    'event_key',
    'thread',
    'kind',
    'test_name',
    'source',
    'id',
    'time',
    'publish_time',
    'body',
    'ingested_at',
  ]);
  const thread = insert(database, 'threads', ['thread', 'unsettled']);
  const run = insert(database, 'runs', [
    'uuid',
    'thread',
    'test_name',
    'run_id',
    'attempt',
    'begun_at',
    'started_at',
    'outcome',
    'finished_at',
    'to_judge',
    'judged',
  ]);
  const job = insert(database, 'job_history', [
    'uuid',
    'run_id',
    'attempt',
    'test_name',
    'job_status',
    'job_duration_sec',
    'timestamp',
    'started_at',
    'finished_at',
    'msg_publish_time',
    'verdict',
    'labels',
    'schema_version',
    'ingested_at',
  ]);
  const metric = insert(database, 'metric_history', [
    'uuid',
    'run_id',
    'test_name',
    'timestamp',
    'metric_name',
    'metric_value',
    'value_kind',
    'metric_lower_bound',
    'verdict',
    'baseline_n',
    'ingested_at',
  ]);
  return {
    event: ({ uuid, testName, runId, finishedAt: at }: MadeRow) =>
      event(uuid, `run:${uuid}`, 'finished', testName, '//bench', runId, at, at, '{}', at),
    thread: ({ uuid }: MadeRow) => thread(`run:${uuid}`, 0),
    run: ({ uuid, testName, runId, startedAt, finishedAt }: MadeRow) =>
      run(uuid, `run:${uuid}`, testName, runId, 1, startedAt, startedAt, 'success', finishedAt, 0, 1),
    job: ({ uuid, testName, runId, startedAt, finishedAt: at }: MadeRow) =>
      job(uuid, runId, 1, testName, 'success', 1800, at, startedAt, at, 0, 'pass', '{}', 1, at),
    metric: (
      { uuid, testName, runId, finishedAt: at }: MadeRow,
      name: string,
      { value }: { value: number },
    ) => metric(uuid, runId, testName, at, name, value, 'finite', 0.5, 'pass', 0, at),
  };
}

function insert(database: DatabaseSync, table: string, columns: readonly string[]) {
  const places = columns.map(() => '?').join(', ');
  const statement = database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`);
  return (...values: readonly (string | number)[]) => void statement.run(...values);
}
