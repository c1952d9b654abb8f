import { globMatcher } from '../../core/glob.ts';
import { compareText } from '../../core/text-order.ts';
import { PortError } from '../../ports/error.ts';
import type { EventFile, EventFileListing, EventFiles } from '../../ports/event-files.ts';

/**
 * Event files in memory, by path. A path that ends in `/` is a folder that may be empty. `chunk` is the size of
 * the pieces that `open` gives (64 KiB unless said); they share one buffer, as those of a file do.
 */
export function memoryEventFiles(
  files: Readonly<Record<string, Uint8Array>>,
  options: { readonly chunk?: number } = {},
): EventFiles {
  // Made anew each time: tests change their files between listing and reading.
  const contents = () => new Map(Object.entries(files));
  return {
    concurrency: 1,
    list: async (place) => list(contents(), place),
    find: async (place, pattern) => find(contents(), place, globMatcher(pattern)),
    open: (file, from = 0) =>
      open(contents().get(file.location), { from, limit: file.bytes, chunk: options.chunk ?? 65_536 }),
  };
}

function list(contents: ReadonlyMap<string, Uint8Array>, place: string): EventFileListing {
  const single = contents.get(place);
  if (single !== undefined && !place.endsWith('/')) {
    if (!isEventFile(place)) throw noEventFile(place);
    return { files: [entry(nameOf(place), { location: place, bytes: single.length })], skipped: [] };
  }
  return find(contents, place, isEventFile);
}

function find(
  contents: ReadonlyMap<string, Uint8Array>,
  place: string,
  matches: (path: string) => boolean,
): EventFileListing {
  const folder = place.endsWith('/') ? place : `${place}/`;
  const inside = [...contents].filter(([path]) => path.startsWith(folder));
  if (inside.length === 0 && contents.has(place))
    throw new PortError('invalid', `Cannot read "${place}": it is a file, not a folder`);
  if (inside.length === 0)
    throw new PortError('not-found', `Cannot read "${place}": there is no such file or folder`);
  const files = inside
    .map(([path, bytes]) => entry(path.slice(folder.length), { location: path, bytes: bytes.length }))
    .filter(({ path }) => path !== '' && !path.endsWith('/') && matches(path))
    .sort((a, b) => compareText(a.path, b.path));
  return { files, skipped: [] };
}

function entry(path: string, where: { location: string; bytes: number }): EventFile {
  const slash = path.lastIndexOf('/');
  return { path, run: slash < 0 ? '.' : path.slice(0, slash), ...where };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isEventFile(path: string): boolean {
  const name = nameOf(path);
  return name.includes('tfevents');
}

function noEventFile(place: string): PortError {
  return new PortError(
    'invalid',
    `Cannot read "${place}": it is no event file, whose name would contain "tfevents"`,
  );
}

async function* open(
  content: Uint8Array | undefined,
  options: { from: number; limit: number; chunk: number },
): AsyncGenerator<Uint8Array> {
  const bytes = content?.subarray(options.from, options.limit) ?? new Uint8Array(0);
  const buffer = new Uint8Array(options.chunk);
  for (let at = 0; at < bytes.length; at += buffer.length) {
    const piece = bytes.subarray(at, at + buffer.length);
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
  }
}
