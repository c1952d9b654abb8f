import { PortError } from '../../ports/error.ts';
import { type Delivery, MAX_BODY_BYTES, type Queue } from '../../ports/queue.ts';
import { deadLetter, messageAttributes, nameOf } from './attributes.ts';
import { googleCalls, type Outgoing, type PubSubCalls, type Received } from './calls.ts';
import { type Doing, isEmpty, pubSubError, retried } from './errors.ts';
import { formatOf } from './format.ts';
import { LEASE_SECONDS, leases } from './leases.ts';
import type { PubSubPlace } from './place.ts';
import { requestsOf, together } from './together.ts';

/** The most that one pull may ask for. */
const MOST_A_CALL = 1_000;
// Bodies that are handed out together must not fill the memory of a small function.
const MAX_PULL_BYTES = 64 * 1024 * 1024;
/** A queue that others fill as fast as it is emptied must not keep one pull for ever. */
const FILL_MS = 20_000;
const EXTEND_MS = 300_000;
/** Once something came, whether there is more is known sooner than whether there is anything. */
const MORE_MS = 3_000;

export interface PubSubOptions extends PubSubPlace {
  /** How often leases are renewed, milliseconds. */
  readonly extendEvery?: number;
  /** Milliseconds before a call that failed in passing is made again; each further wait is twice as long. */
  readonly retryWait?: number;
  /** Opens the calls when the first is made; by default over Google's client. */
  readonly connect?: (project: string) => Promise<PubSubCalls>;
}

/**
 * Messages of a Pub/Sub subscription, pulled by unary calls: what this process holds is lent to it for ten minutes
 * at a time, renewed while it lives, and given back by `close`. The id of a message is Pub/Sub's, its name the
 * attribute `name`, else the id. Pub/Sub keeps no order. After `close` the next call opens anew.
 */
