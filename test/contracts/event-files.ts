import { describe, expect, test } from 'vitest';
import { PortError } from '../../shared/ports/error.ts';
import type { EventFile, EventFiles } from '../../shared/ports/event-files.ts';
import { concat } from '../support/tfevents-writer.ts';

/** A store that holds the given files; a path that ends in `/` is an empty folder. `place` names one of them. */
export interface EventFilesUnderTest {
  readonly store: EventFiles;
  place(path: string): string;
  /** Writes over a file behind the store's back, or deletes it. */
  change(path: string, bytes: Uint8Array | null): Promise<void>;
  /** How reading goes on when a file is another than was listed: it `ends` early, or is `unavailable`. */
  readonly changed: 'ends' | 'unavailable';
}

const BIG = Uint8Array.from({ length: 700_001 }, (_, at) => (at * 7 + (at >> 8)) & 255);
const FILES: Readonly<Record<string, Uint8Array>> = {
  'model/events.out.tfevents.1.host': Uint8Array.of(1, 2, 3),
  'model/train/events.out.tfevents.10.host.v2': BIG,
  'model/train/events.out.tfevents.9.host.v2': Uint8Array.of(9),
  'model/.hidden/run 1/\u{1f680}.tfevents': Uint8Array.of(4),
  'model/.hidden/run 1/\uff5e.tfevents.bak': Uint8Array.of(5),
  'model/train/checkpoint.txt': Uint8Array.of(6),
  'model/train/TFEVENTS': Uint8Array.of(6),
  'model/profile/events.out.tfevents.1.profile-empty': Uint8Array.of(7),
  'model-2/events.out.tfevents.1.host': Uint8Array.of(8),
  'model/empty.tfevents': new Uint8Array(0),
  'bare/': new Uint8Array(0),
};

/** All under `model`, in byte order. */
const FOUND = [
  '.hidden/run 1/\uff5e.tfevents.bak',
  '.hidden/run 1/\u{1f680}.tfevents',
  'empty.tfevents',
  'events.out.tfevents.1.host',
  'profile/events.out.tfevents.1.profile-empty',
  'train/TFEVENTS',
  'train/checkpoint.txt',
  'train/events.out.tfevents.10.host.v2',
  'train/events.out.tfevents.9.host.v2',
];

