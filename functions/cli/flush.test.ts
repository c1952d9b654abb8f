import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { memoryQueue } from '../../shared/adapters/memory/queue.ts';
import { spoolQueue } from '../../shared/adapters/spool/queue.ts';
import { unsentStore } from '../../shared/adapters/unsent/store.ts';
import { send } from '../../shared/pipeline/send.ts';
import { PortError, type PortErrorCode } from '../../shared/ports/error.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import type { Unsent } from '../../shared/ports/unsent.ts';
import { flush } from './flush.ts';

const scratch = mkdtempSync(join(tmpdir(), 'flush-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A store with messages `a`, `b` and `c`, meant for 1, 2 and 3 s after the epoch. */
async function threeKept() {
  const unsent = unsentStore({ folder: mkdtempSync(join(scratch, 'unsent-')) });
  for (const [index, name] of ['a', 'b', 'c'].entries()) {
    await unsent.keep(new TextEncoder().encode(name), { name, time: (index + 1) * 1_000 });
  }
  return unsent;
}

async function flushTo(queue: Queue, unsent: Unsent, options: { wait?: number } = {}) {
  let printed = '';
  let said = '';
  const out = (text: string) => (printed += text);
  const status = await flush({ queue, unsent, out, err: (text) => (said += text) }, options);
  const left = (await unsent.list()).map((path) => path.replace(/.*-/, ''));
  return { status, printed, said, left };
}

/** A queue that fails for the message `b`. */
function failingAtB(code: PortErrorCode) {
  const queue = memoryQueue();
  const publish: Queue['publish'] = async (body, name) => {
    if (name === 'b') throw new PortError(code, 'not this one');
    return queue.publish(body, name);
  };
  return { ...queue, publish };
}

test('everything is delivered in order, and a spool gets the original names and times', async () => {
  const queue = spoolQueue({ folder: mkdtempSync(join(scratch, 'spool-')) });
  const unsent = await threeKept();
  expect(await flushTo(queue, unsent)).toStrictEqual({
    status: 0,
    printed: 'Delivered 3 messages.\n',
    said: '',
    left: [],
  });
  const delivered = await queue.pull(9);
  expect(delivered.map(({ publishTime }) => publishTime)).toStrictEqual([1_000, 2_000, 3_000]);
  expect(delivered.map(({ name }) => name.replace(/.*-/, ''))).toStrictEqual(['a.json', 'b.json', 'c.json']);
  expect(delivered.map(({ body }) => new TextDecoder().decode(body!))).toStrictEqual(['a', 'b', 'c']);
});

test('a queue out of reach: what was delivered is gone, the rest stays for another time', async () => {
  const unsent = await threeKept();
  const { status, printed, said, left } = await flushTo(failingAtB('unavailable'), unsent);
  expect([status, left]).toStrictEqual([70, ['b.json', 'c.json']]);
  expect(printed).toBe('Delivered 1 message. 2 messages still wait.\n');
  expect(said).toContain('not this one');
  expect(await flushTo(memoryQueue(), unsent)).toMatchObject({ status: 0, left: [] });
});

test('a message the queue refuses for good stays alone', async () => {
  const queue = failingAtB('invalid');
  const { status, printed, left } = await flushTo(queue, await threeKept());
  expect([status, left, queue.waiting()]).toStrictEqual([70, ['b.json'], ['a', 'c']]);
  expect(printed).toBe('Delivered 2 messages. 1 message still waits.\n');
});

test('a queue that hangs is given up, and everything stays', async () => {
  const queue = { ...memoryQueue(), publish: () => new Promise<string>(() => {}) };
  expect(await flushTo(queue, await threeKept(), { wait: 20 })).toMatchObject({
    status: 70,
    left: ['a.json', 'b.json', 'c.json'],
  });
});

test('nothing to do is said so', async () => {
  const unsent = unsentStore({ folder: join(scratch, 'never-made') });
  expect(await flushTo(memoryQueue(), unsent)).toMatchObject({
    status: 0,
    printed: 'Nothing waits to be delivered.\n',
  });
});

test('a message that was only slow does not wait for a flush once it has arrived', async () => {
  const unsent = unsentStore({ folder: mkdtempSync(join(scratch, 'unsent-')) });
  let arrive = (_id: string) => {};
  const queue = { ...memoryQueue(), publish: () => new Promise<string>((resolve) => (arrive = resolve)) };
  const sent = await send({ body: new Uint8Array([1]), name: 'x', time: 1 }, { queue, unsent }, { wait: 10 });
  expect(sent.kind).toBe('kept');
  expect(await unsent.list()).toHaveLength(1);
  arrive('id');
  await expect.poll(() => unsent.list()).toStrictEqual([]);
});
