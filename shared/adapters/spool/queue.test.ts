import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { queueContract } from '../../../test/contracts/queue.ts';
import { MAX_BODY_BYTES } from '../../ports/queue.ts';
import { nodeFiles, type SpoolFiles } from './files.ts';
import { spoolQueue } from './queue.ts';

const scratch = mkdtempSync(join(tmpdir(), 'spool-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const freshFolder = () => join(mkdtempSync(join(scratch, 'q-')), 'state', 'spool');

queueContract('spool', { open: async () => spoolQueue({ folder: freshFolder() }) });

/** A spool whose `incoming` holds the given files, each a second younger than the one before. */
function filled(contents: Record<string, string>, start = 1_000_000) {
  const folder = freshFolder();
  const incoming = join(folder, 'incoming');
  mkdirSync(incoming, { recursive: true });
  Object.entries(contents).forEach(([name, text], index) => {
    writeFileSync(join(incoming, name), text);
    utimesSync(join(incoming, name), start + index, start + index);
  });
  return { folder, incoming };
}

const systemError = (code: string) => Object.assign(new Error(`${code}: the disk says no`), { code });
const failing = (part: Partial<SpoolFiles>): SpoolFiles => ({ ...nodeFiles, ...part });

describe('what counts as a message', () => {
  test('regular files named .json or .pb; nothing else is touched', async () => {
    const { folder, incoming } = filled({
      'a.json': 'a',
      'b.pb': 'b',
      'c.json.tmp': 'c',
      '.d.json': 'd',
      e: 'e',
    });
    mkdirSync(join(incoming, 'folder.json'));
    symlinkSync('a.json', join(incoming, 'link.json'));
    symlinkSync('nowhere', join(incoming, 'dangling.json'));
    execFileSync('mkfifo', [join(incoming, 'fifo.json')]);
    const deliveries = await spoolQueue({ folder }).pull(100);
    expect(deliveries.map(({ name, format }) => [name, format])).toStrictEqual([
      ['a.json', 'json'],
      ['b.pb', 'v2'],
    ]);
    expect(readdirSync(incoming)).toHaveLength(9);
  });

  test('the id is the SHA-256 of the body and the publish time that of the file, in whole milliseconds', async () => {
    const { folder, incoming } = filled({ 'a.json': '{"x":1}' });
    utimesSync(join(incoming, 'a.json'), 1_785_550_500.1239, 1_785_550_500.1239);
    const [delivery] = await spoolQueue({ folder }).pull(1);
    expect(delivery!.id).toBe(createHash('sha256').update('{"x":1}').digest('hex'));
    expect(delivery!.publishTime).toBe(1_785_550_500_123);
  });

  test('older files come first whatever their names; names decide between files of one time', async () => {
    const { folder, incoming } = filled({ 'z.json': '1', 'b.json': '2', 'a.json': '3' });
    utimesSync(join(incoming, 'a.json'), 1_000_001, 1_000_001);
    const names = (await spoolQueue({ folder }).pull(9)).map(({ name }) => name);
    expect(names).toStrictEqual(['z.json', 'a.json', 'b.json']);
  });

  test('a body that grew after it was listed is not taken for a whole one', async () => {
    const { folder, incoming } = filled({ 'a.json': 'small' });
    const files = failing({
      readRegular: (path, limit) => {
        writeFileSync(join(incoming, 'a.json'), new Uint8Array(MAX_BODY_BYTES + 7));
        return nodeFiles.readRegular(path, limit);
      },
    });
    const [delivery] = await spoolQueue({ folder, files }).pull(1);
    expect(delivery).toMatchObject({ body: null, bytes: MAX_BODY_BYTES + 7 });
  });
});

describe('reading', () => {
  test('a file that vanishes between listing and reading is skipped, and its place is filled', async () => {
    const { folder, incoming } = filled({ 'a.json': 'a', 'b.json': 'b', 'c.json': 'c' });
    const files = failing({
      readRegular: (path, limit) => {
        if (basename(path) === 'a.json') unlinkSync(join(incoming, 'a.json'));
        return nodeFiles.readRegular(path, limit);
      },
    });
    const names = (await spoolQueue({ folder, files }).pull(2)).map(({ name }) => name);
    expect(names).toStrictEqual(['b.json', 'c.json']);
  });

  test('one unreadable file does not hold up the others, and is told when nothing else waits', async () => {
    const { folder } = filled({ 'a.json': 'a', 'b.json': 'b' });
    const files = failing({
      readRegular: async (path, limit) => {
        if (path.endsWith('a.json')) throw systemError('EACCES');
        return nodeFiles.readRegular(path, limit);
      },
    });
    const queue = spoolQueue({ folder, files });
    const deliveries = await queue.pull(1);
    expect(deliveries.map(({ name }) => name)).toStrictEqual(['b.json']);
    await deliveries[0]!.ack();
    await expect(queue.pull(1)).rejects.toMatchObject({ name: 'PortError', code: 'denied' });
  });

  test('a folder that may not be listed is an error that names it', async () => {
    const { folder, incoming } = filled({});
    const files = failing({
      readdir: async () => {
        throw systemError('EACCES');
      },
    });
    const error = await spoolQueue({ folder, files })
      .pull(1)
      .catch((caught) => caught);
    expect(error).toMatchObject({ code: 'denied' });
    expect(error.message).toContain(incoming);
  });

  test('a pull of 500 out of 3,000 reads 500 bodies, few at a time, and never one that is too large', async () => {
    const contents = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, i) => [`${String(i).padStart(5, '0')}.json`, `${i}`]),
    );
    const { folder, incoming } = filled(contents);
    writeFileSync(join(incoming, 'huge.json'), new Uint8Array(MAX_BODY_BYTES + 1));
    utimesSync(join(incoming, 'huge.json'), 1, 1);
    let reads = 0;
    let now = 0;
    let most = 0;
    const files = failing({
      readRegular: async (path, limit) => {
        expect(path).not.toContain('huge');
        reads++;
        most = Math.max(most, ++now);
        try {
          return await nodeFiles.readRegular(path, limit);
        } finally {
          now--;
        }
      },
    });
    const deliveries = await spoolQueue({ folder, files }).pull(501);
    expect(deliveries[0]).toMatchObject({ name: 'huge.json', body: null, bytes: MAX_BODY_BYTES + 1 });
    expect(deliveries.slice(1).map(({ name }) => name)).toStrictEqual(Object.keys(contents).slice(0, 500));
    expect(reads).toBe(500);
    expect(most).toBeLessThanOrEqual(64);
  });

  test('a pull of many large messages stops at 64 MiB', async () => {
    const large = 'x'.repeat(MAX_BODY_BYTES);
    const { folder } = filled(Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`${i}.json`, large])));
    expect(await spoolQueue({ folder }).pull(500)).toHaveLength(64);
  });
});

