import { OAuth2Client } from 'google-auth-library';
import {
  type BigQueryHistory,
  type BigQueryHistoryOptions,
  bigQueryHistory,
} from '../../shared/adapters/bigquery/history.ts';
import { sqliteWorkingCopy } from '../../shared/adapters/sqlite/working-copy.ts';
import { bigQueryStandIn, uniqueName } from './stand-ins.ts';

/** Who asks a stand-in; without anybody the client would look for a real identity, and cannot load files. */
export function anybody(): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: 'anybody', expiry_date: Date.UTC(2100, 0, 1) });
  return client;
}

/** A history on the stand-in, in a dataset of its own unless one is named. */
export function standInHistory(options: Partial<BigQueryHistoryOptions> = {}): Promise<BigQueryHistory> {
  const { endpoint, project } = bigQueryStandIn();
  return bigQueryHistory({
    projectId: project,
    dataset: uniqueName('history'),
    workingCopy: sqliteWorkingCopy,
    endpoint,
    authClient: anybody(),
    ...options,
  });
}