export function pubSubQueue(options: PubSubOptions): Queue {
  const { timeout = 10_000, extendEvery = EXTEND_MS, retryWait = 250, connect = googleCalls } = options;
  const { project } = options;
  const topic = `projects/${project}/topics/${options.topic}`;
  const deadLetterTopic = `projects/${project}/topics/${options.deadLetterTopic ?? `${options.topic}-dead-letter`}`;
  const source = () => subscriptionOf(options);
  let opened: Promise<PubSubCalls> | undefined;
  /** Until when a pull that found the end of the queue speaks for the next one too. */
  let emptyUntil = 0;

  const held = leases({ every: extendEvery, extend: (ackIds) => void lend(ackIds, LEASE_SECONDS) });
  const acknowledge = together((ackIds) =>
    call(acknowledging(source()), (calls) => calls.acknowledge(source(), ackIds)),
  );
  return { publish, pull, close };

  /** Makes a call, a few times if need be, and translates what goes wrong. */
  async function call<T>(doing: Doing, work: (calls: PubSubCalls) => Promise<T>): Promise<T> {
    try {
      return await retried(async () => work(await open()), { attempts: 3, wait: retryWait });
    } catch (error) {
      throw pubSubError(error, doing);
    }
  }

  function open(): Promise<PubSubCalls> {
    opened ??= connect(project).catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function publish(body: Uint8Array, name: string): Promise<string> {
    emptyUntil = 0;
    return send(topic, `publish to ${topic}`, { data: body, attributes: messageAttributes(name) });
  }

  function send(to: string, what: string, message: Outgoing): Promise<string> {
    return call(publishing(to, what), (calls) => calls.publish(to, message));
  }

  /** Pub/Sub gives fewer than asked for while more are there: asks until there is enough, or nothing came. */
  async function pull(max: number): Promise<readonly Delivery[]> {
    const found: Received[] = [];
    const begun = performance.now();
    let bytes = 0;
    if (begun < emptyUntil) {
      emptyUntil = 0;
      return [];
    }
    while (found.length < max && bytes < MAX_PULL_BYTES && performance.now() - begun < FILL_MS) {
      try {
        const wait = found.length === 0 ? timeout : Math.min(timeout, MORE_MS);
        const part = await pullOnce(Math.min(max - found.length, MOST_A_CALL), wait);
        if (part.length === 0) {
          if (found.length > 0) emptyUntil = performance.now() + timeout;
          break;
        }
        found.push(...part);
        for (const { data } of part) bytes += data.length;
      } catch (error) {
        // What is held already is handed out first; the next pull meets the same failure if it lasts.
        if (found.length === 0) throw error;
        break;
      }
    }
    return found.map(deliver);
  }

  async function pullOnce(max: number, wait: number): Promise<readonly Received[]> {
    const subscription = source();
    const messages = await call(pulling(subscription), (calls) =>
      calls.pull(subscription, { max, timeout: wait }).catch((error) => {
        if (isEmpty(error)) return [];
        throw error;
      }),
    );
    const ackIds = messages.map(({ ackId }) => ackId);
    held.hold(ackIds);
    // At once: the subscription's own deadline may be ten seconds.
    await lend(ackIds, LEASE_SECONDS);
    return messages;
  }

  /** A lease that is not renewed only means that the message comes again, and its row is there already. */
  async function lend(ackIds: readonly string[], seconds: number): Promise<void> {
    const requests = [...requestsOf(ackIds)].map(async (ids) => {
      const calls = await open();
      await calls.lend(source(), { ackIds: ids, seconds });
    });
    await Promise.allSettled(requests);
  }

  function deliver(message: Received): Delivery {
    const { ackId, messageId, publishTime, data, attributes } = message;
    const name = nameOf(message);
    const tooLarge = data.length > MAX_BODY_BYTES;
    const ack = once(async () => {
      await acknowledge(ackId);
      held.drop(ackId);
    });
    return {
      id: messageId,
      body: tooLarge ? null : data,
      bytes: data.length,
      publishTime,
      format: formatOf(data, attributes),
      name,
      ack,
      setAside: once(async () => {
        const what = `set message "${name}" aside: cannot publish to ${deadLetterTopic}`;
        const reason = tooLarge ? 'oversized' : 'unreadable';
        const id = await send(deadLetterTopic, what, deadLetter(message, { reason, source: source() }));
        await ack();
        return `${deadLetterTopic}, message ${id} ("${name}")`;
      }),
    };
  }

  async function close(): Promise<void> {
    emptyUntil = 0;
    const left = held.end();
    if (opened === undefined) return;
    if (left.length > 0) await lend(left, 0);
    const calls = await opened.catch(() => undefined);
    opened = undefined;
    await calls?.close().catch(() => {});
  }
}

function subscriptionOf({ project, subscription, topic }: PubSubPlace): string {
  if (subscription !== undefined) return `projects/${project}/subscriptions/${subscription}`;
  throw new PortError(
    'invalid',
    `Cannot read queue pubsub://${project}/${topic}: it names no subscription; add ?subscription=NAME`,
  );
}

function pulling(subscription: string): Doing {
  return {
    what: `pull from ${subscription}`,
    create: `create the subscription, with an acknowledgement deadline of ${LEASE_SECONDS} s`,
    role: `roles/pubsub.subscriber on ${subscription}`,
  };
}

function acknowledging(subscription: string): Doing {
  return { ...pulling(subscription), what: `acknowledge messages of ${subscription}` };
}

function publishing(topic: string, what: string): Doing {
  return {
    what,
    create: 'create the topic, and a subscription to it, since without one nothing is kept',
    role: `roles/pubsub.publisher on ${topic}`,
  };
}

/** Does it once, whoever asks how often; what failed is done again by the next who asks. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let doing: Promise<T> | undefined;
  return () => {
    doing ??= work().catch((error) => {
      doing = undefined;
      throw error;
    });
    return doing;
  };
}
