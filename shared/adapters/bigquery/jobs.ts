import type { TableRow } from '../../ports/tables.ts';
import type { Client, ClientJob, DryRun, JobConfiguration, Page } from './client.ts';
import { decodeRows } from './decode.ts';
import { failureOf, type Place, portError } from './errors.ts';
import { type ParameterValue, type QueryParameter, queryParameter } from './parameters.ts';
import type { Statement } from './statement.ts';
import { type Sleep, tries } from './tries.ts';

export type Values = Readonly<Record<string, ParameterValue>>;

/** Runs statements as jobs, each tried a few times; every failure is a PortError or a mistake of ours. */
export interface Jobs {
  rows(statement: Statement, values?: Values): Promise<TableRow[]>;
  /** The same a page at a time and as it comes, for answers larger than memory or of unknown columns. */
  pages(statement: Statement, values?: Values): AsyncIterable<Page>;
  /** What the statement would be and read; nothing runs. */
  dryRun(statement: Statement): Promise<DryRun>;
  run(statement: Statement, values?: Values): Promise<void>;
  /** Adds lines of JSON, one a row, to a table; a line may come twice. */
  load(table: string, lines: readonly string[]): Promise<void>;
}

export interface JobsOptions {
  readonly place: Place;
  readonly location: string | undefined;
  /** A statement that would read more fails before it costs anything. */
  readonly maximumBytesBilled: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly sleep: Sleep;
}

/** A job that takes longer is ended by the service. */
const JOB_LIMIT_MS = 5 * 60_000;

export function jobsOf(client: Client, options: JobsOptions): Jobs {
  const { place, location } = options;
  const query = (statement: Statement, values: Values) => {
    const configuration = queryConfiguration(statement, { values, options });
    return attempts(options, async (id) => {
      const job = await taken(() => client.begin({ id, configuration, location }), client.find(id, location));
      return { job, first: await job.results() };
    });
  };
  async function* pages(statement: Statement, values: Values = {}): AsyncIterable<Page> {
    const { job, first } = await query(statement, values);
    yield first;
    let { pageToken } = first;
    while (pageToken !== null) {
      const asked = pageToken;
      const page = await attempts(options, () => job.results(asked));
      yield page;
      pageToken = page.pageToken;
    }
  }
  return {
    pages,
    async rows(statement, values) {
      const rows: TableRow[] = [];
      for await (const page of pages(statement, values)) {
        for (const row of decodeRows(page.rows, statement.columns)) rows.push(row);
      }
      return rows;
    },

    dryRun(statement) {
      const configuration = queryConfiguration(statement, { values: {}, options });
      return attempts(options, () => client.dryRun(configuration, location));
    },

    async run(statement, values = {}) {
      await query(statement, values);
    },

    async load(table, lines) {
      await attempts(options, async (id) => {
        const source = { id, table, lines, location, dataset: place.dataset, labels: options.labels };
        const job = await taken(() => client.load(source), client.find(id, location));
        const rows = await job.loaded();
        // An upload that was cut may look whole to who received it; whatever it brought is harmless twice.
        if (rows < source.lines.length) throw torn(rows, source.lines.length);
      });
    },
  };
}

/** The configuration of a query job. */
function queryConfiguration(
  { sql, parameters }: Statement,
  { values, options }: { readonly values: Values; readonly options: JobsOptions },
): JobConfiguration {
  const { place, maximumBytesBilled, labels } = options;
  const queryParameters = parametersOf(parameters, values);
  return {
    query: {
      query: sql,
      useLegacySql: false,
      defaultDataset: { projectId: place.projectId, datasetId: place.dataset },
      maximumBytesBilled: String(maximumBytesBilled),
      ...(queryParameters.length === 0 ? {} : { parameterMode: 'NAMED', queryParameters }),
    },
    labels,
    jobTimeoutMs: String(JOB_LIMIT_MS),
  };
}

function torn(rows: number, wanted: number): Error {
  const message = `${rows} of ${wanted} rows were loaded`;
  return Object.assign(new Error(message), { errors: [{ reason: 'backendError', message }] });
}

/** The parameters of a statement with their values. */
function parametersOf(parameters: Statement['parameters'], values: Values): QueryParameter[] {
  return Object.entries(parameters).map(([name, type]) =>
    queryParameter(name, { type, value: values[name] ?? null }),
  );
}

/** A used job id says that our own request arrived, although we heard nothing of it: that job is the one. */
async function taken(begin: () => Promise<ClientJob>, known: ClientJob): Promise<ClientJob> {
  try {
    return await begin();
  } catch (error) {
    const { status, reason } = failureOf(error);
    if (status === 409 && (reason === 'duplicate' || reason === '')) return known;
    throw error;
  }
}

async function attempts<T>({ place, sleep }: JobsOptions, work: (jobId: string) => Promise<T>): Promise<T> {
  try {
    return await tries(sleep, work);
  } catch (error) {
    throw portError(error, place);
  }
}
