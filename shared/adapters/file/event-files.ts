import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { PortError } from '../../ports/error.ts';
import type { EventFile, EventFiles } from '../../ports/event-files.ts';
import { checkPlace, type Gate, gateOf, OPEN_GATE } from './event-file-gate.ts';
import { listEventFiles } from './event-file-walk.ts';
import { codeOf, portError } from './fs-errors.ts';

/** Fits the second-level cache; bigger reads are slower. */
const BUFFER_BYTES = 256 * 1024;

/**
 * Event files on this machine, by path or `file://` URL. With `roots`, nothing outside of these folders is read
 * whatever links say. Reads are synchronous: a chunk takes less time than handing it to another thread.
 */
export function fileEventFiles(options: { readonly roots?: readonly string[] } = {}): EventFiles {
  const gate = gateOf(options.roots);
  const buffers = new Buffers();
  return {
    concurrency: 1,
    list: async (place) => listEventFiles(checkPlace(gate, place), gate),
    open: (file, from = 0) => read(file, { gate, buffers, from }),
  };
}

/** Lends the same buffer again and again; a second reader at the same time gets another one. */
class Buffers {
  private readonly free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.free.pop() ?? new Uint8Array(BUFFER_BYTES);
  }

  give(buffer: Uint8Array): void {
    this.free.push(buffer);
  }
}

async function* read(
  file: EventFile,
  { gate, buffers, from }: { gate: Gate; buffers: Buffers; from: number },
): AsyncGenerator<Uint8Array> {
  const handle = openRegular(file, gate);
  if (handle === null) return;
  const buffer = buffers.take();
  try {
    for (let at = from; at < file.bytes; ) {
      const wanted = Math.min(buffer.length, file.bytes - at);
      const count = readSome(handle, { file, buffer, wanted, at });
      if (count === 0) return;
      at += count;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(handle);
    buffers.give(buffer);
  }
}

/** Null when the file is gone. What took its place since it was listed is not followed and not waited for. */
function openRegular(file: EventFile, gate: Gate): number | null {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  try {
    if (gate !== OPEN_GATE && !gate(realpathSync(file.location)))
      throw new PortError('denied', `Cannot read "${file.location}": it is outside of what may be read`);
    const handle = openSync(file.location, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    if (fstatSync(handle).isFile()) return handle;
    closeSync(handle);
    throw new PortError('invalid', `Cannot read "${file.location}": it is not a regular file any more`);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw portError(error, file.location);
  }
}

function readSome(
  handle: number,
  { file, buffer, wanted, at }: { file: EventFile; buffer: Uint8Array; wanted: number; at: number },
): number {
  try {
    return readSync(handle, buffer, 0, wanted, at);
  } catch (error) {
    throw portError(error, file.location);
  }
}
