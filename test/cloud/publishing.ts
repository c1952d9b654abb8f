import { pubSubQueue } from '../../shared/adapters/pubsub/queue.ts';
import { TEST_PROJECT, type TestTopic } from '../support/cloud-resources.ts';
import type { Message } from '../support/messages.ts';

/** Publishes in this order, past any proxy; the transport gives each message its own time. */
export async function publish({ topic }: TestTopic, messages: readonly Message[]): Promise<void> {
  const queue = pubSubQueue({ project: TEST_PROJECT, topic });
  try {
    for (const { body, name } of messages) await queue.publish(body, name);
  } finally {
    await queue.close();
  }
}

/** How many messages wait on a subscription; takes them. */
export async function takeAll({ topic, subscription }: TestTopic): Promise<number> {
  const queue = pubSubQueue({ project: TEST_PROJECT, topic, subscription, timeout: 2000 });
  try {
    const messages = await queue.pull(10_000);
    await Promise.all(messages.map((message) => message.ack()));
    return messages.length;
  } finally {
    await queue.close();
  }
}
