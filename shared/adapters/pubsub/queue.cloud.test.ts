import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PubSub } from '@google-cloud/pubsub';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queueContract } from '../../../test/contracts/queue.ts';
import { describeWith, pubSubStandIn, uniqueName } from '../../../test/support/stand-ins.ts';
import { MAX_BODY_BYTES } from '../../ports/queue.ts';
import { pubSubQueue } from './queue.ts';

const PROJECT = 'tidemark-test';
/** Milliseconds: the emulator answers a pull that finds nothing one second before its time is over. */
const TIMEOUT = 1_300;

const bytes = (text: string) => new TextEncoder().encode(text);

describeWith(['pubsub'], 'Pub/Sub', () => {
  const { address, kind } = pubSubStandIn();
  let pubsub: PubSub;

  beforeAll(() => {
    process.env.PUBSUB_EMULATOR_HOST = address;
    pubsub = new PubSub({ projectId: PROJECT });
  });
  afterAll(() => pubsub.close());

  /** A topic of its own with a subscription; 10 s is the shortest deadline there is. */
  async function place({ deadLetter = true } = {}) {
    const topic = uniqueName();
    const [created] = await pubsub.createTopic(topic);
    await created.createSubscription(`${topic}-sub`, { ackDeadlineSeconds: 10 });
    if (deadLetter) await subscribed(`${topic}-dead-letter`);
    return { project: PROJECT, topic, subscription: `${topic}-sub` };
  }

  async function subscribed(topic: string) {
    const [created] = await pubsub.createTopic(topic);
    await created.createSubscription(`${topic}-sub`);
  }

  const open = (at: { project: string; topic: string; subscription?: string }) =>
    pubSubQueue({ ...at, timeout: TIMEOUT });

  async function opened(options: { deadLetter?: boolean } = {}) {
    const at = await place(options);
    return { at, queue: open(at) };
  }

  // Queues of the contract, so that each can be opened again where it was.
  const places = new WeakMap<object, Awaited<ReturnType<typeof place>>>();
  const remember = (at: Awaited<ReturnType<typeof place>>) => {
    const queue = open(at);
    places.set(queue, at);
    return queue;
  };
  queueContract(`Pub/Sub on ${kind}`, {
    open: async () => remember(await place()),
    again: async (queue) => {
      await queue.close();
      return remember(places.get(queue)!);
    },
    ordered: false,
  });

  test('3,000 messages published by others come with one pull, and are gone when they are acknowledged', async () => {
    const { at, queue } = await opened();
    const topic = pubsub.topic(at.topic);
    const names = Array.from({ length: 3_000 }, (_, i) => `{"job_name":"n${i}"}`);
    await Promise.all(names.map((name) => topic.publishMessage({ data: Buffer.from(name) })));
    const pulled = await queue.pull(3_000);
    const bodies = pulled.map(({ body }) => new TextDecoder().decode(body!));
    expect(new Set(bodies)).toStrictEqual(new Set(names));
    await Promise.all(pulled.map((delivery) => delivery.ack()));
    await queue.close();
    expect(await queue.pull(10)).toStrictEqual([]);
    await queue.close();
  });

  test('what others publish without attributes is told apart by its bytes, and has its id for a name', async () => {
    const { at, queue } = await opened();
    const topic = pubsub.topic(at.topic);
    const v2 = Buffer.from([0x0a, 3, 0x61, 0x62, 0x63]);
    const ids = [
      await topic.publishMessage({ data: v2 }),
      await topic.publishMessage({ data: Buffer.from('\n {"job_name": "x"}') }),
    ];
    const pulled = await queue.pull(2);
    const told = pulled.map(({ id, name, format }) => ({ id, name, format }));
    expect(told.sort((a, b) => (a.format < b.format ? 1 : -1))).toStrictEqual([
      { id: ids[0], name: ids[0], format: 'v2' },
      { id: ids[1], name: ids[1], format: 'json' },
    ]);
    await queue.close();
  });

  test('what is held outlives the ten seconds of its subscription; nobody else gets it meanwhile', async () => {
    const { at, queue } = await opened();
    await queue.publish(bytes('a'), 'a');
    const [held] = await queue.pull(1);
    await sleep(12_000);
    const other = open(at);
    expect(await other.pull(1)).toStrictEqual([]);
    await held!.ack();
    await queue.close();
    expect(await other.pull(1)).toStrictEqual([]);
    await other.close();
  });

  test('an oversized message goes to the dead-letter topic with its attributes and the reason', async () => {
    const { at, queue } = await opened();
    const data = Buffer.alloc(MAX_BODY_BYTES + 1, 0x61);
    const id = await pubsub
      .topic(at.topic)
      .publishMessage({ data, attributes: { team: 'ranking', name: 'big' } });
    const [big] = await queue.pull(1);
    expect(big).toMatchObject({ id, body: null, bytes: data.length, name: 'big' });
    expect(await big!.setAside()).toContain(`${at.topic}-dead-letter`);

    const letters = open({ ...at, subscription: `${at.topic}-dead-letter-sub` });
    const [letter] = await letters.pull(1);
    expect(letter).toMatchObject({ bytes: data.length, name: 'big' });
    await letters.close();
    const subscription = pubsub.subscription(`${at.topic}-dead-letter-sub`);
    const [message] = await once(subscription, 'message');
    expect(message.attributes).toStrictEqual({
      team: 'ranking',
      name: 'big',
      reason: 'oversized',
      source_message_id: id,
      source_publish_time: new Date(big!.publishTime).toISOString(),
      source_subscription: `projects/${PROJECT}/subscriptions/${at.topic}-sub`,
    });
    await subscription.close();
    await queue.close();
  });

  // pstest takes no request over 4 MiB; Pub/Sub and its emulator take 10 MB.
  const largest = kind === 'pstest' ? 4_000_000 : 9_900_000;
  test(`a message of ${largest / 1e6} MB is carried whole`, async () => {
    const { at, queue } = await opened();
    const data = Buffer.alloc(largest, 0x62);
    await pubsub.topic(at.topic).publishMessage({ data });
    const [big] = await queue.pull(1);
    expect(big).toMatchObject({ body: null, bytes: data.length });
    await big!.setAside();
    expect(await queue.pull(1)).toStrictEqual([]);
    await queue.close();
  });

  test('without a dead-letter topic the message stays, one sentence says what to create, others leave', async () => {
    const { at, queue } = await opened({ deadLetter: false });
    await queue.publish(new Uint8Array(MAX_BODY_BYTES + 1), 'big');
    await queue.publish(bytes('good'), 'good');
    const pulled = await queue.pull(2);
    const ended = await Promise.allSettled(
      pulled.map((delivery) => (delivery.body === null ? delivery.setAside() : delivery.ack())),
    );
    expect(ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))).toMatchObject([
      {
        code: 'not-found',
        message: `Cannot set message "big" aside: cannot publish to projects/${PROJECT}/topics/${at.topic}-dead-letter: it does not exist; create the topic, and a subscription to it, since without one nothing is kept`,
      },
    ]);
    await queue.close();
    const left = await queue.pull(10);
    expect(left.map(({ name }) => name)).toStrictEqual(['big']);
    await subscribed(`${at.topic}-dead-letter`);
    await left[0]!.setAside();
    await queue.close();
  });

  test('a missing topic and a missing subscription are told by name', async () => {
    const at = await place();
    const none = open({ ...at, topic: 'nowhere', subscription: 'nothing' });
    await expect(none.publish(bytes('a'), 'a')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(`publish to projects/${PROJECT}/topics/nowhere: it does not exist`),
    });
    await expect(none.pull(1)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(
        `pull from projects/${PROJECT}/subscriptions/nothing: it does not exist`,
      ),
    });
    await none.close();
  });

  test('a process that is killed while it holds messages keeps them from nobody for longer than its lease', async () => {
    const at = await place();
    const queue = open(at);
    for (const word of ['a', 'b']) await queue.publish(bytes(word), word);
    const child = spawn(
      process.execPath,
      [new URL('../../../test/support/pubsub-holder.ts', import.meta.url).pathname, JSON.stringify(at)],
      { env: { ...process.env, PUBSUB_EMULATOR_HOST: address }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [said] = await once(child.stdout, 'data');
    expect(String(said).trim()).toBe('2');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await queue.pull(2)).toStrictEqual([]);
    await sleep(11_000);
    const found = await queue.pull(2);
    expect(found.map(({ name }) => name).sort()).toStrictEqual(['a', 'b']);
    await queue.close();
  });
});
