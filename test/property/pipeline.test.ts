import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { day } from '../support/messages.ts';
import { everything } from '../support/scenario.ts';
import { deliveriesOf, playInMemory, schedules } from '../support/schedule.ts';

const SCENARIO = everything('memory:/models');
const REFERENCE = await playInMemory(SCENARIO, [{ now: SCENARIO.end, messages: SCENARIO.messages }]);

test('the scenario holds what it promises', () => {
  const { job_history: jobs, metric_history: metrics } = REFERENCE.tables;
  const outcomes = new Set(jobs.map(({ outcome }) => outcome));
  expect([...outcomes].sort()).toEqual([
    'failure',
    'lost',
    'missed',
    'oom',
    'preempted',
    'success',
    'timeout',
  ]);
  expect(new Set(jobs.map(({ verdict }) => verdict))).toEqual(new Set(['pass', 'fail', 'inconclusive']));
  expect(new Set(metrics.map(({ kind }) => kind))).toEqual(
    new Set(['finite', 'nan', 'posinf', 'neginf', 'missing']),
  );
  expect(jobs.filter(({ testName }) => testName === 'old')).toHaveLength(5);
  expect(REFERENCE.refusals.map((line) => line.split(' ', 1)[0])).toEqual([
    'conflict',
    'conflict',
    'json',
    'shape',
    'shape',
    'shape',
    'v2',
  ]);
  expect(REFERENCE.open).toEqual(['s7']);
});

test('the same messages in any order, repeated and split over ticks give the same tables', async () => {
  await fc.assert(
    fc.asyncProperty(schedules(SCENARIO.messages.length), async (schedule) => {
      const played = await playInMemory(SCENARIO, deliveriesOf(SCENARIO, schedule));
      expect(played).toEqual(REFERENCE);
    }),
    { seed: 20260801, numRuns: 200 },
  );
});

test('every message in a tick of its own, in order and backwards', async () => {
  const { messages, end } = SCENARIO;
  for (const order of [messages, messages.toReversed()]) {
    const ticks = order.map((message, index) => ({
      now: day(1) + index * 6 * 3_600_000,
      messages: [message],
    }));
    const last = { now: end, messages: [] };
    expect(ticks.at(-1)!.now).toBeLessThanOrEqual(end);
    expect(await playInMemory(SCENARIO, [...ticks, last])).toEqual(REFERENCE);
  }
});
