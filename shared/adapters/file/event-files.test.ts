import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventFilesContract } from '../../../test/contracts/event-files.ts';
import { fileEventFiles } from './event-files.ts';

let top = '';
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'event-files-'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

/** Makes the files, whose contents are their paths unless given; a path that ends in `/` is a folder. */
function plant(...paths: string[]): void {
  for (const path of paths) plantBytes(path, new TextEncoder().encode(path));
}

function plantBytes(path: string, bytes: Uint8Array): void {
  mkdirSync(path.endsWith('/') ? join(top, path) : dirname(join(top, path)), { recursive: true });
  if (!path.endsWith('/')) writeFileSync(join(top, path), bytes);
}

const plantAll = (files: Readonly<Record<string, Uint8Array>>) =>
  Object.entries(files).forEach(([path, bytes]) => {
    plantBytes(path, bytes);
  });

const change = async (path: string, bytes: Uint8Array | null) => {
  rmSync(join(top, path));
  if (bytes !== null) plantBytes(path, bytes);
};
const changed = 'ends';

eventFilesContract('files', async (files) => {
  plantAll(files);
  return { store: fileEventFiles(), place: (path) => join(top, path), change, changed };
});
eventFilesContract('files of a root', async (files) => {
  plantAll(files);
  return { store: fileEventFiles({ roots: [top] }), place: (path) => join(top, path), change, changed };
});
eventFilesContract('file:// URLs', async (files) => {
  plantAll(files);
  return { store: fileEventFiles(), place: (path) => pathToFileURL(join(top, path)).href, change, changed };
});

/** Paths listed and things skipped, under `place` of the test's folder. */
async function listed(place: string, roots?: string[]): Promise<{ files: string[]; skipped: string[] }> {
  const store = fileEventFiles(roots === undefined ? {} : { roots: roots.map((root) => join(top, root)) });
  const { files, skipped } = await store.list(join(top, place));
  return {
    files: files.map((file) => file.path),
    skipped: skipped.map(({ path, reason }) => `${path}: ${reason}`),
  };
}

async function found(pattern: string, roots?: string[]): Promise<{ files: string[]; skipped: string[] }> {
  const store = fileEventFiles(roots === undefined ? {} : { roots: roots.map((root) => join(top, root)) });
  const { files, skipped } = await store.find(join(top, 'm'), pattern);
  return {
    files: files.map((file) => file.path),
    skipped: skipped.map(({ path, reason }) => `${path}: ${reason}`),
  };
}

describe('what is found', () => {
  test('a folder in the place of a file is told, one that a wildcard takes in is not', async () => {
    plant('m/results/a.json', 'm/b.json');
    expect(await found('results')).toEqual({ files: [], skipped: ['results: it is a folder'] });
    expect(await found('*')).toEqual({ files: ['b.json', 'results/a.json'], skipped: [] });
  });

  test('folders that can hold nothing of it are not looked into', async () => {
    plant('m/results/a.json', 'm/locked/b.json', 'out/c.json');
    symlinkSync(join(top, 'out'), join(top, 'm/linked'));
    chmodSync(top, 0o755);
    chmodSync(join(top, 'm/locked'), 0);
    await asNobody(async () => {
      expect(await found('results/*.json', ['m'])).toEqual({ files: ['results/a.json'], skipped: [] });
      expect(await found('*.json', ['m'])).toEqual({
        files: ['results/a.json'],
        skipped: ['linked: it is a link to outside of what may be read', 'locked: permission denied'],
      });
      expect((await found('linked', ['m'])).skipped).toEqual([
        'linked: it is a link to outside of what may be read',
      ]);
    });
    chmodSync(join(top, 'm/locked'), 0o755);
  });

  test('links are followed where they can lead to a match', async () => {
    plant('m/b.json', 'out/deep/c.json');
    symlinkSync(join(top, 'out'), join(top, 'm/linked'));
    symlinkSync('b.json', join(top, 'm/again.json'));
    expect(await found('linked/*.json')).toEqual({ files: ['linked/deep/c.json'], skipped: [] });
    expect(await found('again.json')).toEqual({ files: ['again.json'], skipped: [] });
    expect(await found('linked')).toEqual({ files: [], skipped: ['linked: it is a folder'] });
  });
});

