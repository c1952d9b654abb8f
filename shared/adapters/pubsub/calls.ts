import { openClients } from './clients.ts';

/** A message as Pub/Sub hands it over, under the id that this lease of it has. */
export interface Received {
  readonly ackId: string;
  readonly messageId: string;
  /** Milliseconds since the epoch. */
  readonly publishTime: number;
  readonly data: Uint8Array;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What is published: the body, and what may be known without reading it. */
export interface Outgoing {
  readonly data: Uint8Array;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * The few calls of Pub/Sub that a queue makes; narrow, so that a test can answer in its place. Names are full
 * resource names. They reject with the errors of gRPC; nothing is tried again.
 */
export interface PubSubCalls {
  /** At most `max` messages, often fewer; waits up to `timeout` milliseconds for the first one. */
  pull(subscription: string, options: { max: number; timeout: number }): Promise<readonly Received[]>;
  acknowledge(subscription: string, ackIds: readonly string[]): Promise<void>;
  /** Lends the messages for so many seconds from now on; 0 gives them back. */
  lend(subscription: string, options: { ackIds: readonly string[]; seconds: number }): Promise<void>;
  /** Answers with the id of the message. */
  publish(topic: string, message: Outgoing): Promise<string>;
  close(): Promise<void>;
}

const CALL_MS = 20_000;

/** Once only: what is tried again, and how often, is the queue's to say. */
const options = (timeout: number) => ({ timeout, retry: null });

/** The calls over Google's client. */
export async function googleCalls(project: string): Promise<PubSubCalls> {
  const { subscriber, publisher, close } = await openClients(project);
  return {
    pull: async (subscription, { max, timeout }) => {
      const [answer] = await subscriber.pull({ subscription, maxMessages: max }, options(timeout));
      return (answer.receivedMessages ?? []).map(received);
    },
    acknowledge: async (subscription, ackIds) => {
      await subscriber.acknowledge({ subscription, ackIds: [...ackIds] }, options(CALL_MS));
    },
    lend: async (subscription, { ackIds, seconds }) => {
      const request = { subscription, ackIds: [...ackIds], ackDeadlineSeconds: seconds };
      await subscriber.modifyAckDeadline(request, options(CALL_MS));
    },
    publish: async (topic, { data, attributes }) => {
      const [answer] = await publisher.publish({ topic, messages: [{ data, attributes }] }, options(CALL_MS));
      return String(answer.messageIds?.[0] ?? '');
    },
    close,
  };
}

/** The part of Google's message that is read; every field may be absent on the wire. */
interface Lent {
  readonly ackId?: string | null;
  readonly message?: {
    readonly data?: Uint8Array | string | null;
    readonly attributes?: Readonly<Record<string, string>> | null;
    readonly messageId?: string | null;
    readonly publishTime?: { readonly seconds?: unknown; readonly nanos?: number | null } | null;
  } | null;
}

function received({ ackId, message }: Lent): Received {
  const { data, attributes, messageId, publishTime } = message ?? {};
  const seconds = Number(String(publishTime?.seconds ?? 0));
  return {
    ackId: ackId ?? '',
    messageId: messageId ?? '',
    publishTime: seconds * 1000 + Math.trunc((publishTime?.nanos ?? 0) / 1e6),
    data: typeof data === 'string' ? Buffer.from(data, 'base64') : (data ?? new Uint8Array()),
    attributes: attributes ?? {},
  };
}
