import { dirname, join } from 'node:path';
import type { Unsent } from '../shared/adapters/unsent/store.ts';
import { PortError } from '../shared/ports/error.ts';
import type { EventFiles } from '../shared/ports/event-files.ts';
import type { History } from '../shared/ports/history.ts';
import type { Lease } from '../shared/ports/lease.ts';
import type { Log } from '../shared/ports/log.ts';
import type { Mailer } from '../shared/ports/mailer.ts';
import type { Queue } from '../shared/ports/queue.ts';
import type { Environment, Setup } from './config.ts';
import { splitUrl, unknownUrl } from './urls.ts';

// The whole wiring: a URL picks an adapter, and an adapter is loaded when it is first needed.

export async function openQueue(url: string): Promise<Queue> {
  const wanted = 'spool:FOLDER';
  const { scheme, rest } = splitUrl('queue', url, wanted);
  if (scheme !== 'spool' || rest === '') throw unknownUrl('queue', url, wanted);
  const { spoolQueue } = await import('../shared/adapters/spool/queue.ts');
  return spoolQueue({ folder: rest });
}

/** `create: false`: a history that is not there is an error, and none is made. */
export async function openHistory(
  url: string,
  { create }: { readonly create: boolean; readonly env: Environment },
): Promise<History> {
  const { sqliteHistory } = await import('../shared/adapters/sqlite/history.ts');
  return sqliteHistory({ file: historyFile(url), create });
}

/** A lock beside the database it guards, unless the setup names another one. */
export async function openLease(
  setup: Setup,
  _: { readonly env: Environment; readonly log: Log },
): Promise<Lease> {
  const { sqliteLease } = await import('../shared/adapters/sqlite/lease.ts');
  return sqliteLease(join(dirname(historyFile(setup.history)), 'lease.db'));
}

export function historyFile(url: string): string {
  const wanted = 'sqlite:FILE';
  const { scheme, rest } = splitUrl('history', url, wanted);
  if (scheme !== 'sqlite' || rest === '') throw unknownUrl('history', url, wanted);
  return rest;
}

export async function openMailer(
  url: string,
  options: { readonly password: string | undefined; readonly print: (line: string) => void },
): Promise<Mailer> {
  const wanted = 'eml:FOLDER, smtp://USER@HOST:587 or smtps://USER@HOST:465';
  const { scheme, rest } = splitUrl('mail', url, wanted);
  if (scheme === 'eml' && rest !== '') {
    const { emlMailer } = await import('../shared/adapters/eml/mailer.ts');
    return emlMailer({ folder: rest, print: options.print });
  }
  if (scheme !== 'smtp' && scheme !== 'smtps') throw unknownUrl('mail', url, wanted);
  const { smtpMailer } = await import('../shared/adapters/smtp/mailer.ts');
  return smtpMailer({ url, ...(options.password === undefined ? {} : { password: options.password }) });
}

/** Event files by the scheme of the place; `roots` are the only places allowed, all when it is undefined. */
export async function openEventFiles(
  roots: readonly string[] | undefined,
  _env: Environment,
): Promise<EventFiles> {
  const { fileEventFiles } = await import('../shared/adapters/file/event-files.ts');
  const local = roots?.filter((root) => !isRemote(root));
  const files = fileEventFiles(local === undefined ? {} : { roots: local });
  return {
    concurrency: files.concurrency,
    list: async (place) => {
      if (!isRemote(place)) return files.list(place);
      throw new PortError('invalid', `Cannot read ${place}: this version reads folders of this machine only`);
    },
    open: files.open,
  };
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
