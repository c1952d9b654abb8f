import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { BigQuery, Job, TableMetadata } from '@google-cloud/bigquery';
import type { AuthClient } from 'google-auth-library';
import type { RawRow } from './decode.ts';
import { failureOf } from './errors.ts';

/** `configuration` of a job, as the service's interface has it. */
export type JobConfiguration = Readonly<Record<string, unknown>>;

/** What a dry run says. */
export interface DryRun {
  readonly statementType: string;
  readonly bytes: number;
}

/** A column as an answer or a table has it. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly Field[];
}

export interface Page {
  readonly rows: readonly RawRow[];
  readonly pageToken: string | null;
  readonly fields: readonly Field[];
}

export interface ClientJob {
  /** Waits for the end of a query job; answers with its first page, or the page behind a token. */
  results(pageToken?: string): Promise<Page>;
  /** Waits for the end of a load job; answers how many rows it wrote. */
  loaded(): Promise<number>;
}

export interface LoadSource {
  readonly id: string;
  readonly dataset: string;
  readonly table: string;
  readonly lines: readonly string[];
  readonly location: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** The few calls we make; each throws what the service or the way to it says, untranslated and untried. */
export interface Client {
  begin(job: {
    readonly id: string;
    readonly configuration: JobConfiguration;
    readonly location: string | undefined;
  }): Promise<ClientJob>;
  find(id: string, location: string | undefined): ClientJob;
  dryRun(configuration: JobConfiguration, location: string | undefined): Promise<DryRun>;
  load(source: LoadSource): Promise<ClientJob>;
  /** Null: it is not there. */
  table(dataset: string, name: string): Promise<TableMetadata | null>;
  /** Those of the permissions that the caller has on a table. */
  allowed(dataset: string, name: string, permissions: readonly string[]): Promise<readonly string[]>;
  createTable(dataset: string, name: string, metadata: object): Promise<void>;
  changeTable(dataset: string, name: string, metadata: object): Promise<void>;
  hasDataset(dataset: string): Promise<boolean>;
  createDataset(dataset: string, location: string | undefined): Promise<void>;
}

export interface ClientOptions {
  readonly projectId: string;
  /** Of a stand-in; the service itself when it is left out. */
  readonly endpoint?: string;
  /** Who asks; by default whoever the machine or the environment says. */
  readonly authClient?: AuthClient;
}

/** No answer within this time counts as a broken connection; the service itself answers a waiting query in 10 s. */
const REQUEST_LIMIT_MS = 60_000;

/** The SDK is loaded here, so that whoever has no history in BigQuery does not wait for it. */
export async function openClient({ projectId, endpoint, authClient }: ClientOptions): Promise<Client> {
  // Of a CommonJS package a bundle has the whole and no single names.
  const { BigQuery } = (await import('@google-cloud/bigquery')).default;
  const bigQuery = new BigQuery({
    projectId,
    // Tries are counted in one place, ours, where a job keeps its id.
    autoRetry: false,
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }),
    ...(authClient === undefined ? {} : { authClient }),
  });
  return { ...jobCalls(bigQuery), ...tableCalls(bigQuery) };
}

type JobCalls = Pick<Client, 'begin' | 'find' | 'dryRun' | 'load'>;

function jobCalls(bigQuery: BigQuery): JobCalls {
  const find: Client['find'] = (id, location) =>
    clientJob(bigQuery.job(id, location === undefined ? {} : { location }));
  return {
    find,
    async begin({ id, configuration, location }) {
      await within(insertJob(bigQuery, { configuration, reference: { jobId: id, ...placed(location) } }));
      return find(id, location);
    },

    async dryRun(configuration, location) {
      const [job] = await within(
        bigQuery.createJob({ configuration: { ...configuration, dryRun: true }, ...placed(location) }),
      );
      const { query } = (job.metadata as { statistics: { query?: Record<string, unknown> } }).statistics;
      return {
        statementType: String(query?.statementType ?? ''),
        bytes: Number(query?.totalBytesProcessed ?? 0),
      };
    },

    async load({ id, dataset, table, lines, location, labels }) {
      const target = bigQuery.dataset(dataset).table(table);
      if (location !== undefined) target.location = location;
      const stream = target.createWriteStream_({
        jobId: id,
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        writeDisposition: 'WRITE_APPEND',
        createDisposition: 'CREATE_NEVER',
        labels,
      } as object);
      const begun = once(stream, 'job') as Promise<[Job | null]>;
      Readable.from(withLineEnds(lines)).pipe(stream);
      const [job] = await within(begun, 10 * REQUEST_LIMIT_MS);
      if (job === null) throw new Error(STRANGE);
      return clientJob(job);
    },
  };
}