/** What `EventFiles` promises, to be run against every adapter. */
export function eventFilesContract(
  name: string,
  make: (files: Readonly<Record<string, Uint8Array>>) => Promise<EventFilesUnderTest>,
): void {
  describe(`${name} as EventFiles`, () => {
    test('lists every event file under a folder, in byte order, with its run and size', async () => {
      const { store, place } = await make(FILES);
      const { files, skipped } = await store.list(place('model'));
      expect(skipped).toEqual([]);
      expect(files.map(({ path, run, bytes }) => [path, run, bytes])).toEqual([
        ['.hidden/run 1/\uff5e.tfevents.bak', '.hidden/run 1', 1],
        ['.hidden/run 1/\u{1f680}.tfevents', '.hidden/run 1', 1],
        ['empty.tfevents', '.', 0],
        ['events.out.tfevents.1.host', '.', 3],
        ['profile/events.out.tfevents.1.profile-empty', 'profile', 1],
        ['train/events.out.tfevents.10.host.v2', 'train', 700_001],
        ['train/events.out.tfevents.9.host.v2', 'train', 1],
      ]);
    });

    test('does not mind a slash at the end of a folder', async () => {
      const { store, place } = await make(FILES);
      expect((await store.list(`${place('model')}/`)).files).toEqual(
        (await store.list(place('model'))).files,
      );
    });

    test('lists a single event file as run "."', async () => {
      const { store, place } = await make(FILES);
      const { files } = await store.list(place('model/train/events.out.tfevents.9.host.v2'));
      expect(files).toMatchObject([{ path: 'events.out.tfevents.9.host.v2', run: '.', bytes: 1 }]);
      expect(await bytesOf(store, files[0]!)).toEqual(Uint8Array.of(9));
    });

    test.each(['bare'])('lists nothing in %s', async (folder) => {
      const { store, place } = await make(FILES);
      expect(await store.list(place(folder))).toEqual({ files: [], skipped: [] });
    });

    test.each([
      ['mod', 'not-found'],
      ['model/train/events', 'not-found'],
      ['model/train/events.out.tfevents.9.host.v2/x', 'not-found'],
      ['model/train/checkpoint.txt', 'invalid'],
    ])('refuses %s: %s, and names it', async (path, code) => {
      const { store, place } = await make(FILES);
      const error = await store.list(place(path)).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(PortError);
      expect(error).toMatchObject({ code, retryable: false });
      expect((error as PortError).message).toContain(`Cannot read "${place(path)}": `);
    });

    test('gives the bytes of each file, twice and side by side', async () => {
      const { store, place } = await make(FILES);
      const { files } = await store.list(place('model'));
      const both = await Promise.all([...files, ...files].map((file) => bytesOf(store, file)));
      const wanted = files.map((file) => FILES[`model/${file.path}`]);
      expect(both).toEqual([...wanted, ...wanted]);
    });

    test('gives a file from any byte on', async () => {
      const { store, place } = await make(FILES);
      const { files } = await store.list(place('model/train'));
      for (const from of [1, 300_000, 700_000])
        expect(await bytesOf(store, files[0]!, from)).toEqual(BIG.subarray(from));
      expect(await bytesOf(store, files[0]!, 700_001)).toHaveLength(0);
      expect(await bytesOf(store, { ...files[0]!, bytes: 5000 }, 4990)).toEqual(BIG.subarray(4990, 5000));
    });

    test('gives no more than was listed', async () => {
      const { store, place } = await make(FILES);
      const { files } = await store.list(place('model/train'));
      expect(await bytesOf(store, { ...files[0]!, bytes: 300_000 })).toEqual(BIG.subarray(0, 300_000));
    });

    test.each([
      ['shrank', Uint8Array.of(1, 2)],
      ['vanished', null],
    ])('notices that a file %s since it was listed', async (_what, bytes) => {
      const { store, place, change, changed } = await make(FILES);
      const { files } = await store.list(place('model'));
      const file = files.find(({ path }) => path.startsWith('events'))!;
      await change(`model/${file.path}`, bytes);
      const outcome = await bytesOf(store, file).catch((error: unknown) => error);
      if (changed === 'ends') expect(outcome).toEqual(bytes ?? new Uint8Array(0));
      else expect(outcome).toMatchObject({ code: 'unavailable', retryable: true });
    });

    test('gives of a file that grew what was listed, or notices it', async () => {
      const { store, place, change, changed } = await make(FILES);
      const { files } = await store.list(place('model'));
      const file = files.find(({ path }) => path.startsWith('events'))!;
      await change(`model/${file.path}`, Uint8Array.of(1, 2, 3, 4, 5));
      const outcome = await bytesOf(store, file).catch((error: unknown) => error);
      if (changed === 'ends') expect(outcome).toEqual(Uint8Array.of(1, 2, 3));
      else expect(outcome).toMatchObject({ code: 'unavailable', retryable: true });
    });

    test.each<[pattern: string, paths: readonly string[]]>([
      ['train/checkpoint.txt', ['train/checkpoint.txt']],
      ['*.txt', ['train/checkpoint.txt']],
      ['train/*', FOUND.filter((path) => path.startsWith('train/'))],
      ['train/events.out.tfevents.?.host.v2', ['train/events.out.tfevents.9.host.v2']],
      ['*', FOUND],
      ['checkpoint.txt', []],
      ['train', []],
      ['trai*n', []],
      ['', []],
    ])('finds what matches "%s", in byte order', async (pattern, paths) => {
      const { store, place } = await make(FILES);
      const { files } = await store.find(place('model'), pattern);
      expect(files.map(({ path }) => path)).toEqual(paths);
      for (const file of files) expect(await bytesOf(store, file)).toEqual(FILES[`model/${file.path}`]);
    });

    test('finds files by their names relative to the folder that is asked for', async () => {
      const { store, place } = await make(FILES);
      const { files } = await store.find(`${place('model/train')}/`, 'checkpoint.*');
      expect(files).toMatchObject([{ path: 'checkpoint.txt', run: '.', bytes: 1 }]);
      expect(await store.find(place('bare'), '*')).toEqual({ files: [], skipped: [] });
    });

    test.each([
      ['mod', 'not-found'],
      ['model/train/checkpoint.txt', 'invalid'],
      ['model/train/checkpoint.txt/x', 'not-found'],
    ])('finds nothing in %s: %s, and names it', async (path, code) => {
      const { store, place } = await make(FILES);
      const error = await store.find(place(path), 'x*').catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(PortError);
      expect(error).toMatchObject({ code, retryable: false });
      expect((error as PortError).message).toContain(`Cannot read "${place(path)}": `);
    });

    test('says how many runs it pays to read at once', async () => {
      const { store } = await make({});
      expect(store.concurrency).toBeGreaterThanOrEqual(1);
      expect(Number.isInteger(store.concurrency)).toBe(true);
    });

    test('can be left in the middle of a file', async () => {
      const { store, place } = await make(FILES);
      const { files } = await store.list(place('model/train'));
      for await (const chunk of store.open(files[0]!)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(await bytesOf(store, files[0]!)).toEqual(BIG);
    });
  });
}

async function bytesOf(store: EventFiles, file: EventFile, from?: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(file, from)) chunks.push(chunk.slice());
  return concat(chunks);
}
