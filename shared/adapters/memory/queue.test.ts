import { expect, test } from 'vitest';
import { queueContract } from '../../../test/contracts/queue.ts';
import { memoryQueue } from './queue.ts';

queueContract('memory', { open: async () => memoryQueue() });

test('its clock can be scripted, and it tells what waits and what was set aside', async () => {
  let now = 5_000;
  const queue = memoryQueue({ now: () => now });
  await queue.publish(new Uint8Array([1]), 'late');
  now = 4_000;
  await queue.publish(new Uint8Array([2]), 'early');
  const [early, late] = await queue.pull(2);
  expect([early!.name, early!.publishTime, late!.name]).toStrictEqual(['early', 4_000, 'late']);
  await early!.setAside();
  expect(queue.waiting()).toStrictEqual(['late']);
  expect(queue.rejected()).toStrictEqual(['early']);
});
