import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { unsentStore } from '../shared/adapters/unsent/store.ts';
import { PortError } from '../shared/ports/error.ts';
import type { Unsent } from '../shared/ports/unsent.ts';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { keptLog } from '../test/support/world.ts';
import { type Outbox, openOutbox } from './outbox.ts';

interface Stage {
  readonly outbox: Outbox;
  readonly published: string[];
  readonly log: ReturnType<typeof keptLog>;
  readonly most: () => number;
  rooms: number;
  /** Why the next publish fails; null: it does not. */
  failure: ((name: string) => Error | null) | null;
  send(name: string, postpone?: () => void): void;
  until(isSo: () => boolean): Promise<void>;
}

const opened: Outbox[] = [];
afterEach(async () => {
  for (const outbox of opened.splice(0)) await outbox.close(0);
});

function stage({ unsent = null as Unsent | null, most = 1_000 } = {}): Stage {
  const published: string[] = [];
  const log = keptLog();
  let flying = 0;
  let highest = 0;
  const made: Stage = {
    published,
    log,
    most: () => highest,
    rooms: 0,
    failure: null,
    outbox: openOutbox({
      queue: {
        async publish(_body, name) {
          highest = Math.max(highest, ++flying);
          await sleep(1);
          flying--;
          const failure = made.failure?.(name) ?? null;
          if (failure !== null) throw failure;
          published.push(name);
          return 'id';
        },
      },
      unsent,
      clock: { now: () => performance.now() },
      log,
      chance: () => 0.5,
      most,
      onRoom: () => void made.rooms++,
      pauseMs: 4,
      longestPauseMs: 20,
    }),
    send: (name, postpone) =>
      made.outbox.send({
        name,
        body: new TextEncoder().encode(name),
        time: 1_000,
        postpone: postpone ?? null,
      }),
    async until(isSo) {
      for (let n = 0; n < 2_000 && !isSo(); n++) await sleep(5);
      if (!isSo())
        throw new Error(`Waited in vain: ${JSON.stringify([published, made.outbox.status(), log.words])}`);
    },
  };
  opened.push(made.outbox);
  return made;
}

const down = () => new PortError('unavailable', 'Pub/Sub is down');
const names = (count: number) => Array.from({ length: count }, (_, n) => `m-${n}`);

test('messages go out several at a time, each once', async () => {
  const { outbox, published, send, until, most } = stage();
  for (const name of names(50)) send(name);
  await until(() => outbox.status().waiting === 0);
  expect([...published].sort()).toEqual(names(50).sort());
  expect(most()).toBe(8);
  expect(outbox.status()).toMatchObject({ published: 50, failing: null, oldestAt: null });
});

test('what the queue refuses waits, is tried one at a time, and told once and again when it goes on', async () => {
  const made = stage();
  let tries = 0;
  made.failure = () => {
    tries++;
    return down();
  };
  for (const name of names(20)) made.send(name);
  await made.until(() => tries > 20);
  expect(made.outbox.status()).toMatchObject({ waiting: 20, failing: { why: 'Pub/Sub is down' } });
  expect(made.outbox.status().oldestAt).not.toBeNull();
  made.failure = null;
  await made.until(() => made.outbox.status().waiting === 0);
  expect([...made.published].sort()).toEqual(names(20).sort());
  expect(made.log.words.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'warn: Cannot publish: Pub/Sub is down',
    'info: Published again',
  ]);
});

test('one that is refused for good does not hold up the others', async () => {
  const made = stage();
  made.failure = (name) => (name === 'm-0' ? new PortError('denied', 'not this one') : null);
  for (const name of names(10)) made.send(name);
  await made.until(() => made.published.length === 9);
  expect(made.published).not.toContain('m-0');
  expect(made.outbox.status().waiting).toBe(1);
});

test('what does not fit is postponed, and taken up when there is room; what nobody can tell again always fits', async () => {
  const made = stage({ most: 10 });
  made.failure = down;
  const postponed: string[] = [];
  for (const name of names(40)) made.send(name, () => postponed.push(name));
  made.send('last-words');
  expect(postponed.length).toBeGreaterThan(20);
  expect(made.outbox.status().postponed).toBe(postponed.length);
  made.failure = null;
  await made.until(() => made.outbox.status().waiting === 0);
  expect(made.rooms).toBe(1);
  expect(made.published).toContain('last-words');
  expect([...made.published.filter((name) => name !== 'last-words'), ...postponed].sort()).toEqual(
    names(40).sort(),
  );
});

test('with a folder what failed is on disk until it is published, and another process takes it up', async () => {
  const folder = join(temporaryFolder(), 'unsent');
  const first = stage({ unsent: unsentStore({ folder }) });
  first.failure = down;
  for (const name of names(3)) first.send(name);
  await first.until(() => first.outbox.status().failing !== null);
  expect(await first.outbox.close(0)).toBe(0);
  expect(await unsentStore({ folder }).list()).toHaveLength(3);
  const second = stage({ unsent: unsentStore({ folder }) });
  await second.outbox.resume();
  await second.until(() => second.outbox.status().waiting === 0);
  expect([...second.published].sort()).toEqual(names(3));
  expect(await unsentStore({ folder }).list()).toEqual([]);
});

test('a folder that cannot be written to is told of once, and costs nothing else', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const made = stage({ unsent: unsentStore({ folder: join(file, 'unsent') }) });
  let failures = 0;
  made.failure = () => (failures++ < 5 ? down() : null);
  made.send('a');
  await made.until(() => made.published.length === 1);
  const told = made.log.words.filter(({ message }) => message.includes('in memory alone'));
  expect(told).toHaveLength(1);
});

test('the end waits for what is on its way, and counts what is lost', async () => {
  const made = stage();
  for (const name of names(20)) made.send(name);
  expect(await made.outbox.close(5_000)).toBe(0);
  expect(made.published).toHaveLength(20);
  const stuck = stage();
  stuck.failure = down;
  for (const name of names(4)) stuck.send(name);
  expect(await stuck.outbox.close(30)).toBe(4);
});

test('at the end a queue that refuses is not asked as fast as it can say no', async () => {
  const made = stage();
  let asked = 0;
  made.failure = () => {
    asked += 1;
    return down();
  };
  for (const name of names(3)) made.send(name);
  await made.until(() => made.outbox.status().failing !== null);
  const before = asked;
  expect(await made.outbox.close(5_000)).toBe(3);
  expect(asked - before).toBeLessThanOrEqual(2);
});
