// Tests that fail together are one incident, also when the pass that found it dies before it is told.
import { expect, test } from 'vitest';
import type { History } from '../../shared/ports/history.ts';
import { day, finished } from '../support/messages.ts';
import { makeWorld, NO_REMINDERS, settingsOf } from '../support/world.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const FIVE = NAMES.slice(0, 5);

function worldOf() {
  const tests = Object.fromEntries(NAMES.map((name) => [name, { owner: 'owner@example.com' }]));
  return makeWorld(settingsOf(tests, { policy: NO_REMINDERS }));
}

const run = (test: string, n: number, outcome: string) =>
  finished({ test, run: `${test}-${n}`, at: day(n, 2) }, outcome, { labels: { image: 'jax:1118' } });

/** The pass dies where it would put its mails into the outbox. */
async function dying(history: History, pass: () => Promise<unknown>): Promise<void> {
  const { addMails } = history;
  history.addMails = () => Promise.reject(new Error('killed'));
  await expect(pass()).rejects.toThrow('killed');
  history.addMails = addMails;
}

test('a pass that dies behind the common cause: the next one tells the same, whatever fails by then', async () => {
  const world = worldOf();
  const { history } = world.ports;
  await dying(history, () => world.tickAt(day(1, 3), ...FIVE.map((name) => run(name, 1, 'failure'))));
  const recorded = new Set((await history.episodes({})).map(({ incidentId }) => incidentId));
  expect(recorded).toEqual(new Set([expect.any(String)]));
  // Two more that share it, and one of the five is good again.
  await world.tickAt(day(2, 3), run('f', 2, 'failure'), run('g', 2, 'failure'), run('a', 2, 'success'));
  const subjects = world.mailer.sent.map(({ subject }) => subject).sort();
  expect(subjects).toEqual([
    '[critical] 5 tests · image jax:1118',
    '[critical] f · job failed',
    '[critical] g · job failed',
  ]);
  const together = world.mailer.sent.find(({ subject }) => subject.includes('5 tests'))!;
  expect(together.text).toMatch(/^5 FIRING, 1 RECOVERED: /);
  for (const { episodeId, testName, incidentId } of await history.episodes({})) {
    const steps = (await history.episodeEvents(episodeId)).map(({ kind }) => kind);
    expect(steps.filter((kind) => kind === 'grouped')).toHaveLength(FIVE.includes(testName) ? 1 : 0);
    expect(FIVE.includes(testName) ? recorded.has(incidentId) : incidentId === null).toBe(true);
  }
});
