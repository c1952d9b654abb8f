import type { CollectedSource, CollectRequest } from '../core/collected.ts';
import { type SourceGatherer, sourceGatherer } from '../core/sources/gather.ts';
import type { PlannedSource } from '../core/sources/plan.ts';
import { PortError } from '../ports/error.ts';
import type { EventFile, EventFiles } from '../ports/event-files.ts';
import type { RemoteSource } from '../ports/source.ts';
import { lastingProblem } from './out-of-reach.ts';

const MIB = 1 << 20;
const LARGEST_FILE = 64 * MIB;
const MOST_FILES = 1000;

/** How sources are reached; without `remote` no server is known. */
export interface SourceReach {
  readonly eventFiles: EventFiles;
  readonly remote?: RemoteSource | undefined;
}

/** What one source of a run says. What cannot be read now throws OutOfReach, what never can is its `problem`. */
export async function readSource(
  source: PlannedSource,
  request: CollectRequest,
  reach: SourceReach,
): Promise<CollectedSource> {
  const gatherer = sourceGatherer(source, request);
  const { from } = source;
  try {
    if (from.kind === 'nowhere') gatherer.fail(from.problem);
    else if (from.kind === 'remote') gatherer.take(await remoteOf(reach).read(from.request), null);
    else await readFound(from, gatherer, reach.eventFiles);
  } catch (error) {
    gatherer.fail(lastingProblem(error));
  }
  return gatherer.collected();
}

function remoteOf({ remote }: SourceReach): RemoteSource {
  if (remote !== undefined) return remote;
  throw new PortError('invalid', 'Cannot ask a server: the config file names no connections');
}

type FilesPlan = Extract<PlannedSource['from'], { kind: 'files' }>;

async function readFound(
  { place, pattern, decode }: FilesPlan,
  gatherer: SourceGatherer,
  store: EventFiles,
): Promise<void> {
  const wanted = `${place === '/' ? '' : place}/${pattern}`;
  const { files, skipped } = await found(store, { place, pattern });
  for (const { path, reason } of skipped) gatherer.note(`"${path}" was not read: ${reason}`);
  if (files.length === 0) gatherer.fail(`Cannot read "${wanted}": there is no such file`);
  if (files.length > MOST_FILES) {
    return gatherer.fail(
      `Cannot read "${wanted}": it names ${files.length} files; ${MOST_FILES} are the most`,
    );
  }
  for (const file of files) {
    const of = files.length === 1 ? null : `"${file.path}"`;
    const result =
      file.bytes > LARGEST_FILE
        ? { problem: `is ${Math.ceil(file.bytes / MIB)} MiB; ${LARGEST_FILE / MIB} MiB are the most` }
        : decode(await bytesOf(file, store));
    if ('problem' in result) gatherer.fail(`Cannot read "${joined(place, file)}": ${result.problem}`);
    else gatherer.take(result, of);
  }
}

/** A folder that is not there has no files: nobody need tell the two apart. */
async function found(store: EventFiles, { place, pattern }: { place: string; pattern: string }) {
  try {
    return await store.find(place, pattern);
  } catch (error) {
    if (error instanceof PortError && error.code === 'not-found') return { files: [], skipped: [] };
    throw error;
  }
}

function joined(place: string, { path }: EventFile): string {
  return `${place === '/' ? '' : place}/${path}`;
}

async function bytesOf(file: EventFile, store: EventFiles): Promise<Uint8Array> {
  const bytes = new Uint8Array(file.bytes);
  let at = 0;
  for await (const chunk of store.open(file)) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at === bytes.length) return bytes;
  throw new PortError('unavailable', `Cannot read "${file.path}": it changed while it was read`);
}
