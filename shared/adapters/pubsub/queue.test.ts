import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PortError } from '../../ports/error.ts';
import type { PubSubCalls, Received } from './calls.ts';
import { type PubSubOptions, pubSubQueue } from './queue.ts';

const SUBSCRIPTION = 'projects/p/subscriptions/s';

const lent = (n: number, part: Partial<Received> = {}): Received => ({
  ackId: `ack-${n}`,
  messageId: `id-${n}`,
  publishTime: 1_000,
  data: new Uint8Array([0x7b, 0x7d]),
  attributes: {},
  ...part,
});
const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => lent(from + i));

const grpc = (code: number, details: string) =>
  Object.assign(new Error(`${code} SOMETHING: ${details}`), { code, details });

/** A queue on calls that answer as the test says, and all that was asked of them. */
function queueOn(answers: Partial<PubSubCalls> = {}, options: Partial<PubSubOptions> = {}) {
  const asked: { what: string; count: number; seconds?: number }[] = [];
  const calls: PubSubCalls = {
    pull: async () => [],
    acknowledge: async () => {},
    lend: async () => {},
    publish: async () => 'published',
    close: async () => {},
    ...answers,
  };
  const queue = pubSubQueue({
    project: 'p',
    topic: 't',
    subscription: 's',
    retryWait: 0,
    connect: async () => ({
      pull: (name, how) => {
        asked.push({ what: 'pull', count: how.max });
        return calls.pull(name, how);
      },
      acknowledge: (name, ackIds) => {
        asked.push({ what: 'acknowledge', count: ackIds.length });
        return calls.acknowledge(name, ackIds);
      },
      lend: (name, how) => {
        asked.push({ what: 'lend', count: how.ackIds.length, seconds: how.seconds });
        return calls.lend(name, how);
      },
      publish: calls.publish,
      close: async () => {
        asked.push({ what: 'close', count: 0 });
        return calls.close();
      },
    }),
    ...options,
  });
  const of = (what: string) => asked.filter((one) => one.what === what);
  return { queue, asked, of };
}

/** Answers one after the other, then always with nothing. */
function parts(...answers: readonly (readonly Received[] | Error)[]): PubSubCalls['pull'] {
  const left = [...answers];
  return async () => {
    const next = left.shift() ?? [];
    if (next instanceof Error) throw next;
    return next;
  };
}