/** What the service says of a job that it was given; it may have failed already. */
interface BegunJob {
  readonly jobReference?: { readonly jobId?: unknown };
  readonly status?: { readonly errors?: readonly { readonly message?: string }[] };
}

/**
 * Begins a job. Not by the client's own call for it, which takes any answer for a job, and throws where nobody can
 * catch it when it is none.
 */
async function insertJob(
  bigQuery: BigQuery,
  job: { readonly configuration: JobConfiguration; readonly reference: { readonly jobId: string } },
): Promise<void> {
  const jobReference = { projectId: bigQuery.projectId, ...job.reference };
  const body = { configuration: job.configuration, jobReference };
  const answer = await new Promise<unknown>((done, fail) => {
    bigQuery.request({ method: 'POST', uri: '/jobs', json: body }, (error, said) =>
      error ? fail(error) : done(said),
    );
  });
  const { jobReference: begun, status } = (answer ?? {}) as BegunJob;
  if (begun?.jobId !== job.reference.jobId) throw new Error(STRANGE);
  const { errors } = status ?? {};
  if (errors?.length) throw Object.assign(new Error(errors[0]?.message), { errors });
}

/** Nobody knows then what became of the request, so it is made again under the same id. */
const STRANGE = 'the answer is not what BigQuery gives';

function tableCalls(bigQuery: BigQuery): Omit<Client, keyof JobCalls> {
  return {
    async table(dataset, name) {
      try {
        const [metadata] = await within(bigQuery.dataset(dataset).table(name).getMetadata());
        return metadata as TableMetadata;
      } catch (error) {
        if (failureOf(error).status === 404) return null;
        throw error;
      }
    },
    async allowed(dataset, name, permissions) {
      const asked = bigQuery
        .dataset(dataset)
        .table(name)
        .testIamPermissions([...permissions]);
      const [{ permissions: granted }] = (await within(asked)) as [{ readonly permissions?: string[] }];
      return granted ?? [];
    },
    async createTable(dataset, name, metadata) {
      await within(bigQuery.dataset(dataset).createTable(name, metadata));
    },
    async changeTable(dataset, name, metadata) {
      await within(bigQuery.dataset(dataset).table(name).setMetadata(metadata));
    },
    async hasDataset(dataset) {
      const [found] = await within(bigQuery.dataset(dataset).exists());
      return found;
    },
    async createDataset(dataset, location) {
      await within(bigQuery.createDataset(dataset, placed(location)));
    },
  };
}

function placed(location: string | undefined): { readonly location?: string } {
  return location === undefined ? {} : { location };
}

function* withLineEnds(lines: Iterable<string>): Iterable<string> {
  for (const line of lines) yield `${line}\n`;
}

function clientJob(job: Job): ClientJob {
  return {
    async results(pageToken) {
      for (;;) {
        const [rows, , answer] = (await within(
          job.getQueryResults({
            skipParsing: true,
            autoPaginate: false,
            ...(pageToken === undefined ? {} : { pageToken }),
          } as object),
        )) as unknown as [RawRow[], unknown, Answer | undefined];
        if (answer?.jobComplete === false) continue;
        // Whatever else stands on the way may answer with 200, too: that must not read as a history without rows.
        if (answer?.jobComplete !== true) throw new Error(STRANGE);
        return { rows, pageToken: answer.pageToken ?? null, fields: answer.schema?.fields ?? [] };
      }
    },

    async loaded() {
      for (let wait = 100; ; wait = Math.min(2 * wait, 2000)) {
        const [{ status, statistics }] = (await within(job.getMetadata())) as unknown as [Partial<JobState>];
        if (status === undefined) throw new Error(STRANGE);
        if (status.errorResult !== undefined)
          throw Object.assign(new Error('job failed'), { errors: [status.errorResult] });
        if (status.state === 'DONE') return Number(statistics?.load?.outputRows ?? 0);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    },
  };
}

interface Answer {
  readonly jobComplete?: boolean;
  readonly pageToken?: string;
  readonly schema?: { readonly fields?: readonly Field[] };
}

interface JobState {
  readonly status: {
    readonly state: string;
    readonly errorResult?: { readonly reason?: string; readonly message?: string };
  };
  readonly statistics?: { readonly load?: { readonly outputRows?: string } };
}

/** A request without a limit could keep a pass from ever ending. */
async function within<T>(request: Promise<T>, ms = REQUEST_LIMIT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} seconds`)), ms);
  });
  try {
    return await Promise.race([request, limit]);
  } finally {
    clearTimeout(timer);
  }
}
