import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Delivery, MAX_BODY_BYTES, type Queue } from '../../ports/queue.ts';
import { diskError, type FileStat, mapBounded, nodeFiles, type SpoolFiles, systemCode } from './files.ts';
import { spoolName } from './name.ts';

// Node serves files with four threads; more at once only costs memory.
const CONCURRENCY = 32;
// A full pull of the largest messages must not fill the memory of a small function.
const MAX_PULL_BYTES = 64 * 1024 * 1024;

// No such name; or it has become a link or a socket.
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ELOOP', 'ENXIO']);

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly stat: FileStat;
}

/**
 * Messages as files: `<folder>/incoming/*.json` and `*.pb`, one a file, written in `<folder>/tmp/` and
 * renamed when complete. Only regular files count. The publish time is the file's time, the id the SHA-256
 * of the body. A folder that does not exist is an empty queue.
 */
export function spoolQueue({
  folder,
  files = nodeFiles,
}: {
  readonly folder: string;
  readonly files?: SpoolFiles;
}): Queue {
  const incoming = join(folder, 'incoming');
  const temporary = join(folder, 'tmp');
  const rejected = join(folder, 'rejected');

  return { publish, pull, close: async () => {} };

  async function publish(body: Uint8Array, name: string, options: { publishTime?: number } = {}) {
    const fileName = spoolName(name, options.publishTime ?? Date.now());
    const draft = join(temporary, fileName);
    try {
      await makeFolder(incoming, files);
      await makeFolder(temporary, files);
      await files.writeDurably(draft, body);
      if (options.publishTime !== undefined) await files.setTime(draft, options.publishTime);
      await files.rename(draft, join(incoming, fileName));
      await files.syncFolder(incoming);
    } catch (error) {
      await files.unlink(draft).catch(() => {}); // it may never have been made
      throw diskError(error, `publish a message to ${incoming}`);
    }
    return digest(body);
  }

  async function pull(max: number): Promise<readonly Delivery[]> {
    try {
      const waiting = await listMessages();
      const deliveries: Delivery[] = [];
      const unreadable: unknown[] = [];
      let held = 0;
      let next = 0;
      // A file that vanished meanwhile leaves its place to the next one.
      while (deliveries.length < max && next < waiting.length) {
        const chunk = fitting(waiting.slice(next, next + max - deliveries.length), MAX_PULL_BYTES - held);
        if (chunk.length === 0) break;
        next += chunk.length;
        const read = (entry: Entry) => readDelivery(entry).catch((error) => void unreadable.push(error));
        for (const delivery of await mapBounded(chunk, CONCURRENCY, { work: read })) {
          if (delivery) deliveries.push(delivery);
          held += delivery?.body?.length ?? 0;
        }
      }
      // One file that may not be read must not hold up the others, but must not go unnoticed for ever.
      if (deliveries.length === 0 && unreadable.length > 0) throw unreadable[0];
      return deliveries;
    } catch (error) {
      throw diskError(error, `read the messages in ${incoming}`);
    }
  }

  /** Every waiting message, oldest first. */
  async function listMessages(): Promise<Entry[]> {
    const names = (await unlessGone(files.readdir(incoming))) ?? [];
    const messages = names.filter((name) => /\.(json|pb)$/.test(name) && !name.startsWith('.'));
    const entries = await mapBounded(messages, CONCURRENCY, {
      work: async (name): Promise<Entry | null> => {
        const path = join(incoming, name);
        const stat = await unlessGone(files.lstat(path));
        return stat?.isFile() ? { name, path, stat } : null;
      },
    });
    return entries.filter((entry) => entry !== null).sort(byAge);
  }

  async function readDelivery(entry: Entry): Promise<Delivery | null> {
    if (entry.stat.size > MAX_BODY_BYTES) return delivery(entry, { body: null, stat: entry.stat });
    const read = await unlessGone(files.readRegular(entry.path, MAX_BODY_BYTES + 1));
    if (read === null) return null;
    return delivery(entry, read.body.length > MAX_BODY_BYTES ? { body: null, stat: read.stat } : read);
  }

  function delivery({ name, path }: Entry, read: { body: Uint8Array | null; stat: FileStat }): Delivery {
    const { body, stat } = read;
    let lies: string | undefined;
    return {
      // The body of a message that is too large is never read; its name and size must do.
      id: body === null ? digest(`${name}\n${stat.size}`) : digest(body),
      body,
      bytes: body?.length ?? stat.size,
      publishTime: Math.trunc(stat.mtimeMs),
      format: name.endsWith('.pb') ? 'v2' : 'json',
      name,
      ack: async () => {
        try {
          await unlessGone(files.unlink(path));
        } catch (error) {
          throw diskError(error, `remove the message ${path}`);
        }
      },
      setAside: async () => {
        lies ??= await moveAside(name, path);
        return lies;
      },
    };
  }

  async function moveAside(name: string, path: string): Promise<string> {
    try {
      await makeFolder(rejected, files);
      let target = join(rejected, name);
      // Names of foreign publishers may come again; the earlier message must stay.
      for (let n = 2; (await unlessGone(files.lstat(target))) !== null; n++) {
        target = join(rejected, name.replace(/(\.[^.]*)$/, `.${n}$1`));
      }
      await unlessGone(files.rename(path, target));
      return target;
    } catch (error) {
      throw diskError(error, `move ${path} to ${rejected}`);
    }
  }
}

/** Makes a folder that survives a power cut: each new entry is synced in the folder above it. */
async function makeFolder(folder: string, files: SpoolFiles): Promise<void> {
  const topmost = await files.mkdir(folder, { recursive: true });
  if (topmost === undefined) return;
  for (let made = folder; ; made = dirname(made)) {
    await files.syncFolder(dirname(made));
    if (made === topmost || made === dirname(made)) return;
  }
}

/** The leading entries whose bodies together take no more than `room` bytes. */
function fitting(entries: readonly Entry[], room: number): readonly Entry[] {
  let bytes = 0;
  const end = entries.findIndex(({ stat }) => {
    bytes += stat.size > MAX_BODY_BYTES ? 0 : stat.size;
    return bytes > room;
  });
  return end === -1 ? entries : entries.slice(0, end);
}

function byAge(a: Entry, b: Entry): number {
  const age = Math.trunc(a.stat.mtimeMs) - Math.trunc(b.stat.mtimeMs);
  if (age !== 0) return age;
  return a.name < b.name ? -1 : 1;
}

/** Null when the file is gone, or is none any more: somebody else was faster. */
async function unlessGone<T>(effect: Promise<T>): Promise<T | null> {
  try {
    return await effect;
  } catch (error) {
    if (GONE.has(systemCode(error) ?? '')) return null;
    throw error;
  }
}

function digest(body: Uint8Array | string): string {
  return createHash('sha256').update(body).digest('hex');
}
