import { OAuth2Client } from 'google-auth-library';
import { type Client, openClient } from '../../shared/adapters/bigquery/client.ts';
import {
  type BigQueryHistory,
  type BigQueryHistoryOptions,
  bigQueryHistory,
} from '../../shared/adapters/bigquery/history.ts';
import { type Jobs, jobsOf } from '../../shared/adapters/bigquery/jobs.ts';
import type { Statement } from '../../shared/adapters/bigquery/statement.ts';
import { allRows } from '../../shared/adapters/bigquery/statements/whole-table.ts';
import { type Column, JOURNAL, TABLES, type Table } from '../../shared/adapters/bigquery/tables.ts';
import { sqliteWorkingCopy } from '../../shared/adapters/sqlite/working-copy.ts';
import type { TableRow } from '../../shared/ports/tables.ts';
import { bigQueryStandIn, uniqueName } from './stand-ins.ts';

/** Who asks a stand-in; without anybody the client would look for a real identity, and cannot load files. */
export function anybody(): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: 'anybody', expiry_date: Date.UTC(2100, 0, 1) });
  return client;
}

/** A history on the stand-in, in a dataset of its own unless one is named; it never waits between two tries. */
export function standInHistory(options: Partial<BigQueryHistoryOptions> = {}): Promise<BigQueryHistory> {
  const { endpoint, project } = bigQueryStandIn();
  return bigQueryHistory({
    projectId: project,
    dataset: uniqueName('history'),
    workingCopy: sqliteWorkingCopy,
    endpoint,
    authClient: anybody(),
    sleep: async () => {},
    ...options,
  });
}

/** The calls by which a test looks at, and changes, what lies in a dataset. */
export async function standInCalls(
  dataset: string,
): Promise<{ readonly client: Client; readonly jobs: Jobs }> {
  const { endpoint, project: projectId } = bigQueryStandIn();
  const client = await openClient({ projectId, endpoint, authClient: anybody() });
  const jobs = jobsOf(client, {
    place: { projectId, dataset },
    location: undefined,
    maximumBytesBilled: 1e9,
    labels: {},
    sleep: async () => {},
  });
  return { client, jobs };
}

/** SQL of a test. */
export function sql(text: string, columns: readonly Column[] = []): Statement {
  return { name: 'test', sql: text, parameters: {}, columns };
}

/** A dataset that is made once and emptied before each use: the stand-in slows down with every table it has. */
export function reusedDataset(): () => Promise<string> {
  const dataset = uniqueName('history');
  let made = false;
  return async () => {
    if (made) {
      const { jobs } = await standInCalls(dataset);
      const steps = [...TABLES, JOURNAL].map(({ name }) => `DELETE FROM ${name} WHERE TRUE`);
      await jobs.run(sql(`BEGIN TRANSACTION;\n${steps.join(';\n')};\nCOMMIT TRANSACTION;`));
    }
    made = true;
    return dataset;
  };
}

/** All rows of tables, in the order of their keys. */
export async function rowsIn(
  dataset: string,
  tables: readonly Table[] = TABLES,
): Promise<Readonly<Record<string, readonly TableRow[]>>> {
  const { jobs } = await standInCalls(dataset);
  const all: Record<string, readonly TableRow[]> = {};
  for (const table of tables) all[table.name] = await jobs.rows(allRows(table));
  return all;
}
