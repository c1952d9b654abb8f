import { networkFailure, RemoteFailure } from './failure.ts';
import type { PinnedObject, Reach } from './object-store.ts';

/** What an open download holds at most while its reader works, measured as resident memory: 0.7 MiB. */
export const DOWNLOAD_BYTES = 1024 * 1024;
/** An attempt that got this far was none in vain. */
const PROGRESS_BYTES = 256 * 1024;

/**
 * The bytes of one version of an object, streamed. A download that fails is taken up again at the byte it had
 * reached. Throws RemoteFailure; `missing` or `changed` when that version is there no more, or is another than
 * was listed.
 */
export async function* readObject(object: PinnedObject, reach: Reach, begin = 0): AsyncGenerator<Uint8Array> {
  if (object.bytes <= begin) return;
  const giveBack = await reach.budget.take(Math.min(object.bytes - begin, DOWNLOAD_BYTES));
  try {
    const tries = reach.retries.start();
    let at = begin;
    while (at < object.bytes) {
      const from = at;
      try {
        for await (const chunk of download(object, at, reach)) {
          at += chunk.length;
          yield chunk;
        }
        tries.progress();
      } catch (error) {
        // What goes wrong behind the last byte cannot be read again: it was handed on.
        if (at === object.bytes) throw error;
        if (at - from >= PROGRESS_BYTES) tries.progress();
        await tries.after(error);
      }
    }
  } finally {
    giveBack();
  }
}

/** One request from byte `at` to the end; throws a transient RemoteFailure unless exactly that comes. */
async function* download(object: PinnedObject, at: number, { store }: Reach): AsyncGenerator<Uint8Array> {
  const waits = store.waits();
  try {
    const response = await store.ask(object, at, waits);
    checkRange(response, { object, at });
    let left = object.bytes - at;
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await waits.during(reader.read());
      if (done) break;
      left -= value.length;
      if (left < 0)
        throw new RemoteFailure('transient', `more than the ${object.bytes} bytes came that were listed`);
      yield value;
    }
    if (left > 0)
      throw new RemoteFailure('transient', `the last ${left} of ${object.bytes} bytes did not come`);
  } catch (error) {
    throw networkFailure(error);
  } finally {
    waits.end();
  }
}

/** Whether the answer is what was asked for, as far as its head tells. */
function checkRange(
  { status, headers }: Response,
  { object, at }: { object: PinnedObject; at: number },
): void {
  const range = headers.get('content-range') ?? '';
  const [, from, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range) ?? [];
  if (Number(total) < object.bytes)
    throw new RemoteFailure('changed', `it has ${total} bytes and was listed with ${object.bytes}`);
  const length = headers.get('content-length') ?? String(object.bytes - at);
  const isAsked = status === 206 && Number(from) === at && Number(last) === object.bytes - 1;
  if (isAsked && Number(length) === object.bytes - at) return;
  const got = `status ${status}, range ${JSON.stringify(range.slice(0, 60))}, length ${length.slice(0, 20)}`;
  throw new RemoteFailure(
    'transient',
    `bytes ${at}-${object.bytes - 1} were asked for and others came: ${got}`,
  );
}
