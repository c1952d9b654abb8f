import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PortError } from '../../ports/error.ts';
import type { Unsent, UnsentMessage } from '../../ports/unsent.ts';

// <time>-<count>-<random>-<name>.json: ours sort by their times. Another program may leave a file of any
// other name here; its time is that of the file.
const OWN_NAME = /^(\d{14})-\d{6}-[0-9a-f]{8}-(.+)\.json$/;

let kept = 0;

/** The store in a folder, `<state>/unsent`; it is made when the first message needs it. */
export function unsentStore({ folder }: { readonly folder: string }): Unsent {
  return { folder, keep, list, read, remove };

  async function keep(body: Uint8Array, { name, time }: { name: string; time: number }): Promise<string> {
    const stem = name.replaceAll(/[^A-Za-z0-9._-]+/g, '_').slice(0, 120) || 'message';
    const stamp = String(Math.max(0, Math.trunc(time))).padStart(14, '0');
    const count = String(kept++ % 1_000_000).padStart(6, '0');
    const path = join(folder, `${stamp}-${count}-${randomBytes(4).toString('hex')}-${stem}.json`);
    // Hidden and of another ending: neither `list` nor a person takes it for a message.
    const draft = join(folder, `.${stamp}-${randomBytes(8).toString('hex')}.tmp`);
    return translated(`keep a message in ${folder}`, async () => {
      await fs.mkdir(folder, { recursive: true });
      try {
        await fs.writeFile(draft, body, { flag: 'wx', flush: true });
        await setTime(draft, time);
        await fs.rename(draft, path);
      } catch (error) {
        await fs.rm(draft, { force: true });
        throw error;
      }
      await syncFolder(folder);
      return path;
    });
  }

  async function list(): Promise<readonly string[]> {
    const names = await translated(`list ${folder}`, () => unlessGone(fs.readdir(folder)));
    return (names ?? [])
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .sort()
      .map((name) => join(folder, name));
  }

  async function read(path: string): Promise<UnsentMessage | null> {
    const [, stamp, name = basename(path, '.json')] = OWN_NAME.exec(basename(path)) ?? [];
    return translated(`read ${path}`, () =>
      unlessGone(
        (async () => {
          const time = stamp === undefined ? Math.trunc((await fs.stat(path)).mtimeMs) : Number(stamp);
          return { name, body: new Uint8Array(await fs.readFile(path)), time, path };
        })(),
      ),
    );
  }

  async function remove(path: string): Promise<void> {
    await translated(`remove ${path}`, () => fs.rm(path, { force: true }));
  }
}

/** A millisecond that is no exact binary fraction of a second must not be cut to the one before. */
function setTime(path: string, ms: number): Promise<void> {
  const seconds = (ms + 0.001) / 1000;
  return fs.utimes(path, seconds, seconds);
}

async function syncFolder(path: string): Promise<void> {
  const handle = await fs.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessGone<T>(effect: Promise<T>): Promise<T | null> {
  try {
    return await effect;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function translated<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const word = codeOf(error);
    const code =
      word === 'ENOSPC' ? 'full' : word === 'EACCES' || word === 'EROFS' ? 'denied' : 'unavailable';
    const cause = error instanceof Error ? error.message : String(error);
    throw new PortError(code, `Cannot ${doing}: ${cause}`, { cause: error });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