describe('what is no regular file', () => {
  test('a pipe, a socket and a folder named like event files are skipped and never waited for', async () => {
    plant('m/tfevents.file', 'm/tfevents.folder/other.txt', 'm/tfevents.runs/a/x.tfevents');
    execFileSync('mkfifo', [join(top, 'm/tfevents.pipe')]);
    const server = createServer().listen(join(top, 'm/tfevents.socket'));
    expect(await listed('m')).toEqual({
      files: ['tfevents.file', 'tfevents.runs/a/x.tfevents'],
      skipped: [
        'tfevents.folder: it is a folder, without event files',
        'tfevents.pipe: it is a named pipe',
        'tfevents.socket: it is a socket',
      ],
    });
    server.close();
  });

  test('a pipe as the place itself is refused at once', async () => {
    execFileSync('mkfifo', [join(top, 'tfevents')]);
    await expect(listed('tfevents')).rejects.toMatchObject({
      code: 'invalid',
      message: `Cannot read "${join(top, 'tfevents')}": it is a named pipe`,
    });
  });

  test('a pipe that took the place of a listed file is not waited for', async () => {
    plant('m/tfevents');
    const store = fileEventFiles();
    const { files } = await store.list(join(top, 'm'));
    rmSync(join(top, 'm/tfevents'));
    execFileSync('mkfifo', [join(top, 'm/tfevents')]);
    await expect(Array.fromAsync(store.open(files[0]!))).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('links', () => {
  test('to files and folders are followed, but nothing is read twice and circles end', async () => {
    plant('m/run/a.tfevents', 'm/b.tfevents', 'other/c.tfevents', 'other/deep/d.tfevents', 'plain');
    symlinkSync(join(top, 'plain'), join(top, 'm/e.tfevents'));
    symlinkSync('run', join(top, 'm/latest'));
    symlinkSync('..', join(top, 'm/run/up'));
    symlinkSync(join(top, 'other'), join(top, 'm/far'));
    symlinkSync(join(top, 'm'), join(top, 'other/back'));
    symlinkSync('b.tfevents', join(top, 'm/again.tfevents'));
    symlinkSync('self.tfevents', join(top, 'm/self.tfevents'));
    symlinkSync('nowhere', join(top, 'm/dangling.tfevents'));
    expect(await listed('m')).toEqual({
      files: ['b.tfevents', 'e.tfevents', 'far/c.tfevents', 'far/deep/d.tfevents', 'run/a.tfevents'],
      skipped: [
        'again.tfevents: it is a link to a file that is read anyway',
        'dangling.tfevents: there is no such file or folder',
        'self.tfevents: its links lead in a circle',
      ],
    });
  });

  test('as the place itself are followed', async () => {
    plant('m/run/a.tfevents');
    symlinkSync('m/run', join(top, 'latest'));
    expect((await listed('latest')).files).toEqual(['a.tfevents']);
  });
});

describe('roots', () => {
  beforeEach(() => {
    plant('in/m/a.tfevents', 'in-not/b.tfevents', 'out/c.tfevents');
    symlinkSync('../../out/c.tfevents', join(top, 'in/m/link.tfevents'));
    symlinkSync('../../out', join(top, 'in/m/folder'));
  });

  test('keep links inside', async () => {
    expect(await listed('in/m', ['in'])).toEqual({
      files: ['a.tfevents'],
      skipped: [
        'folder: it is a link to outside of what may be read',
        'link.tfevents: it is a link to outside of what may be read',
      ],
    });
  });

  test.each([
    'in-not',
    'out',
    'out/c.tfevents',
    'in/../out',
    'in/m/folder',
    'in/m/link.tfevents',
    '',
    'out/none',
    '.',
  ])('refuse "%s"', async (place) => {
    await expect(listed(place, ['in'])).rejects.toMatchObject({ code: 'denied' });
  });

  test('allow themselves, through a link too, and several', async () => {
    symlinkSync('in', join(top, 'alias'));
    expect((await listed('in', ['none', 'alias'])).files).toEqual(['m/a.tfevents']);
    expect((await listed('alias/m', ['in'])).files).toEqual(['a.tfevents']);
    await expect(listed('in/none', ['in'])).rejects.toMatchObject({ code: 'not-found' });
    await expect(listed('in', [])).rejects.toMatchObject({ code: 'denied' });
  });

  test('hold when a folder becomes a link after listing', async () => {
    const store = fileEventFiles({ roots: [join(top, 'in')] });
    const { files } = await store.list(join(top, 'in/m'));
    plant('out/a.tfevents');
    renameSync(join(top, 'in/m'), join(top, 'in/old'));
    symlinkSync('../out', join(top, 'in/m'));
    await expect(Array.fromAsync(store.open(files[0]!))).rejects.toMatchObject({ code: 'denied' });
  });
});

describe('places', () => {
  test.each(['gs://bucket/model', 'file://host/model', 'https://example.org'])(
    'refuses %s',
    async (place) => {
      await expect(fileEventFiles().list(place)).rejects.toMatchObject({
        code: 'invalid',
        message: `Cannot read "${place}": it is neither a local path nor a file:// URL`,
      });
    },
  );

  test('refuses a path with a NUL', async () => {
    await expect(fileEventFiles().list('a\0b')).rejects.toMatchObject({ code: 'invalid' });
  });

  test('a folder or file without permission is skipped with a reason', async () => {
    plant('m/a.tfevents', 'm/b.tfevents', 'm/locked/c.tfevents');
    chmodSync(top, 0o755);
    chmodSync(join(top, 'm/b.tfevents'), 0);
    chmodSync(join(top, 'm/locked'), 0);
    await asNobody(async () => {
      expect(await listed('m')).toEqual({
        files: ['a.tfevents'],
        skipped: ['b.tfevents: permission denied', 'locked: permission denied'],
      });
      await expect(listed('m/b.tfevents')).rejects.toMatchObject({ code: 'denied' });
      await expect(listed('m/locked')).rejects.toMatchObject({
        code: 'denied',
        message: `Cannot read "${join(top, 'm/locked')}": permission denied`,
      });
    });
    chmodSync(join(top, 'm/locked'), 0o755);
  });
});

/** Permissions do not bind root, whom containers run as: the test steps down for a while. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
