import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type GrpcFaultProxy,
  type GrpcRule,
  grpcFaultProxy,
} from '../../../test/support/grpc-fault-proxy.ts';
import { day, finished, started, v1 } from '../../../test/support/messages.ts';
import { ROOT } from '../../../test/support/repository.ts';
import { describeWith, pubSubStandIn, uniqueName } from '../../../test/support/stand-ins.ts';
import { makeWorld, settingsOf, tablesOf } from '../../../test/support/world.ts';
import { drain } from '../../pipeline/drain.ts';
import { MAX_BODY_BYTES, type Queue } from '../../ports/queue.ts';
import { pubSubQueue } from './queue.ts';

const PROJECT = 'tidemark-test';
const PULL = /Subscriber\/Pull$/;
const ACKNOWLEDGE = /Subscriber\/Acknowledge$/;
const LEND = /Subscriber\/ModifyAckDeadline$/;
const PUBLISH = /Publisher\/Publish$/;

describeWith(['pubsub'], 'Pub/Sub behind a network that fails', () => {
  const { address } = pubSubStandIn();
  let proxy: GrpcFaultProxy;
  let pubsub: PubSub;
  let topic: string;

  beforeAll(async () => {
    process.env.PUBSUB_EMULATOR_HOST = address;
    pubsub = new PubSub({ projectId: PROJECT });
    // Its client reads the address when it is opened.
    await pubsub.getClientConfig();
    proxy = await grpcFaultProxy({ target: address });
    process.env.PUBSUB_EMULATOR_HOST = proxy.address;
  });
  afterAll(async () => {
    process.env.PUBSUB_EMULATOR_HOST = address;
    await Promise.all([pubsub.close(), proxy.close()]);
  });
  const open: Queue[] = [];
  beforeEach(async () => {
    topic = uniqueName();
    const [made] = await pubsub.createTopic(topic);
    await made.createSubscription(`${topic}-sub`, { ackDeadlineSeconds: 10 });
  });
  afterEach(async () => {
    proxy.use([]);
    await Promise.all(open.splice(0).map((queue) => queue.close()));
  });

  function queueWith(rules: readonly GrpcRule[], { timeout = 1_300 } = {}): Queue {
    proxy.use(rules);
    const queue = pubSubQueue({
      project: PROJECT,
      topic,
      subscription: `${topic}-sub`,
      timeout,
      retryWait: 1,
    });
    open.push(queue);
    return queue;
  }

  const publish = (...bodies: readonly (string | Uint8Array)[]) =>
    Promise.all(
      bodies.map((body) => pubsub.topic(topic).publishMessage({ data: Buffer.from(body as string) })),
    );

  test.each(['UNAVAILABLE', 'INTERNAL', 'ABORTED', 'RESOURCE_EXHAUSTED'] as const)(
    '%s twice costs nothing but a moment: pulled, lent and acknowledged at the third call',
    async (fault) => {
      const queue = queueWith([
        { path: PULL, nth: [1, 2], fault },
        { path: ACKNOWLEDGE, nth: [1, 2], fault },
      ]);
      await publish('a');
      const [a] = await queue.pull(1);
      await a!.ack();
      expect([proxy.count(PULL), proxy.count(ACKNOWLEDGE), proxy.count(LEND)]).toStrictEqual([3, 3, 1]);
      await queue.close();
      expect(await queueWith([]).pull(1)).toStrictEqual([]);
    },
  );

  test.each([
    ['RESOURCE_EXHAUSTED', 'unavailable', 'a quota is used up', 3],
    ['UNAVAILABLE', 'unavailable', 'Pub/Sub is out of reach', 3],
    ['PERMISSION_DENIED', 'denied', 'give the caller roles/pubsub.subscriber on projects/', 1],
    ['UNAUTHENTICATED', 'denied', 'the credentials are not accepted, or have expired', 1],
  ] as const)('%s for good is %s, in one sentence: %s (%i calls)', async (fault, code, words, calls) => {
    const queue = queueWith([{ path: PULL, fault }]);
    await expect(queue.pull(1)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    expect(proxy.count(PULL)).toBe(calls);
  });

  test('a pull that nobody answers is over when its time is; the messages come with the next', async () => {
    const queue = queueWith([{ path: PULL, nth: [1], fault: 'hang' }]);
    await publish('a');
    expect(await queue.pull(1)).toStrictEqual([]);
    expect(await queue.pull(1)).toHaveLength(1);
  });

  test('where something listens that is no Pub/Sub, nothing is found and that is said', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    try {
      const lost = { code: 'unavailable', message: expect.stringContaining('there was no answer in time') };
      await expect(queueWith([], { timeout: 500 }).pull(1)).rejects.toMatchObject(lost);
    } finally {
      process.env.PUBSUB_EMULATOR_HOST = proxy.address;
      silent.close();
    }
  });

  test('a lease that cannot be renewed is no error', async () => {
    const queue = queueWith([{ path: LEND, fault: 'UNAVAILABLE' }]);
    await publish('a');
    const [a] = await queue.pull(1);
    await a!.ack();
  });

  test('an acknowledgement whose answer is lost is made again, and hurts nobody', async () => {
    const queue = queueWith([{ path: ACKNOWLEDGE, nth: [1], fault: 'lost' }]);
    await publish('a');
    const [a] = await queue.pull(1);
    await a!.ack();
    expect(proxy.count(ACKNOWLEDGE)).toBe(2);
    await queue.close();
    expect(await queueWith([]).pull(1)).toStrictEqual([]);
  });

  test('a publication whose answer is lost may be two messages; they are one event', async () => {
    const queue = queueWith([{ path: PUBLISH, nth: [1], fault: 'lost' }]);
    const { body, name } = finished({ test: 't', run: 'r', at: day(1) }, 'success');
    await queue.publish(body, name);
    expect(proxy.count(PUBLISH)).toBe(2);
    const world = makeWorld(settingsOf({}), { queue });
    expect(await drain(world.ports)).toMatchObject({ recorded: 2, rejected: 0, failure: null });
    expect(world.store.events.size).toBe(1);
  });

  describe('a tick', () => {
    const messages = [
      v1('v1', day(1), { test_name: 'a', job_name: 'j', job_uid: 'u' }),
      started({ test: 'b', run: 'r-1', at: day(2) }),
      finished({ test: 'b', run: 'r-1', at: day(2, 1) }, 'success'),
      finished({ test: 'b', run: 'r-2', at: day(2, 2) }, 'failure'),
    ].map(({ body }) => body);
    const bytes = (name: string) => readFileSync(join(ROOT, `test/fixtures/v2/${name}.pb`));
    const v2 = [bytes('completed'), bytes('timeout'), bytes('timeout')];
    const poison = ['{"job_name"', new Uint8Array([0x0a, 200, 1]), new Uint8Array(MAX_BODY_BYTES + 1)];

    async function everything() {
      await pubsub.createTopic(`${topic}-dead-letter`);
      await publish(...messages, ...v2, ...poison);
    }

    const runsOf = (world: ReturnType<typeof makeWorld>) =>
      tablesOf(world.store)
        .job_history.map(({ testName, runId, outcome }) => `${testName} ${runId} ${outcome}`)
        .sort();

    const RUNS = [
      'b r-1 success',
      'b r-2 failure',
      'mnist-nightly mnist-nightly-1600000000 success',
      'mnist-nightly mnist-nightly@2026-08-02T02:00:00.000Z timeout',
    ];

    test('reads v1, v2 and Tidemark events from one subscription, and puts the poison among them aside', async () => {
      await everything();
      const queue = queueWith([]);
      const world = makeWorld(settingsOf({}), { queue });
      const report = await world.tickAt(day(3));
      expect(runsOf(world)).toStrictEqual(RUNS);
      expect([...world.store.rejected.values()].map(({ reason }) => reason).sort()).toStrictEqual([
        'json',
        'oversized',
        'v2',
      ]);
      expect(report).toMatchObject({ rejected: 3, waiting: 1 });
      await queue.close();
      expect(await queueWith([]).pull(10)).toStrictEqual([]);
    });

    test('whose acknowledgements all fail is made again by the next, to the same rows', async () => {
      await everything();
      const broken = queueWith([{ path: ACKNOWLEDGE, fault: 'UNAVAILABLE' }]);
      const world = makeWorld(settingsOf({}), { queue: broken });
      await expect(world.tickAt(day(3))).rejects.toMatchObject({ code: 'unavailable' });
      const before = tablesOf(world.store);
      await broken.close();
      proxy.use([]);
      expect(await drain(world.ports)).toMatchObject({ failure: null });
      await world.tickAt(day(3, 1));
      expect(runsOf(world)).toStrictEqual(RUNS);
      expect(tablesOf(world.store)).toStrictEqual(before);
    });
  });
});
