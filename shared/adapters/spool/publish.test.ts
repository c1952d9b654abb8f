import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { PortError } from '../../ports/error.ts';
import { nodeFiles, type SpoolFiles } from './files.ts';
import { spoolQueue } from './queue.ts';

const scratch = mkdtempSync(join(tmpdir(), 'spool-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const freshFolder = () => join(mkdtempSync(join(scratch, 'q-')), 'state', 'spool');

const systemError = (code: string) => Object.assign(new Error(`${code}: the disk says no`), { code });
const failing = (part: Partial<SpoolFiles>): SpoolFiles => ({ ...nodeFiles, ...part });

describe('publishing', () => {
  test('the message appears under its final name only when it is complete', async () => {
    const folder = freshFolder();
    const effects: string[] = [];
    const note = (word: string, path: string) => effects.push(`${word} ${path.slice(folder.length + 1)}`);
    const files = failing({
      writeDurably: async (path, body) => {
        await nodeFiles.writeDurably(path, body);
        note('write', path);
      },
      rename: async (from, to) => {
        expect(readFileSync(from, 'utf8')).toBe('hello');
        await nodeFiles.rename(from, to);
        note('rename', to);
      },
      syncFolder: async (path) => {
        await nodeFiles.syncFolder(path);
        if (path.endsWith('incoming')) note('sync', path);
      },
    });
    await spoolQueue({ folder, files }).publish(new TextEncoder().encode('hello'), 'r-1/1/started');
    const [name] = readdirSync(join(folder, 'incoming'));
    expect(name).toMatch(/^\d{8}T\d{9}Z-\d{6}-[0-9a-f]{8}-r-1_1_started\.json$/);
    expect(effects).toStrictEqual([`write tmp/${name}`, `rename incoming/${name}`, 'sync incoming']);
    expect(readdirSync(join(folder, 'tmp'))).toStrictEqual([]);
  });

  test('a message published late keeps the time it was meant for, and its place in the order', async () => {
    const queue = spoolQueue({ folder: freshFolder() });
    await queue.publish(new TextEncoder().encode('now'), 'now');
    const times = Array.from({ length: 50 }, (_, i) => 1_785_550_500_000 + i * 19);
    for (const publishTime of times.toReversed()) {
      await queue.publish(new TextEncoder().encode('late'), 'late', { publishTime });
    }
    const late = await queue.pull(50);
    expect(late.map(({ publishTime }) => publishTime)).toStrictEqual(times);
    expect(late[0]!.name).toMatch(/^20260801T021500000Z-.*-late\.json$/);
  });

  test.each([
    ['ENOSPC', 'full', true],
    ['EDQUOT', 'full', true],
    ['EACCES', 'denied', false],
    ['EROFS', 'denied', false],
    ['EIO', 'unavailable', true],
  ])('%s is told as %s, with the path, and leaves nothing behind', async (code, expected, retryable) => {
    const folder = freshFolder();
    const files = failing({
      writeDurably: async (path, body) => {
        await nodeFiles.writeDurably(path, body.subarray(0, 1));
        throw systemError(code);
      },
    });
    const error = await spoolQueue({ folder, files })
      .publish(new Uint8Array(9), 'a')
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(PortError);
    expect(error).toMatchObject({ code: expected, retryable });
    expect(error.message).toContain(join(folder, 'incoming'));
    expect(readdirSync(join(folder, 'tmp'))).toStrictEqual([]);
    expect(readdirSync(join(folder, 'incoming'))).toStrictEqual([]);
  });
});

describe('crashes', () => {
  test('whichever effect of publishing is the last one, the message is there whole or not at all', async () => {
    const outcomes = new Set<string>();
    for (let last = 0; ; last++) {
      for (const when of ['before', 'after'] as const) {
        const folder = freshFolder();
        const { files, effects } = dyingAfter(last, when);
        const published = await spoolQueue({ folder, files })
          .publish(new TextEncoder().encode('whole'), 'a')
          .then(() => true)
          .catch(() => false);
        const bodies = (await spoolQueue({ folder }).pull(9)).map(({ body }) =>
          new TextDecoder().decode(body!),
        );
        expect(bodies.length === 0 || (bodies.length === 1 && bodies[0] === 'whole')).toBe(true);
        if (published) expect(bodies).toStrictEqual(['whole']);
        outcomes.add(`${published ? 'answered' : 'died'}, ${bodies.length} there`);
        if (published && effects() <= last) {
          expect([...outcomes].sort()).toStrictEqual(['answered, 1 there', 'died, 0 there', 'died, 1 there']);
          return;
        }
      }
    }
  });
});

/** Files that fail at effect `last` and, as a dead process does, at every later one. */
function dyingAfter(last: number, when: 'before' | 'after') {
  let count = 0;
  const files = new Proxy(nodeFiles, {
    get: (target, key: keyof SpoolFiles) => {
      const effect = target[key] as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const index = count++;
        if (index > last || (index === last && when === 'before')) throw systemError('DEAD');
        const answer = await effect(...args);
        if (index === last) throw systemError('DEAD');
        return answer;
      };
    },
  });
  return { files, effects: () => count };
}