describe('setting aside', () => {
  test('the file moves to rejected; an earlier one of the same name stays', async () => {
    const { folder, incoming } = filled({ 'a.json': 'first' });
    const queue = spoolQueue({ folder });
    expect(await (await queue.pull(1))[0]!.setAside()).toBe(join(folder, 'rejected', 'a.json'));
    writeFileSync(join(incoming, 'a.json'), 'second');
    expect(await (await queue.pull(1))[0]!.setAside()).toBe(join(folder, 'rejected', 'a.2.json'));
    expect(readFileSync(join(folder, 'rejected', 'a.json'), 'utf8')).toBe('first');
    expect(readFileSync(join(folder, 'rejected', 'a.2.json'), 'utf8')).toBe('second');
    expect(existsSync(join(incoming, 'a.json'))).toBe(false);
  });

  test('acknowledging what may not be removed is an error that names the file', async () => {
    const { folder, incoming } = filled({ 'a.json': 'a' });
    const files = failing({
      unlink: async () => {
        throw systemError('EACCES');
      },
    });
    const [delivery] = await spoolQueue({ folder, files }).pull(1);
    const error = await delivery!.ack().catch((caught) => caught);
    expect(error).toMatchObject({ code: 'denied' });
    expect(error.message).toContain(join(incoming, 'a.json'));
  });
});
