import { PubSub } from '@google-cloud/pubsub';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, pubSubStandIn, uniqueName } from '../../../test/support/stand-ins.ts';
import { pubSubChecks } from './check.ts';

const PROJECT = 'tidemark-test';

describeWith(['pubsub'], 'checks of Pub/Sub', () => {
  let pubsub: PubSub;
  beforeAll(() => {
    process.env.PUBSUB_EMULATOR_HOST = pubSubStandIn().address;
    pubsub = new PubSub({ projectId: PROJECT });
  });
  afterAll(() => pubsub.close());

  /** Lines that are not well, without those on rights, which no stand-in knows. */
  async function unwell(topic: string) {
    const checks = await pubSubChecks({ project: PROJECT, topic, subscription: `${topic}-sub` });
    const rights = checks.filter(({ detail }) => detail.includes('could not be asked'));
    expect(rights.map(({ state }) => state)).toEqual(['note', 'note']);
    return checks.filter((check) => check.state !== 'ok' && !rights.includes(check));
  }

  test('settings are read as they were made', async () => {
    const topic = uniqueName();
    const [made] = await pubsub.createTopic(topic);
    const [deadLetters] = await pubsub.createTopic(`${topic}-dead-letter`);
    await deadLetters.createSubscription(`${topic}-kept`);
    await made.createSubscription(`${topic}-sub`, {
      ackDeadlineSeconds: 600,
      expirationPolicy: {},
      messageRetentionDuration: 7 * 86_400,
    });
    expect(await unwell(topic)).toEqual([]);
  });

  test('settings that do harm are told, and a dead-letter topic that keeps nothing', async () => {
    const topic = uniqueName();
    const [made] = await pubsub.createTopic(topic);
    await pubsub.createTopic(`${topic}-dead-letter`);
    await made.createSubscription(`${topic}-sub`, {
      ackDeadlineSeconds: 10,
      messageRetentionDuration: 86_400,
      expirationPolicy: { ttl: { seconds: 2 * 86_400 } },
      retryPolicy: { minimumBackoff: { seconds: 10 }, maximumBackoff: { seconds: 600 } },
      deadLetterPolicy: {
        deadLetterTopic: `projects/${PROJECT}/topics/${topic}-dead-letter`,
        maxDeliveryAttempts: 5,
      },
    });
    const words = (await unwell(topic)).map(({ detail }) => detail);
    expect(words).toEqual([
      expect.stringContaining('--ack-deadline=600'),
      expect.stringContaining('--clear-dead-letter-policy'),
      expect.stringContaining('--clear-retry-policy'),
      expect.stringContaining('keeps messages only 1 day'),
      expect.stringContaining('deleted after 2 days'),
      expect.stringContaining('it has no subscription'),
    ]);
  });

  test('what is not there is told', async () => {
    const found = await unwell(uniqueName());
    expect(found.map(({ state, detail }) => [state, /does not exist/.test(detail)])).toEqual([
      ['bad', true],
      ['bad', true],
      ['bad', true],
    ]);
  });
});
