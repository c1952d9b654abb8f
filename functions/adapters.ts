import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { DecodeV2 } from '../shared/core/message-v2.ts';
import type { Charts } from '../shared/ports/charts.ts';
import type { History } from '../shared/ports/history.ts';
import type { Lease } from '../shared/ports/lease.ts';
import type { Log } from '../shared/ports/log.ts';
import type { Mailer } from '../shared/ports/mailer.ts';
import type { Outcomes } from '../shared/ports/outcomes.ts';
import type { Outputs } from '../shared/ports/outputs.ts';
import type { Queue } from '../shared/ports/queue.ts';
import type { TableStore } from '../shared/ports/tables.ts';
import type { Unsent } from '../shared/ports/unsent.ts';
import type { Environment, Setup } from './config.ts';
import { UsageError } from './errors.ts';
import { packageFolder } from './package-folder.ts';

// The whole wiring: a URL picks an adapter, and an adapter is loaded when it is first needed.

/** `scheme:rest` of a setting, or a sentence that says what would do. */
function split(setting: string, url: string, wanted: string): { scheme: string; rest: string } {
  const at = url.indexOf(':');
  if (at <= 0) throw new UsageError(`Cannot use ${setting} "${url}": wanted ${wanted}`);
  return { scheme: url.slice(0, at), rest: url.slice(at + 1) };
}

function unknown(setting: string, url: string, wanted: string): UsageError {
  return new UsageError(`Cannot use ${setting} "${url}": this version knows ${wanted}`);
}

export async function openQueue(url: string): Promise<Queue> {
  const wanted = 'spool:FOLDER or pubsub://PROJECT/TOPIC?subscription=NAME';
  const { scheme, rest } = split('queue', url, wanted);
  if (scheme === 'pubsub') {
    const [{ pubSubQueue }, { pubSubPlace }] = await Promise.all([
      import('../shared/adapters/pubsub/queue.ts'),
      import('../shared/adapters/pubsub/place.ts'),
    ]);
    return pubSubQueue(pubSubPlace(url));
  }
  if (scheme !== 'spool' || rest === '') throw unknown('queue', url, wanted);
  const { spoolQueue } = await import('../shared/adapters/spool/queue.ts');
  return spoolQueue({ folder: rest });
}

const HISTORIES = 'sqlite:FILE or bigquery://PROJECT/DATASET?location=US';

export interface HistoryOptions {
  /** False: a history that is not there is an error, and none is made. */
  readonly create: boolean;
  readonly env: Environment;
  /** Told what a person's query will read, where reading has a price; throws to refuse it. */
  readonly onPrice?: (price: { readonly bytes: number }) => void;
}

export async function openHistory(
  url: string,
  { create, env, onPrice }: HistoryOptions,
): Promise<History & TableStore> {
  if (isEmbedded(url)) {
    const { sqliteHistory } = await import('../shared/adapters/sqlite/history.ts');
    return sqliteHistory({ file: historyFile(url), create });
  }
  const [{ bigQueryHistory }, { bigQueryPlace }, { sqliteWorkingCopy }] = await Promise.all([
    import('../shared/adapters/bigquery/history.ts'),
    import('../shared/adapters/bigquery/place.ts'),
    import('../shared/adapters/sqlite/working-copy.ts'),
  ]);
  const { project, dataset, location } = bigQueryPlace(url);
  return bigQueryHistory({
    projectId: project,
    dataset,
    location,
    create,
    workingCopy: sqliteWorkingCopy,
    ...(onPrice === undefined ? {} : { onPrice }),
    ...(await standInOfBigQuery(env)),
  });
}

/** The file of an embedded history. */
export function historyFile(url: string): string {
  const { scheme, rest } = split('history', url, HISTORIES);
  if (scheme !== 'sqlite' || rest === '') throw unknown('history', url, HISTORIES);
  return rest;
}

/** Whether a history is a file of this machine. Throws for a URL of neither kind. */
export function isEmbedded(url: string): boolean {
  const { scheme } = split('history', url, HISTORIES);
  if (scheme !== 'sqlite' && scheme !== 'bigquery') throw unknown('history', url, HISTORIES);
  return scheme === 'sqlite';
}

