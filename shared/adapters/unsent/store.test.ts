import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { unsentStore } from './store.ts';

const scratch = mkdtempSync(join(tmpdir(), 'unsent-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const fresh = () => unsentStore({ folder: join(mkdtempSync(join(scratch, 's-')), 'state', 'unsent') });
const bytes = (text: string) => new TextEncoder().encode(text);

test('a folder that does not exist holds nothing', async () => {
  expect(await fresh().list()).toStrictEqual([]);
});

test('what is kept comes back byte for byte, with its name and time, in the order of times', async () => {
  const store = fresh();
  const odd = new Uint8Array([0, 255, 13, 10]);
  await store.keep(odd, { name: 'r-1-finished', time: 2_000 });
  const path = await store.keep(bytes('first'), { name: 'r-1-started', time: 1_000 });
  await store.keep(bytes('third'), { name: 'r-1-finished', time: 2_000 });
  const messages = await Promise.all((await store.list()).map(store.read));
  expect(messages.map((message) => [message?.name, message?.time])).toStrictEqual([
    ['r-1-started', 1_000],
    ['r-1-finished', 2_000],
    ['r-1-finished', 2_000],
  ]);
  expect(messages[0]?.path).toBe(path);
  expect(messages[1]?.body).toStrictEqual(odd);
  expect(Math.trunc(statSync(path).mtimeMs)).toBe(1_000);
});

test('what is removed is gone; removing or reading it again does no harm', async () => {
  const store = fresh();
  const path = await store.keep(bytes('x'), { name: 'x', time: 1 });
  await store.remove(path);
  await store.remove(path);
  expect(await store.read(path)).toBeNull();
  expect(readdirSync(store.folder)).toStrictEqual([]);
});

test('drafts are not listed; a message another program left is, under its own name and time', async () => {
  const store = fresh();
  mkdirSync(store.folder, { recursive: true });
  for (const name of ['.00000000000001-ab.tmp', '.a.json', 'notes.txt', 'from-sh.json']) {
    writeFileSync(join(store.folder, name), 'x');
  }
  const [path, ...others] = await store.list();
  expect(others).toStrictEqual([]);
  utimesSync(path!, 1_700_000_000, 1_700_000_000);
  expect(await store.read(path!)).toMatchObject({ name: 'from-sh', time: 1_700_000_000_000 });
});

test('a name from outside cannot leave the folder', async () => {
  const store = fresh();
  const path = await store.keep(bytes('x'), { name: '../../../etc/x', time: 1 });
  expect(await store.list()).toStrictEqual([path]);
});

test('a folder that cannot be made is an error that names it', async () => {
  const file = join(mkdtempSync(join(scratch, 's-')), 'file');
  writeFileSync(file, '');
  chmodSync(file, 0o400);
  const folder = join(file, 'unsent');
  const error = await unsentStore({ folder })
    .keep(bytes('x'), { name: 'x', time: 1 })
    .catch((caught) => caught);
  expect(error).toMatchObject({ name: 'PortError', code: 'unavailable' });
  expect(error.message).toContain(folder);
});
