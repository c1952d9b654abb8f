import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CacheItem, cached, cacheRoot, itemFolder } from '../../scripts/cloud/cache.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const item = (make: CacheItem['make'], recipe: readonly string[] = []): CacheItem => ({
  name: 'tool',
  version: '1.2',
  recipe,
  make,
});

const writing = (text: string) => async (folder: string) => writeFileSync(join(folder, 'file'), text);

describe('the cache of stand-ins', () => {
  test('lies where the environment says, else in the home folder', () => {
    expect(cacheRoot({ XDG_CACHE_HOME: '/kept' })).toBe('/kept/tidemark-stand-ins');
    expect(cacheRoot({})).toMatch(/\/\.cache\/tidemark-stand-ins$/);
  });

  test('makes a thing once, under its name and version', async () => {
    const root = join(temporaryFolder(), 'new');
    const first = await cached(root, item(writing('one')));
    const second = await cached(root, item(writing('two')));
    expect([first.isNew, second.isNew, second.folder]).toEqual([true, false, first.folder]);
    expect(readFileSync(join(second.folder, 'file'), 'utf8')).toBe('one');
    expect(basename(first.folder)).toMatch(/^tool@1\.2\+[0-9a-f]{10}$/);
  });

  test('makes it anew when its recipe is another', () => {
    const folders = [[], ['a'], ['a', 'b'], ['ab']].map((recipe) =>
      itemFolder('/r', { name: 'tool', version: '1', recipe }),
    );
    expect(new Set(folders).size).toBe(4);
  });

  test('keeps nothing of a making that failed', async () => {
    const root = temporaryFolder();
    const failing = item(async (folder) => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('no network');
    });
    await expect(cached(root, failing)).rejects.toThrow('no network');
    expect(readdirSync(root)).toEqual([]);
  });

  test('takes the thing of whoever was first when two make it at once', async () => {
    const root = temporaryFolder();
    const late = item(async (folder) => {
      const other = itemFolder(root, item(writing('')));
      mkdirSync(other);
      writeFileSync(join(other, 'file'), 'first');
      await writing('late')(folder);
    });
    const { folder } = await cached(root, late);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('first');
    expect(readdirSync(root)).toHaveLength(1);
  });

  test('removes what a killed process left behind, and nothing that is in the making', async () => {
    const root = temporaryFolder();
    // No process has a number as high as that.
    const [dead, alive] = ['a@1+0.4999999.partial', `b@1+0.${process.pid}.partial`];
    mkdirSync(join(root, dead));
    mkdirSync(join(root, alive));
    await cached(root, item(writing('one')));
    expect([dead, alive].map((name) => existsSync(join(root, name)))).toEqual([false, true]);
  });
});
