import type { Check } from '../../ports/check.ts';
import { PortError } from '../../ports/error.ts';
import { networkFailure, portError } from '../remote/failure.ts';
import { type ObjectPlace, parseObjectUrl } from '../remote/place.ts';
import { S3_RIGHT } from './event-files.ts';
import { type S3Connection, S3Http } from './http.ts';
import { pageOf } from './listing.ts';
import { S3 } from './url.ts';

export interface S3CheckOptions extends S3Connection {
  /** `s3://BUCKET` or `s3://BUCKET/FOLDER`: what files are read from. */
  readonly roots: readonly string[];
}

/** Milliseconds: a person waits for the answers. */
const PATIENCE = { waitMs: 10_000, requestMs: 10_000 };

/** Whether roots in S3 may be listed and read. Writes nothing; never throws for what the service says. */
export async function s3Checks(options: S3CheckOptions): Promise<Check[]> {
  const http = new S3Http({ limits: PATIENCE, ...options });
  return Promise.all(
    options.roots.map(async (root) => {
      const what = `model root ${root}`;
      try {
        return { what, ...(await rootCheck(http, root)) };
      } catch (error) {
        if (!(error instanceof PortError)) throw error;
        return { what, state: 'bad' as const, detail: error.message };
      }
    }),
  );
}

/** Lists one object and asks for its head, which takes the rights that reading takes. One attempt: people ask again. */
async function rootCheck(http: S3Http, root: string): Promise<Omit<Check, 'what'>> {
  const place = parseObjectUrl(S3, root, { cannot: 'Cannot use the model root' });
  const { bucket, name } = place;
  const prefix = name === '' ? '' : `${name}/`;
  const first = await asked(`Cannot look into ${JSON.stringify(root)}`, place, async () => {
    const { objects } = await pageOf(http, bucket, { prefix, token: null, most: 1 });
    return objects[0]?.name;
  });
  if (first === undefined) {
    const detail =
      'may be listed, and nothing is there yet; whether it may be read shows with the first object';
    return { state: 'note', detail };
  }
  await asked(`Cannot read what is under ${JSON.stringify(root)}`, place, () => head(http, bucket, first));
  return { state: 'ok', detail: 'may be listed and read' };
}

async function head(http: S3Http, bucket: string, name: string): Promise<void> {
  const waits = http.waits();
  try {
    await http.send({ bucket, name, method: 'HEAD' }, waits);
  } finally {
    waits.end();
  }
}

async function asked<T>(cannot: string, { bucket }: ObjectPlace, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw portError(networkFailure(error), {
      cannot,
      right: S3_RIGHT,
      missing: ['not-found', `there is no bucket "${bucket}"`],
      changed: ['unavailable', 'it changed while it was looked at'],
    });
  }
}
