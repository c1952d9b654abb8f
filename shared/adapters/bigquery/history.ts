import type { AuthClient } from 'google-auth-library';
import type { History } from '../../ports/history.ts';
import type { RowChange, TableName, TableRow, TableStore, WorkingCopy } from '../../ports/tables.ts';
import { openClient } from './client.ts';
import { decodeRows } from './decode.ts';
import { workOn } from './held.ts';
import { type Holding, holdingOf } from './holding.ts';
import { type Jobs, jobsOf } from './jobs.ts';
import { type Price, peopleQuery } from './people-query.ts';
import { remoteOf } from './remote.ts';
import { migrate, requireSchema } from './schema.ts';
import { allRows } from './statements/whole-table.ts';
import { tableOf } from './tables.ts';
import { patient, type Sleep } from './tries.ts';
import { viewsOf } from './views.ts';
import { type Writer, type WriterLimits, writerOf } from './writer.ts';

export interface BigQueryHistoryOptions {
  readonly projectId: string;
  readonly dataset: string;
  /** Where the dataset is, or is to be made; by default the service's own choice. */
  readonly location?: string;
  /** Makes an empty working copy; adapters do not know each other. */
  readonly workingCopy: () => WorkingCopy;
  /** False: a dataset without a history is an error (`not-found`), and nothing is made. */
  readonly create?: boolean;
  /** On every job, for the bill: lower-case letters, digits, `-` and `_`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Bytes; a statement that would read more fails before it costs anything. */
  readonly maximumBytesBilled?: number;
  /** How far judging looks back, in days. */
  readonly lookbackDays?: number;
  /** Told before a query of a person runs. */
  readonly onPrice?: (price: Price) => void;
  /** Of a stand-in. */
  readonly endpoint?: string;
  /** Who asks; by default whoever the machine or the environment says. */
  readonly authClient?: AuthClient;
  /** For tests: how to wait between two tries, and limits that are met sooner. */
  readonly sleep?: Sleep;
  readonly limits?: WriterLimits & { readonly depth?: number; readonly mostRows?: number };
}

/** A history in BigQuery, whose tables can be copied. */
export type BigQueryHistory = History & TableStore;

/** 1 TB: some dollars. A tick reads some MB, a question of a person what its price says. */
const MAXIMUM_BYTES_BILLED = 1e12;
const DAY_MS = 86_400_000;
const LOOKBACK_DAYS = 400;
/** Several times what a baseline looks back on. */
const DEPTH = 100;

/**
 * History in a dataset of BigQuery. What a pass decides is decided on a working copy of the rows it needs and
 * written in steps that happen as a whole (`held.ts`, `writer.ts`); people are answered from the tables. One object
 * serves one pass at a time.
 */
export async function bigQueryHistory(options: BigQueryHistoryOptions): Promise<BigQueryHistory> {
  const { projectId, dataset, location, workingCopy, create = true, limits = {} } = options;
  const place = { projectId, dataset };
  const sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  const client = patient(await openClient(options), sleep);
  const schema = { place, location };
  const jobs = jobsOf(client, {
    place,
    location,
    maximumBytesBilled: options.maximumBytesBilled ?? MAXIMUM_BYTES_BILLED,
    labels: { app: 'tidemark', ...options.labels },
    sleep,
  });
  await (create ? migrate(client, jobs, schema) : requireSchema(client, schema));
  const writer = writerOf(jobs, limits);
  const remote = remoteOf(jobs, writer, { recovers: create });
  const holding = holdingOf(remote, {
    workingCopy,
    depth: limits.depth ?? DEPTH,
    lookbackMs: (options.lookbackDays ?? LOOKBACK_DAYS) * DAY_MS,
    ...(limits.mostRows === undefined ? {} : { mostRows: limits.mostRows }),
  });
  const views = viewsOf(jobs, workingCopy);
  const query = (sql: string) => peopleQuery(jobs, sql, { onPrice: options.onPrice ?? (() => {}) });
  return {
    ...workOn(holding, remote),
    ...afterFlush({ ...views, query }, holding),
    ...wholeTables(jobs, writer, holding),
    flush: () => holding.flush(),
    close: () => holding.drop(),
  };
}

type Asking = Readonly<Record<string, (...given: never[]) => Promise<unknown>>>;

/** What this process has not written yet is in its answers, too. */
function afterFlush<T extends Asking>(views: T, holding: Holding): T {
  const flushing = Object.entries(views).map(([name, ask]) => [
    name,
    async (...given: never[]) => {
      await holding.flush();
      return ask(...given);
    },
  ]);
  return Object.fromEntries(flushing) as T;
}

function wholeTables(jobs: Jobs, writer: Writer, holding: Holding): TableStore {
  return {
    async *rowsOf(name) {
      await holding.flush();
      const statement = allRows(tableOf(name));
      for await (const { rows } of jobs.pages(statement)) yield decodeRows(rows, statement.columns);
    },
    async putRows(name, rows) {
      await holding.drop();
      await writer.write(new Map([[name, rows.map((row) => asChange(name, row))]]));
    },
  };
}

/** A row of which nobody knows where it stood before: so it is looked for everywhere. */
function asChange(name: TableName, row: TableRow): RowChange {
  return { key: tableOf(name).key.map((part) => String(row[part])), row, between: null };
}
