import { expect, test } from 'vitest';
import { decisionEvent, decisionOf } from '../../shared/core/decision-record.ts';
import { replay } from '../../shared/pipeline/replay.ts';
import { day, finished, type Message } from '../support/messages.ts';
import { makeWorld, settingsOf, tablesOf } from '../support/world.ts';

const decision = decisionOf({
  kind: 'comparison',
  subject: 'mnist',
  at: day(2),
  data: { schema: 2, verdict: 'fail' },
});
const message: Message = {
  name: 'comparison.json',
  publishTime: day(2),
  body: new TextEncoder().encode(JSON.stringify(decisionEvent(decision))),
};
const run = finished({ test: 'mnist', run: 'a', at: day(1) }, 'success');

test('a decision is recorded by the next tick, once, and changes nothing of what is known of runs', async () => {
  const without = makeWorld(settingsOf({}), { files: {} });
  await without.tickAt(day(3), run);
  const world = makeWorld(settingsOf({}), { files: {} });
  await world.tickAt(day(3), run, message, message);
  await world.tickAt(day(4), message);
  const { ports } = world;
  expect(await ports.history.decisions({ kind: 'comparison', limit: 9 })).toStrictEqual([decision]);
  const { job_history, metric_history } = tablesOf(without.store);
  expect(tablesOf(world.store)).toMatchObject({ job_history, metric_history });
  expect(await ports.history.testNames()).toStrictEqual(['mnist']);
});

test('a replay leaves decisions as they are', async () => {
  const world = makeWorld(settingsOf({}), { files: {} });
  await world.tickAt(day(3), run, message);
  const before = tablesOf(world.store);
  await replay(world.ports, settingsOf({}), { reread: false });
  expect(await world.ports.history.decisions({ kind: 'comparison', limit: 9 })).toStrictEqual([decision]);
  expect(tablesOf(world.store)).toStrictEqual(before);
});
