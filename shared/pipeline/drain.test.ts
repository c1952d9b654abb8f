import { expect, test } from 'vitest';
import { day, finished, started, text } from '../../test/support/messages.ts';
import { makeWorld, settingsOf } from '../../test/support/world.ts';
import { memoryQueue } from '../adapters/memory/queue.ts';
import { PortError } from '../ports/error.ts';
import { type Delivery, MAX_BODY_BYTES, type Queue } from '../ports/queue.ts';
import { drain } from './drain.ts';

const AT = day(1);

/** A world whose queue is the given one on top of a queue in memory. */
function worldWith(alter: (inner: Queue) => Partial<Queue>) {
  const inner = memoryQueue();
  const queue = { ...inner, ...alter(inner) };
  return { inner, ...makeWorld(settingsOf({}), { queue }) };
}

const altered =
  (inner: Queue, alter: (delivery: Delivery) => Delivery): Queue['pull'] =>
  async (max) =>
    (await inner.pull(max)).map(alter);

async function publishRuns(queue: Queue, count: number) {
  for (let i = 0; i < count; i++) {
    const { body, name } = started({ test: 't', run: `r-${i}`, at: AT });
    await queue.publish(body, name, { publishTime: AT + i });
  }
}

test('all of a batch are acknowledged together, not one after the other', async () => {
  let [open, most] = [0, 0];
  const { inner, ports } = worldWith((queue) => ({
    pull: altered(queue, (delivery) => ({
      ...delivery,
      ack: async () => {
        most = Math.max(most, ++open);
        await Promise.resolve();
        open--;
        await delivery.ack();
      },
    })),
  }));
  await publishRuns(inner, 30);
  expect(await drain(ports)).toStrictEqual({ recorded: 30, rejected: 0, failure: null });
  expect(most).toBe(30);
});

test('one that cannot be set aside stays and is told; the others leave, batch after batch', async () => {
  const full = new PortError('denied', 'Cannot set aside: there is no place for it');
  const { inner, ports, store } = worldWith((queue) => ({
    // Two at a time, so that what is stuck comes again with each of them.
    pull: (max) =>
      altered(queue, (delivery) => ({ ...delivery, setAside: () => Promise.reject(full) }))(Math.min(max, 2)),
  }));
  await inner.publish(new Uint8Array(MAX_BODY_BYTES + 1), 'huge', { publishTime: AT - 1 });
  await publishRuns(inner, 5);
  const drained = await drain(ports);
  expect(drained).toMatchObject({ recorded: 5, rejected: 1, failure: full });
  expect([...store.rejected.values()].map(({ reason }) => reason)).toStrictEqual(['oversized']);
  expect(inner.waiting()).toStrictEqual(['huge']);
});

test('a queue that takes no acknowledgement is left after one batch, with what is recorded', async () => {
  const lost = new PortError('unavailable', 'Cannot acknowledge');
  let pulls = 0;
  const { inner, ports, store } = worldWith((queue) => ({
    pull: (max) => {
      pulls++;
      return altered(queue, (delivery) => ({ ...delivery, ack: () => Promise.reject(lost) }))(max);
    },
  }));
  await publishRuns(inner, 3);
  expect(await drain(ports)).toMatchObject({ recorded: 3, failure: lost });
  expect([pulls, store.events.size, inner.waiting().length]).toStrictEqual([1, 3, 3]);
});

test('a queue that fails on the way: what came before is recorded and acknowledged', async () => {
  const lost = new PortError('unavailable', 'Cannot pull');
  let pulls = 0;
  const { inner, ports, store } = worldWith((queue) => ({
    pull: (max) => (pulls++ === 0 ? queue.pull(Math.min(max, 2)) : Promise.reject(lost)),
  }));
  await publishRuns(inner, 3);
  expect(await drain(ports)).toMatchObject({ recorded: 2, failure: lost });
  expect([store.events.size, inner.waiting().length]).toStrictEqual([2, 1]);
});

test('told to stop it pulls no more; what it had pulled is recorded and acknowledged', async () => {
  const stopping = new AbortController();
  const { inner, ports, store } = worldWith((queue) => ({
    pull: async (max) => {
      const deliveries = await queue.pull(Math.min(max, 2));
      stopping.abort();
      return deliveries;
    },
  }));
  await publishRuns(inner, 5);
  expect(await drain(ports, { stop: stopping.signal })).toStrictEqual({
    recorded: 2,
    rejected: 0,
    failure: null,
  });
  expect([store.events.size, inner.waiting().length]).toStrictEqual([2, 3]);
  expect(await drain(ports, { stop: stopping.signal })).toMatchObject({ recorded: 0 });
});

test('poison among good messages is rejected with its reason and holds up nobody', async () => {
  const { inner, ports, store } = worldWith(() => ({}));
  const messages = [
    started({ test: 't', run: 'r', at: AT }),
    text('poison', AT, '{"job_name": '),
    text('noise', AT, '\u0000\u0001'),
    finished({ test: 't', run: 'r', at: AT + 1 }, 'success'),
  ];
  for (const { body, name, publishTime } of messages) await inner.publish(body, name, { publishTime });
  expect(await drain(ports)).toStrictEqual({ recorded: 2, rejected: 2, failure: null });
  expect([...store.rejected.values()].map(({ reason }) => reason)).toStrictEqual(['json', 'json']);
  expect([store.events.size, inner.waiting().length]).toStrictEqual([2, 0]);
});
