import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { PortError } from '../../ports/error.ts';
import type { EventFile, EventFiles } from '../../ports/event-files.ts';
import { checkPlace, type Gate, gateOf, OPEN_GATE } from './event-file-gate.ts';
import { findFiles, listEventFiles } from './event-file-walk.ts';
import { codeOf, portError } from './fs-errors.ts';
import { readAhead } from './read-ahead.ts';

/** Fits the second-level cache; bigger reads are slower. */
const BUFFER_BYTES = 256 * 1024;
/** From here on it pays to let another thread read ahead, in pieces that take longer than to ask it. */
const LARGE = 8 << 20;
const PIECE_BYTES = 1 << 20;

/**
 * Event files on this machine, by path or `file://` URL. With `roots`, nothing outside of these folders is read
 * whatever links say. Reads are synchronous, but for large files: a chunk takes less time than handing it to another
 * thread.
 */
export function fileEventFiles(options: { readonly roots?: readonly string[] } = {}): EventFiles {
  const gate = gateOf(options.roots);
  const buffers = { small: new Buffers(BUFFER_BYTES), large: new Buffers(PIECE_BYTES) };
  return {
    concurrency: 1,
    list: async (place) => listEventFiles(checkPlace(gate, place), gate),
    find: async (place, pattern) => findFiles(checkPlace(gate, place), pattern, gate),
    open: (file, from = 0) => read(file, { gate, buffers, from }),
  };
}

/** Lends the same buffers again and again; a second reader at the same time gets others. */
class Buffers {
  private readonly free: Uint8Array[] = [];
  private readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  take(): Uint8Array {
    return this.free.pop() ?? new Uint8Array(this.size);
  }

  give(buffer: Uint8Array): void {
    this.free.push(buffer);
  }
}

interface Task {
  readonly gate: Gate;
  readonly buffers: { readonly small: Buffers; readonly large: Buffers };
  readonly from: number;
}

async function* read(file: EventFile, { gate, buffers, from }: Task): AsyncGenerator<Uint8Array> {
  const handle = openRegular(file, gate);
  if (handle === null) return;
  const end = file.bytes;
  const lender = end - from < LARGE ? buffers.small : buffers.large;
  const [one, other] = [lender.take(), lender === buffers.large ? lender.take() : null];
  try {
    if (other === null) yield* readHere({ handle, from, end, buffer: one });
    else yield* readAhead({ handle, from, end, buffers: [one, other] });
  } catch (error) {
    throw portError(error, file.location);
  } finally {
    closeSync(handle);
    lender.give(one);
    if (other !== null) lender.give(other);
  }
}

/** What is read: an open file, from `from` up to `end`, again and again into one buffer. */
interface Stretch {
  readonly handle: number;
  readonly from: number;
  readonly end: number;
  readonly buffer: Uint8Array;
}

function* readHere({ handle, from, end, buffer }: Stretch): Generator<Uint8Array> {
  for (let at = from; at < end; ) {
    const count = readSync(handle, buffer, 0, Math.min(buffer.length, end - at), at);
    if (count === 0) return;
    at += count;
    yield buffer.subarray(0, count);
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
