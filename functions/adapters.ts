import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Unsent } from '../shared/adapters/unsent/store.ts';
import type { DecodeV2 } from '../shared/core/message-v2.ts';
import { PortError } from '../shared/ports/error.ts';
import type { EventFile, EventFiles } from '../shared/ports/event-files.ts';
import type { History } from '../shared/ports/history.ts';
import type { Lease } from '../shared/ports/lease.ts';
import type { Log } from '../shared/ports/log.ts';
import type { Mailer } from '../shared/ports/mailer.ts';
import type { Outcomes } from '../shared/ports/outcomes.ts';
import type { Queue } from '../shared/ports/queue.ts';
import type { Environment, Setup } from './config.ts';
import { UsageError } from './errors.ts';

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

/** `create: false`: a history that is not there is an error, and none is made. */
export async function openHistory(
  url: string,
  { create }: { readonly create: boolean; readonly env: Environment },
): Promise<History> {
  const { sqliteHistory } = await import('../shared/adapters/sqlite/history.ts');
  return sqliteHistory({ file: historyFile(url), create });
}

/** The file of an embedded history. */
export function historyFile(url: string): string {
  const { scheme, rest } = split('history', url, HISTORIES);
  if (scheme !== 'sqlite' || rest === '') throw unknown('history', url, HISTORIES);
  return rest;
}

export function isEmbedded(historyUrl: string): boolean {
  return split('history', historyUrl, HISTORIES).scheme === 'sqlite';
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
    return gcsLease({ url, owner: `${hostname()}, process ${process.pid}`, log, ...storageEndpoint(env) });
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
  const { scheme, rest } = split('mail', url, wanted);
  if (scheme === 'eml' && rest !== '') {
    const { emlMailer } = await import('../shared/adapters/eml/mailer.ts');
    return emlMailer({ folder: rest, print: options.print });
  }
  if (scheme !== 'smtp' && scheme !== 'smtps') throw unknown('mail', url, wanted);
  const { smtpMailer } = await import('../shared/adapters/smtp/mailer.ts');
  return smtpMailer({ url, ...(options.password === undefined ? {} : { password: options.password }) });
}

/** Event files by the scheme of the place; `roots` are the only places allowed, all when it is undefined. */
export async function openEventFiles(
  roots: readonly string[] | undefined,
  env: Environment,
): Promise<EventFiles> {
  const { fileEventFiles } = await import('../shared/adapters/file/event-files.ts');
  const files = fileEventFiles(roots === undefined ? {} : { roots: roots.filter((root) => !isRemote(root)) });
  let opened: Promise<EventFiles> | undefined;
  const objects = () => (opened ??= openObjects(roots, env));
  return {
    // Where files of this machine are expected there is nothing to wait for.
    concurrency: roots?.some(isObject) ? (await objects()).concurrency : files.concurrency,
    list: async (place) => {
      if (isObject(place)) return (await objects()).list(place);
      if (!isRemote(place)) return files.list(place);
      throw new PortError('invalid', `Cannot read ${place}: this version reads folders and gs:// only`);
    },
    open: (file, from) =>
      isObject(file.location) ? openLater(objects(), file, from) : files.open(file, from),
  };
}

async function openObjects(roots: readonly string[] | undefined, env: Environment): Promise<EventFiles> {
  const { gcsEventFiles } = await import('../shared/adapters/gcs/event-files.ts');
  return gcsEventFiles({ roots: roots?.filter(isObject), ...storageEndpoint(env) });
}

async function* openLater(
  files: Promise<EventFiles>,
  file: EventFile,
  from?: number,
): AsyncGenerator<Uint8Array> {
  yield* (await files).open(file, from);
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

/** Stand-ins of Cloud Storage are reached as Google's own clients reach them. */
function storageEndpoint({ STORAGE_EMULATOR_HOST: host }: Environment) {
  if (!host) return {};
  return { endpoint: /^https?:\/\//.test(host) ? host : `http://${host}` };
}

function isObject(place: string): boolean {
  return /^gs:\/\//i.test(place);
}

/** A URL of something that is not on this machine: any scheme but `file`. */
function isRemote(place: string): boolean {
  return isUrl(place) && !/^file:/i.test(place);
}

/** Whether a place is a URL, `file://` too: then it is no path, and nothing to resolve against a folder. */
export function isUrl(place: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(place);
}

export async function openUnsent(stateFolder: string): Promise<Unsent> {
  const { unsentStore } = await import('../shared/adapters/unsent/store.ts');
  return unsentStore({ folder: join(stateFolder, 'unsent') });
}
