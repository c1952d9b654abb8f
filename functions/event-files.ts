import { PortError } from '../shared/ports/error.ts';
import type { EventFile, EventFiles } from '../shared/ports/event-files.ts';
import { standInOfStorage } from './adapters.ts';
import type { Environment } from './config.ts';
import { UsageError } from './errors.ts';
import { isUrl } from './is-url.ts';

export interface EventFilesSetup {
  /** The only places allowed; all when undefined. */
  readonly roots: readonly string[] | undefined;
  /** A bucket is no reason to wait where nobody may ever have logged in: then what lies there is missing. */
  readonly onOneMachine: boolean;
}

/** What a store of objects is opened with. */
interface StoreSetup {
  readonly roots: readonly string[] | undefined;
  readonly signedOut: 'denied' | 'unavailable';
  readonly env: Environment;
}

interface Store {
  readonly has: (place: string) => boolean;
  readonly open: (setup: StoreSetup) => Promise<EventFiles>;
}

const STORES: readonly Store[] = [
  {
    has: isGcs,
    open: async ({ env, ...setup }) => {
      const { gcsEventFiles } = await import('../shared/adapters/gcs/event-files.ts');
      return gcsEventFiles({ ...setup, ...standInOfStorage(env) });
    },
  },
  {
    has: isS3,
    open: async ({ env, ...setup }) => {
      const { s3EventFiles } = await import('../shared/adapters/s3/event-files.ts');
      return s3EventFiles({ ...setup, ...(await s3Settings(env)) });
    },
  },
];

/** Files by the scheme of the place; a store is loaded when it is first needed. */
export async function openEventFiles(setup: EventFilesSetup, env: Environment): Promise<EventFiles> {
  const { roots, onOneMachine } = setup;
  const { fileEventFiles } = await import('../shared/adapters/file/event-files.ts');
  const files = fileEventFiles(roots === undefined ? {} : { roots: roots.filter((root) => !isRemote(root)) });
  const signedOut = onOneMachine ? 'denied' : 'unavailable';
  const opened = new Map<Store, Promise<EventFiles>>();
  const at = async (place: string): Promise<EventFiles> => {
    const store = STORES.find(({ has }) => has(place));
    if (store !== undefined) {
      const there = opened.get(store) ?? store.open({ roots: roots?.filter(store.has), signedOut, env });
      opened.set(store, there);
      return there;
    }
    if (!isRemote(place)) return files;
    throw new PortError('invalid', `Cannot read ${place}: this version reads folders, gs:// and s3:// only`);
  };
  const far = roots?.find((root) => STORES.some(({ has }) => has(root)));
  return {
    // Where files of this machine are expected there is nothing to wait for.
    concurrency: far === undefined ? files.concurrency : (await at(far)).concurrency,
    list: async (place) => (await at(place)).list(place),
    find: async (place, pattern) => (await at(place)).find(place, pattern),
    open: (file, from) =>
      isRemote(file.location) ? openLater(at(file.location), file, from) : files.open(file, from),
  };
}

async function* openLater(
  files: Promise<EventFiles>,
  file: EventFile,
  from?: number,
): AsyncGenerator<Uint8Array> {
  yield* (await files).open(file, from);
}

/**
 * How S3 is reached, by the variables of Amazon's own tools: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL for another server,
 * AWS_REGION or AWS_DEFAULT_REGION. Keys are read where they are needed. Throws UsageError for what cannot be meant.
 */
export async function s3Settings(env: Environment): Promise<{ endpoint?: string; region?: string }> {
  const { isRegion } = await import('../shared/adapters/s3/url.ts');
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (endpoint && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)))
    throw new UsageError('Cannot use AWS_ENDPOINT_URL: wanted http://HOST:PORT or https://HOST');
  // A server of one's own may call its region what it likes; at Amazon it is a part of the host.
  if (region && !endpoint && !isRegion(region))
    throw new UsageError(`Cannot use AWS_REGION ${JSON.stringify(region)}: wanted one such as eu-central-1`);
  return { ...(endpoint ? { endpoint } : {}), ...(region ? { region } : {}) };
}

/** Whether a place is in Cloud Storage. */
export function isGcs(place: string): boolean {
  return /^gs:\/\//i.test(place);
}

/** Whether a place is in S3. */
export function isS3(place: string): boolean {
  return /^s3:\/\//i.test(place);
}

/** A URL of something that is not on this machine: any scheme but `file`. */
function isRemote(place: string): boolean {
  return isUrl(place) && !/^file:/i.test(place);
}
