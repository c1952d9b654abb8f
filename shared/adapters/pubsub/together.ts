// A request of Pub/Sub may have 512 KiB; an id is some 200 bytes, though nobody promises that.
const MOST_IDS = 2_500;
const MOST_BYTES = 400 * 1024;

/** Lists of ids that each fit one request. */
export function* requestsOf(ids: readonly string[]): Generator<readonly string[]> {
  let request: string[] = [];
  let bytes = 0;
  for (const id of ids) {
    // Every id has a tag and a length in front of it.
    const size = Buffer.byteLength(id) + 4;
    if (request.length === MOST_IDS || (request.length > 0 && bytes + size > MOST_BYTES)) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(id);
    bytes += size;
  }
  if (request.length > 0) yield request;
}

interface Waiting {
  readonly id: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Lets calls that are made together share requests: each is answered as the request that its id was in. */
export function together(send: (ids: readonly string[]) => Promise<void>): (id: string) => Promise<void> {
  let waiting: Waiting[] = [];
  return (id) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ id, resolve, reject });
    });

  function flush(): void {
    const calls = waiting;
    waiting = [];
    let next = 0;
    for (const ids of requestsOf(calls.map(({ id }) => id))) {
      const group = calls.slice(next, next + ids.length);
      next += ids.length;
      send(ids).then(
        () => {
          for (const { resolve } of group) resolve();
        },
        (error) => {
          for (const { reject } of group) reject(error);
        },
      );
    }
  }
}