describe('pulling', () => {
  test('asks until there is enough, never for more than is missing or 1,000', async () => {
    const { queue, of } = queueOn({ pull: parts(many(1_000), many(100, 1_000), many(50, 1_100)) });
    expect(await queue.pull(1_150)).toHaveLength(1_150);
    expect(of('pull').map(({ count }) => count)).toStrictEqual([1_000, 150, 50]);
  });

  test('a pull that came to the end speaks for the next one, but not after a message was published', async () => {
    const { queue, of } = queueOn({ pull: parts(many(2), [], many(1, 2)) });
    expect(await queue.pull(9)).toHaveLength(2);
    expect(await queue.pull(9)).toStrictEqual([]);
    expect(of('pull')).toHaveLength(2);
    await queue.publish(new Uint8Array(), 'more');
    expect(await queue.pull(9)).toHaveLength(1);
  });

  test('stops before bodies of 64 MiB are exceeded by more than one answer', async () => {
    const large = (n: number) => lent(n, { data: new Uint8Array(1024 * 1024) });
    const { queue, of } = queueOn({ pull: async () => Array.from({ length: 40 }, (_, i) => large(i)) });
    expect(await queue.pull(2_000)).toHaveLength(80);
    expect(of('pull')).toHaveLength(2);
  });

  test('a deadline that passes in silence is an empty queue; one that found no server is not', async () => {
    const silent = queueOn({ pull: parts(grpc(4, 'Deadline exceeded after 10s,remote_addr=127.0.0.1:1')) });
    expect(await silent.queue.pull(9)).toStrictEqual([]);
    const away = queueOn({
      pull: () => Promise.reject(grpc(4, 'Deadline exceeded after 10s,Waiting for LB pick')),
    });
    await expect(away.queue.pull(9)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('what came before a failure is handed out; the failure is met again by the next pull', async () => {
    const gone = () => grpc(5, 'Resource not found');
    const { queue } = queueOn({ pull: parts(many(2), gone(), gone()) });
    expect(await queue.pull(9)).toHaveLength(2);
    await expect(queue.pull(9)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('waits for a first message, and not as long for more', async () => {
    const waits: number[] = [];
    const answers = [many(1), []];
    const { queue } = queueOn({
      pull: async (_, { timeout }) => {
        waits.push(timeout);
        return answers.shift() ?? [];
      },
    });
    await queue.pull(9);
    expect(waits).toStrictEqual([10_000, 3_000]);
  });

  test('a failure in passing is tried three times and no more', async () => {
    const down = grpc(14, 'connection refused');
    const twice = queueOn({ pull: parts(down, down, many(1)) });
    expect(await twice.queue.pull(1)).toHaveLength(1);
    const ever = queueOn({ pull: () => Promise.reject(down) });
    await expect(ever.queue.pull(1)).rejects.toBeInstanceOf(PortError);
    expect(ever.of('pull')).toHaveLength(3);
  });

  test('without a subscription it says what to add, and publishing works', async () => {
    const { queue } = queueOn({}, { subscription: undefined });
    await expect(queue.pull(1)).rejects.toThrow(
      'Cannot read queue pubsub://p/t: it names no subscription; add',
    );
    expect(await queue.publish(new Uint8Array(), 'a')).toBe('published');
  });
});

describe('acknowledging', () => {
  test('what is acknowledged together shares requests of at most 2,500', async () => {
    const { queue, of } = queueOn({ pull: parts(many(1_000), many(1_000, 1_000), many(1_000, 2_000)) });
    const pulled = await queue.pull(3_000);
    await Promise.all(pulled.map((delivery) => delivery.ack()));
    expect(of('acknowledge').map(({ count }) => count)).toStrictEqual([2_500, 500]);
  });

  test('a request that fails fails its messages, and they may be acknowledged again', async () => {
    let times = 0;
    const { queue } = queueOn({
      pull: parts(many(2)),
      acknowledge: async () => {
        if (times++ === 0) throw grpc(7, 'User not authorized');
      },
    });
    const [a, b] = await queue.pull(2);
    const ended = await Promise.allSettled([a!.ack(), b!.ack()]);
    expect(ended.map(({ status }) => status)).toStrictEqual(['rejected', 'rejected']);
    await a!.ack();
    expect(times).toBe(2);
  });

  test('a message that cannot be set aside stays held, and is given back at the end', async () => {
    const { queue, of } = queueOn({
      pull: parts([lent(0, { data: new Uint8Array(1024 * 1024 + 1) })]),
      publish: () => Promise.reject(grpc(5, 'Topic not found')),
    });
    const [big] = await queue.pull(1);
    await expect(big!.setAside()).rejects.toThrow('t-dead-letter: it does not exist; create the topic');
    expect(of('acknowledge')).toStrictEqual([]);
    await queue.close();
    expect(of('lend').at(-1)).toStrictEqual({ what: 'lend', count: 1, seconds: 0 });
  });
});

describe('leases', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  test('begin with the pull, are renewed while something is held, and only for that', async () => {
    const { queue, of } = queueOn({ pull: parts(many(3)) }, { extendEvery: 300_000 });
    const [a, b, c] = await queue.pull(3);
    expect(of('lend')).toStrictEqual([{ what: 'lend', count: 3, seconds: 600 }]);
    await a!.ack();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(of('lend').at(-1)).toStrictEqual({ what: 'lend', count: 2, seconds: 600 });
    await Promise.all([b!.ack(), c!.ack()]);
    await vi.advanceTimersByTimeAsync(3_000_000);
    expect(of('lend')).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('end with the queue: what is held is given back before it closes, and nothing is renewed any more', async () => {
    const { queue, asked } = queueOn({ pull: parts(many(2)) });
    await queue.pull(2);
    await queue.close();
    await queue.close();
    expect(asked.slice(-2)).toStrictEqual([
      { what: 'lend', count: 2, seconds: 0 },
      { what: 'close', count: 0 },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that cannot be taken or given back are no error', async () => {
    const { queue } = queueOn({
      pull: parts(many(1)),
      lend: () => Promise.reject(grpc(14, 'away')),
      close: () => Promise.reject(new Error('closed already')),
    });
    expect(await queue.pull(1)).toHaveLength(1);
    await queue.close();
    expect(await queue.pull(1)).toStrictEqual([]);
  });
});

describe('failures in words', () => {
  const words = async (error: Error) => {
    const { queue } = queueOn({ pull: () => Promise.reject(error) });
    const said = await queue.pull(1).catch((thrown: PortError) => thrown);
    return said instanceof PortError ? [said.code, said.retryable, said.message] : said;
  };

  test.each([
    [5, 'gone', 'not-found', false, 'it does not exist; create the subscription'],
    [
      7,
      'no',
      'denied',
      false,
      `not permitted; give the caller roles/pubsub.subscriber on ${SUBSCRIPTION} (no)`,
    ],
    [16, 'Request had invalid authentication', 'denied', false, 'not accepted, or have expired'],
    [8, 'quota', 'unavailable', true, 'a quota is used up; it comes back by itself, or raise it (quota)'],
    [14, 'no\n connection', 'unavailable', true, 'Pub/Sub is out of reach (no connection)'],
    [3, 'bad', 'invalid', false, 'it is refused (bad)'],
    [9, 'push', 'invalid', false, 'it is refused (push)'],
    [13, 'oops', 'unavailable', true, 'oops'],
    [
      14,
      'plugin: Could not load the default credentials.',
      'denied',
      false,
      'this machine has no Google credentials',
    ],
  ] as const)('code %i "%s" is %s', async (code, details, word, retryable, sentence) => {
    const said = await words(grpc(code, details));
    expect(said).toMatchObject([
      word,
      retryable,
      expect.stringContaining(`Cannot pull from ${SUBSCRIPTION}: `),
    ]);
    expect(said).toMatchObject([word, retryable, expect.stringContaining(sentence)]);
  });

  test('an error that is none of gRPC is told in its own words, cut to a line', async () => {
    const said = await words(new Error(`what\n${'x'.repeat(1_000)}`));
    expect(said).toMatchObject(['unavailable', true, expect.stringMatching(/^.{200,400}…$/)]);
  });
});
