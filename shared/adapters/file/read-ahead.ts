import { read } from 'node:fs';

/** What is read: an open file, from `from` up to `end`, in turn into two buffers of one length. */
interface Stretch {
  readonly handle: number;
  readonly from: number;
  readonly end: number;
  readonly buffers: readonly [Uint8Array, Uint8Array];
}

/** The bytes of a large file; while a piece is looked at, another thread reads the next one. */
export async function* readAhead({ handle, from, end, buffers }: Stretch): AsyncGenerator<Uint8Array> {
  let [now, next] = buffers;
  let at = from;
  let coming = readPiece(handle, now, { at, end });
  try {
    while (at < end) {
      const count = await coming;
      if (count === 0) return;
      at += count;
      coming = readPiece(handle, next, { at, end });
      yield now.subarray(0, count);
      [now, next] = [next, now];
    }
  } finally {
    // The file must not be closed under it.
    await coming.catch(() => {});
  }
}

function readPiece(
  handle: number,
  into: Uint8Array,
  { at, end }: { at: number; end: number },
): Promise<number> {
  const wanted = Math.min(into.length, end - at);
  if (wanted <= 0) return Promise.resolve(0);
  const reading = new Promise<number>((done, fail) => {
    read(handle, into, 0, wanted, at, (error, count) => (error === null ? done(count) : fail(error)));
  });
  // Who waits for it hears of it.
  reading.catch(() => {});
  return reading;
}