/** A lock beside the database it guards, unless the setup names an object. */
export async function openLease(
  { lease: url, history }: Setup,
  { env, log }: { readonly env: Environment; readonly log: Log },
): Promise<Lease> {
  const wanted = 'gs://BUCKET/OBJECT';
  if (url !== undefined) {
    if (split('lease', url, wanted).scheme !== 'gs') throw unknown('lease', url, wanted);
    const { gcsLease } = await import('../shared/adapters/gcs/lease.ts');
    return gcsLease({
      url,
      owner: `${hostname()}, process ${process.pid}`,
      log,
      ...standInOfStorage(env),
    });
  }
  if (!isEmbedded(history)) {
    throw new UsageError(
      `Cannot work on ${history} without a lease: set TIDEMARK_LEASE to ${wanted}, so that one tick at a time does`,
    );
  }
  const { sqliteLease } = await import('../shared/adapters/sqlite/lease.ts');
  return sqliteLease(join(dirname(historyFile(history)), 'lease.db'));
}

export async function openMailer(
  url: string,
  options: { readonly password: string | undefined; readonly print: (line: string) => void },
): Promise<Mailer> {
  const wanted = 'eml:FOLDER, smtp://USER@HOST:587 or smtps://USER@HOST:465';
  const at = url.indexOf(':');
  const [scheme, rest] = [url.slice(0, Math.max(at, 0)), url.slice(at + 1)];
  if (scheme === 'eml' && rest !== '') {
    const { emlMailer } = await import('../shared/adapters/eml/mailer.ts');
    return emlMailer({ folder: rest, print: options.print });
  }
  // Only its beginning is repeated: somebody may have put a password into it.
  if (scheme !== 'smtp' && scheme !== 'smtps') throw unknown('mail', `${scheme}:…`, wanted);
  const { smtpMailer } = await import('../shared/adapters/smtp/mailer.ts');
  return smtpMailer({ url, ...(options.password === undefined ? {} : { password: options.password }) });
}

/** Draws the charts of mails; what that takes is loaded with the first one, since most passes send no mail. */
export function openCharts(): Charts {
  let opened: Promise<Charts> | undefined;
  const charts = () => (opened ??= loadCharts());
  return { draw: async (svg) => (await charts()).draw(svg) };
}

async function loadCharts(): Promise<Charts> {
  const { resvgCharts } = await import('../shared/adapters/resvg/charts.ts');
  return resvgCharts({ fonts: join(packageFolder(), 'assets/fonts') });
}

/** Reads v2 messages; loaded when the first one comes. */
export async function openDecodeV2(): Promise<DecodeV2> {
  return (await import('../shared/adapters/protobuf/decode.ts')).decodeV2;
}

/** Clusters that may be asked; null when the config names none. */
export async function openOutcomes({ clusters }: Setup): Promise<Outcomes | null> {
  if (clusters === undefined) return null;
  const [{ kubernetesOutcomes }, { readYamlFile }] = await Promise.all([
    import('../shared/adapters/kubernetes/outcomes.ts'),
    import('./config-file.ts'),
  ]);
  return kubernetesOutcomes({ clusters, readYaml: async (path) => readYamlFile(path) });
}

/** A stand-in answers in the service's place, and is told no token. Google's own variable changes paths, too. */
export async function standInOfBigQuery({ TIDEMARK_BIGQUERY_ENDPOINT: endpoint }: Environment) {
  if (!endpoint) return {};
  // Of a CommonJS package a bundle has the whole and no single names.
  const { OAuth2Client } = (await import('google-auth-library')).default;
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: 'stand-in', expiry_date: Number.MAX_SAFE_INTEGER });
  return { endpoint, authClient };
}

export function standInOfStorage({ TIDEMARK_STORAGE_ENDPOINT: endpoint }: Environment): {
  endpoint?: string;
} {
  return endpoint ? { endpoint } : {};
}

export async function openUnsent(stateFolder: string): Promise<Unsent> {
  const { unsentStore } = await import('../shared/adapters/unsent/store.ts');
  return unsentStore({ folder: join(stateFolder, 'unsent') });
}

/** Stored outputs of versions, for `compare`. The password comes from PGPASSWORD, never from the URL. */
export async function openOutputs(
  url: string,
  { env, timeout }: { readonly env: Environment; readonly timeout: number },
): Promise<Outputs> {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new UsageError('Cannot read --sql: wanted postgres://USER@HOST:5432/DATABASE');
  }
  if (parsed.password !== '') {
    throw new UsageError('The URL of --sql holds a password: remove it and set PGPASSWORD');
  }
  const { postgresOutputs } = await import('../shared/adapters/postgres/outputs.ts');
  return postgresOutputs({ url, password: env.PGPASSWORD, timeout });
}
