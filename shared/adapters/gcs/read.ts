import type { ByteBudget } from './budget.ts';
import { GcsFailure, networkFailure } from './failure.ts';
import type { Reach } from './listing.ts';
import { type GcsPlace, objectPath } from './url.ts';

/** An object as it was listed: `bytes` are all that is read of it. */
export interface PinnedObject extends GcsPlace {
  readonly generation: string;
  readonly bytes: number;
}

export interface ReadPorts extends Reach {
  readonly budget: ByteBudget;
}

/** What an open download holds at most while its reader works, measured as resident memory: 0.7 MiB. */
export const DOWNLOAD_BYTES = 1024 * 1024;
/** An attempt that got this far was none in vain. */
const PROGRESS_BYTES = 256 * 1024;

/**
 * The bytes of one generation of an object, streamed. A download that fails is taken up again at the byte it had
 * reached. Throws GcsFailure; `missing` or `changed` when that generation is there no more, or is another than
 * was listed.
 */
export async function* readObject(
  object: PinnedObject,
  ports: ReadPorts,
  begin = 0,
): AsyncGenerator<Uint8Array> {
  if (object.bytes <= begin) return;
  const giveBack = await ports.budget.take(Math.min(object.bytes - begin, DOWNLOAD_BYTES));
  try {
    const tries = ports.retries.start();
    let at = begin;
    while (at < object.bytes) {
      const from = at;
      try {
        for await (const chunk of download(object, at, ports)) {
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

/** One request from byte `at` to the end; throws a transient GcsFailure unless exactly that comes. */
async function* download(object: PinnedObject, at: number, { http }: ReadPorts): AsyncGenerator<Uint8Array> {
  const waits = http.waits();
  try {
    const path = `${objectPath(object)}?alt=media&generation=${object.generation}`;
    const range = `bytes=${at}-${object.bytes - 1}`;
    const response = await http.send({ path, headers: { range } }, waits);
    checkRange(response, { object, at });
    let left = object.bytes - at;
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await waits.during(reader.read());
      if (done) break;
      left -= value.length;
      if (left < 0)
        throw new GcsFailure('transient', `more than the ${object.bytes} bytes came that were listed`);
      yield value;
    }
    if (left > 0) throw new GcsFailure('transient', `the last ${left} of ${object.bytes} bytes did not come`);
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
    throw new GcsFailure('changed', `it has ${total} bytes and was listed with ${object.bytes}`);
  const length = headers.get('content-length') ?? String(object.bytes - at);
  const isAsked = status === 206 && Number(from) === at && Number(last) === object.bytes - 1;
  if (isAsked && Number(length) === object.bytes - at) return;
  const got = `status ${status}, range ${JSON.stringify(range.slice(0, 60))}, length ${length.slice(0, 20)}`;
  throw new GcsFailure('transient', `bytes ${at}-${object.bytes - 1} were asked for and others came: ${got}`);
}
