// In which cluster a run ran is in its messages alone: mails say when that is what changed, or what many share.
import { expect, test } from 'vitest';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { day, finished, type Message, named } from '../support/messages.ts';
import { makeWorld, NO_REMINDERS, settingsOf, type World } from '../support/world.ts';

const OWNED: TestConfig = {
  owner: 'owner@example.com',
  regression_test_config: {
    metric_success_conditions: { loss: { comparison: 'less', success_threshold: { fixed_value: 2 } } },
  },
};

/** A run of the night before day `n` in a cluster; null: it names none. */
function night(
  n: number,
  { cluster, loss, test = 'a' }: { cluster: string | null; loss: number; test?: string },
): Message {
  const where = cluster === null ? {} : { cluster_name: cluster, job_namespace: 'jobs' };
  return finished({ test, run: `${test}-${n}`, at: day(n, 2) }, 'success', {
    ...where,
    metrics: named({ loss }),
  });
}

function worldOf(names: readonly string[] = ['a']): World {
  const tests = Object.fromEntries(names.map((name) => [name, OWNED]));
  return makeWorld(settingsOf(tests, { policy: NO_REMINDERS }));
}

const lastMail = ({ mailer }: World) => mailer.sent.at(-1)!.text.replaceAll(/ +/g, ' ');

test('a mail says that the first bad run was in another cluster than the last good one, and back again', async () => {
  const world = worldOf();
  await world.tickAt(day(1, 3), night(1, { cluster: 'west', loss: 1 }));
  const [quiet] = [...world.store.judged.values()].flat();
  expect(JSON.stringify(quiet)).not.toContain('west');
  await world.tickAt(day(2, 3), night(2, { cluster: 'east', loss: 3 }));
  expect(lastMail(world)).toContain('cluster west east');
  await world.tickAt(day(3, 3), night(3, { cluster: 'west', loss: 1 }));
  await world.tickAt(day(4, 3), night(4, { cluster: 'west', loss: 1 }));
  expect(lastMail(world)).toMatch(/^RECOVERED/);
  expect(lastMail(world)).toContain('cluster east west');
});

test('the same cluster is no difference, and of one that only one of them names nobody knows', async () => {
  const same = worldOf();
  await same.tickAt(day(1, 3), night(1, { cluster: 'west', loss: 1 }));
  await same.tickAt(day(2, 3), night(2, { cluster: 'west', loss: 3 }));
  expect(lastMail(same)).toContain('The same in both: cluster');
  const one = worldOf();
  await one.tickAt(day(1, 3), night(1, { cluster: null, loss: 1 }));
  await one.tickAt(day(2, 3), night(2, { cluster: 'west', loss: 3 }));
  expect(lastMail(one)).not.toContain('cluster');
});

test('tests that go bad in one cluster share it', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const world = worldOf(names);
  await world.tickAt(day(1, 3), ...names.map((test) => night(1, { cluster: 'west', loss: 3, test })));
  expect(world.mailer.sent.map(({ subject }) => subject)).toEqual(['[warning] 5 tests · cluster west']);
});

test('many notices ask for messages once', async () => {
  const names = ['a', 'b', 'c'];
  const world = worldOf(names);
  await world.tickAt(day(1, 3), ...names.map((test) => night(1, { cluster: 'west', loss: 1, test })));
  const { history } = world.ports;
  const { threadsOf } = history;
  const before = new Set([...world.store.judged.values()].flat().map(({ uuid }) => uuid));
  const asked: number[] = [];
  history.threadsOf = (uuids) => {
    asked.push(uuids.filter((uuid) => before.has(uuid)).length);
    return threadsOf(uuids);
  };
  await world.tickAt(day(2, 3), ...names.map((test) => night(2, { cluster: 'east', loss: 3, test })));
  expect(world.mailer.sent).toHaveLength(3);
  expect(asked.filter((count) => count > 0)).toEqual([3]);
});
