import { expect, test } from 'vitest';
import { Waits } from './waits.ts';

const never = new Promise<never>(() => {});

test('whatever does not come is given up, even if it ignores being told', async () => {
  const waits = new Waits({ waitMs: 5, requestMs: 1000 });
  await expect(waits.during(never)).rejects.toMatchObject({
    kind: 'transient',
    message: 'no answer came within 5 ms',
  });
  expect(waits.signal.aborted).toBe(true);
});

test('many short waits end at the limit of them all', async () => {
  const waits = new Waits({ waitMs: 1000, requestMs: 20 });
  const trickle = async () => {
    for (;;) await waits.during(new Promise((resolve) => setTimeout(resolve, 2)));
  };
  await expect(trickle()).rejects.toMatchObject({ kind: 'transient' });
});

test('the time between two waits counts for nothing', async () => {
  const waits = new Waits({ waitMs: 1000, requestMs: 1000 });
  const clock = performance.now;
  try {
    await waits.during(Promise.resolve());
    const later = clock.call(performance) + 3_600_000;
    performance.now = () => later;
    expect(await waits.during(Promise.resolve('in time'))).toBe('in time');
  } finally {
    performance.now = clock;
  }
  expect(waits.signal.aborted).toBe(false);
});
