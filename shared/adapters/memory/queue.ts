import { createHash } from 'node:crypto';
import { type Delivery, MAX_BODY_BYTES, type Queue } from '../../ports/queue.ts';

/** A queue that lives as long as its process, and lets a test look inside. */
export interface MemoryQueue extends Queue {
  /** Names of what is neither acknowledged nor set aside, in the order of publishing. */
  waiting(): readonly string[];
  /** Names of what was set aside. */
  rejected(): readonly string[];
}

interface Message {
  readonly body: Uint8Array;
  readonly name: string;
  readonly publishTime: number;
}

/** `now` answers in milliseconds since the epoch. */
export function memoryQueue({ now = Date.now }: { readonly now?: () => number } = {}): MemoryQueue {
  const messages = new Set<Message>();
  const aside: string[] = [];

  return {
    publish: async (body, name, options = {}) => {
      // A copy: the publisher may use its buffer again.
      const message = { body: body.slice(), name, publishTime: options.publishTime ?? now() };
      messages.add(message);
      return digest(message.body);
    },
    pull: async (max) =>
      [...messages]
        .sort((a, b) => a.publishTime - b.publishTime)
        .slice(0, max)
        .map(deliver),
    close: async () => {},
    waiting: () => Array.from(messages, ({ name }) => name),
    rejected: () => [...aside],
  };

  function deliver(message: Message): Delivery {
    const { body, name, publishTime } = message;
    return {
      id: digest(body),
      body: body.length > MAX_BODY_BYTES ? null : body.slice(),
      bytes: body.length,
      publishTime,
      format: name.endsWith('.pb') ? 'v2' : 'json',
      name,
      ack: async () => void messages.delete(message),
      setAside: async () => {
        if (messages.delete(message)) aside.push(name);
        return `memory:rejected/${name}`;
      },
    };
  }
}

function digest(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}
