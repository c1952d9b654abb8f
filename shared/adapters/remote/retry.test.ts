import { expect, test } from 'vitest';
import { RemoteFailure } from './failure.ts';
import { pauseMs, Retries } from './retry.ts';

const transient = () => new RemoteFailure('transient', 'the service answered 503');
const SCHEDULE = { baseMs: 500, mostMs: 8000 };

test.each([
  ['no luck at all', 1, [500, 1000, 2000, 4000, 8000, 8000]],
  ['all luck', 0, [250, 500, 1000, 2000, 4000, 4000]],
])('pauses double up to a limit; with %s they are', (_chance, chance, wanted) => {
  const pauses = wanted.map((_, at) =>
    pauseMs({ failures: at + 1, retryAfterMs: 0 }, { ...SCHEDULE, random: () => chance }),
  );
  expect(pauses).toEqual(wanted);
});

test.each([
  [3000, 3000],
  [100, 500],
  [3_600_000, 30_000],
])('a service that asks for %s ms gets %s', (retryAfterMs, wanted) => {
  expect(pauseMs({ failures: 1, retryAfterMs }, { ...SCHEDULE, random: () => 1 })).toBe(wanted);
});

/** Retries whose pauses take no time and are written down. */
function noted() {
  const pauses: number[] = [];
  const sleep = async (ms: number) => {
    pauses.push(ms);
  };
  return { retries: new Retries({ sleep, random: () => 1 }), pauses };
}

/** Work that throws these, then answers. */
function failing(...failures: Error[]) {
  const left = [...failures];
  let calls = 0;
  const work = async () => {
    calls += 1;
    const failure = left.shift();
    if (failure !== undefined) throw failure;
    return 'done';
  };
  return { work, calls: () => calls };
}

test('what may work the next time is tried five times', async () => {
  const { retries, pauses } = noted();
  const late = failing(transient(), transient(), transient(), transient());
  expect(await retries.run(late.work)).toBe('done');
  expect(pauses).toEqual([500, 1000, 2000, 4000]);
  const never = failing(...Array.from({ length: 9 }, transient));
  await expect(retries.run(never.work)).rejects.toThrow('503');
  expect(never.calls()).toBe(5);
});

test.each(['credentials', 'denied', 'missing', 'changed', 'refused'] as const)(
  'an answer is taken at its word: %s',
  async (kind) => {
    const { retries } = noted();
    const { work, calls } = failing(new RemoteFailure(kind, 'no'));
    await expect(retries.run(work)).rejects.toMatchObject({ kind });
    expect(calls()).toBe(1);
  },
);

test('a defect of ours is thrown as it is', async () => {
  const { retries } = noted();
  const { work, calls } = failing(new TypeError('ours'));
  await expect(retries.run(work)).rejects.toThrow(TypeError);
  expect(calls()).toBe(1);
});

test('while a service is down everybody else tries once, until it answers again', async () => {
  const { retries } = noted();
  await expect(retries.run(failing(...Array.from({ length: 5 }, transient)).work)).rejects.toThrow('503');
  const second = failing(transient());
  await expect(retries.run(second.work)).rejects.toThrow('503');
  expect(second.calls()).toBe(1);
  expect(await retries.run(failing().work)).toBe('done');
  expect(await retries.run(failing(transient()).work)).toBe('done');
});

test('progress forgets earlier failures', async () => {
  const tries = noted().retries.start();
  for (let round = 0; round < 3; round++) {
    for (let failure = 0; failure < 4; failure++) await tries.after(transient());
    tries.progress();
  }
  for (let failure = 0; failure < 4; failure++) await tries.after(transient());
  await expect(tries.after(transient())).rejects.toThrow('503');
});
