import { describe, expect, test } from 'vitest';
import { type Delivery, MAX_BODY_BYTES, type Queue } from '../../shared/ports/queue.ts';

export interface QueueCase {
  /** A fresh, empty queue. */
  readonly open: () => Promise<Queue>;
  /**
   * The same messages as the next process finds them, for transports that lend what they hand out; without it
   * they come again at once.
   */
  readonly again?: (queue: Queue) => Promise<Queue>;
  /** False: the transport promises no order. */
  readonly ordered?: boolean;
}

/** What every queue promises. */
export function queueContract(adapter: string, { open, again, ordered = true }: QueueCase): void {
  const reopened = async (queue: Queue) => again?.(queue) ?? queue;
  const inOrder = (words: readonly string[]) => (ordered ? [...words] : [...words].sort());

  describe(`queue contract: ${adapter}`, () => {
    test('an empty queue gives nothing, again and again', async () => {
      const queue = await open();
      expect(await queue.pull(10)).toStrictEqual([]);
      expect(await queue.pull(10)).toStrictEqual([]);
    });

    test('a published message comes with its bytes, size, format, a name and a plausible time', async () => {
      const queue = await open();
      const body = new Uint8Array([0, 255, 10, 13, 128]);
      const id = await queue.publish(body, 'r-1-started');
      const [delivery, ...others] = await queue.pull(10);
      expect(others).toStrictEqual([]);
      expect(delivery).toMatchObject({ id, bytes: 5, format: 'json' });
      expect(new Uint8Array(delivery!.body!)).toStrictEqual(body);
      expect(delivery!.name).toContain('r-1-started');
      expect(Number.isInteger(delivery!.publishTime)).toBe(true);
      expect(Math.abs(delivery!.publishTime - Date.now())).toBeLessThan(600_000);
    });

    test('changing the buffer after publishing does not change the message', async () => {
      const queue = await open();
      const body = bytes('before');
      await queue.publish(body, 'a');
      body.fill(0);
      expect(await texts(queue)).toStrictEqual(['before']);
    });

    test('messages come oldest first, and no more than asked for', async () => {
      const queue = await open();
      const words = ['one', 'two', 'three', 'four'];
      for (const word of words) await queue.publish(bytes(word), word);
      const three = await texts(queue, 3);
      expect(three).toHaveLength(3);
      if (ordered) expect(three).toStrictEqual(['one', 'two', 'three']);
      const next = await reopened(queue);
      expect(await next.pull(0)).toStrictEqual([]);
      expect(inOrder(await texts(next, 9))).toStrictEqual(inOrder(words));
    });

    test('what is not acknowledged comes again with the same id and time', async () => {
      const queue = await open();
      await queue.publish(bytes('a'), 'a');
      const [first] = await queue.pull(1);
      const [second] = await (await reopened(queue)).pull(1);
      expect(second).toMatchObject({ id: first!.id, publishTime: first!.publishTime, name: first!.name });
    });

    test('what is acknowledged is gone, and acknowledging again does no harm', async () => {
      const queue = await open();
      await queue.publish(bytes('a'), 'a');
      await queue.publish(bytes('b'), 'b');
      const pulled = await queue.pull(2);
      const a = pulled.find((one) => text(one) === 'a')!;
      await a.ack();
      await a.ack();
      expect(await texts(await reopened(queue))).toStrictEqual(['b']);
    });

    test('a thousand acknowledged together are gone, all of them', async () => {
      const queue = await open();
      const names = Array.from({ length: 1000 }, (_, i) => `n${i}`);
      await Promise.all(names.map((name) => queue.publish(bytes(name), name)));
      const pulled = await queue.pull(2000);
      expect(pulled.map(text).sort()).toStrictEqual([...names].sort());
      await Promise.all(pulled.map((one) => one.ack()));
      expect(await (await reopened(queue)).pull(9)).toStrictEqual([]);
    });

    test('closing takes back what is held, may be done twice, and never throws', async () => {
      const queue = await open();
      await queue.publish(bytes('a'), 'a');
      const [held] = await queue.pull(1);
      const next = await reopened(queue);
      await queue.close();
      await queue.close();
      const [a] = await next.pull(1);
      expect(a).toMatchObject({ id: held!.id });
    });

    test('the same body and name published twice are two deliveries', async () => {
      const queue = await open();
      await queue.publish(bytes('same'), 'same');
      await queue.publish(bytes('same'), 'same');
      const deliveries = await queue.pull(10);
      expect(deliveries).toHaveLength(2);
      await deliveries[0]!.ack();
      expect(await texts(await reopened(queue))).toStrictEqual(['same']);
    });

    test('what is set aside does not come again and does not hold up the others', async () => {
      const queue = await open();
      await queue.publish(bytes('bad'), 'bad');
      await queue.publish(bytes('good'), 'good');
      const bad = (await queue.pull(2)).find((one) => text(one) === 'bad')!;
      const place = await bad.setAside();
      expect(place).toContain('bad');
      expect(await bad.setAside()).toBe(place);
      expect(await texts(await reopened(queue))).toStrictEqual(['good']);
    });

    test('a body of exactly the largest size is loaded; one byte more is not', async () => {
      const queue = await open();
      await queue.publish(new Uint8Array(MAX_BODY_BYTES), 'largest');
      await queue.publish(new Uint8Array(MAX_BODY_BYTES + 1), 'larger');
      const [largest, larger] = bySize(await queue.pull(2));
      expect(largest!.body).toHaveLength(MAX_BODY_BYTES);
      expect(larger).toMatchObject({ body: null, bytes: MAX_BODY_BYTES + 1 });
      const next = await reopened(queue);
      const [, larger2] = bySize(await next.pull(2));
      expect(larger2!.id).toBe(larger!.id);
      await larger2!.setAside();
      expect(await (await reopened(next)).pull(9)).toHaveLength(1);
    });

    test('an empty body is a message', async () => {
      const queue = await open();
      await queue.publish(new Uint8Array(0), 'empty');
      const [delivery] = await queue.pull(1);
      expect(delivery).toMatchObject({ bytes: 0 });
      expect(delivery!.body).toHaveLength(0);
    });

    test('a name ending in .pb is a version 2 message', async () => {
      const queue = await open();
      await queue.publish(bytes('x'), 'event.pb');
      expect((await queue.pull(1))[0]!.format).toBe('v2');
    });

    test('any name is safe, and fifty publishers at once lose nothing', async () => {
      const queue = await open();
      const names = ['../../up', 'a/b\\c', '.hidden', '', 'ü\n "quoted"', 'x'.repeat(500)];
      await Promise.all(names.map((name) => queue.publish(bytes(name), name)));
      await Promise.all(Array.from({ length: 50 }, (_, i) => queue.publish(bytes(`n${i}`), 'same-name')));
      const got = await texts(queue, 100);
      expect(got.sort()).toStrictEqual([...names, ...Array.from({ length: 50 }, (_, i) => `n${i}`)].sort());
    });
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);
const bySize = (deliveries: readonly Delivery[]) => [...deliveries].sort((a, b) => a.bytes - b.bytes);
const text = ({ body }: Delivery) => new TextDecoder().decode(body!);

async function texts(queue: Queue, max = 100): Promise<string[]> {
  return (await queue.pull(max)).map(text);
}
