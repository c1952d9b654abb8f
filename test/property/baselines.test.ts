// Rows are a function of the set of messages and of what people did, whenever either arrives.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PersonAction } from '../../shared/core/person-action.ts';
import type { ConditionConfig, TestConfig } from '../../shared/core/schema/test-config.ts';
import { random } from '../bench/judge/random.ts';
import { day, finished, HOUR, reported } from '../support/messages.ts';
import type { Scenario } from '../support/scenario.ts';
import { deliveriesOf, type Pass, schedules } from '../support/schedule.ts';
import { makeWorld, plainQueue, settingsOf, tablesOf } from '../support/world.ts';

const RUNS = 48;
const LESS = { comparison: 'less' } as const;
const CONDITIONS: Readonly<Record<string, ConditionConfig>> = {
  auto: { ...LESS, success_threshold: { auto: {} } },
  frozen: { ...LESS, success_threshold: { mads_from_median: 4 }, history_window: 8 },
  timed: { ...LESS, success_threshold: { percent_from_median: 20 }, history_window: '30h' },
  split: {
    ...LESS,
    success_threshold: { prediction_interval: { confidence: 0.99 } },
    split_by: ['label.chip'],
  },
  versions: {
    ...LESS,
    success_threshold: { percent_from_mean: 20 },
    history_versions: { of: 'framework_version', last: 2 },
  },
  classic: { ...LESS, success_threshold: { stddevs_from_mean: 3 }, history_window: 10 },
};
const TESTS: Readonly<Record<string, TestConfig>> = {
  t: { regression_test_config: { metric_success_conditions: { ...CONDITIONS, total_wall_time: null } } },
};

/** Run n ends at hour n; from the 24th to the 40th it is half as bad again. */
const chance = random(7);
const MESSAGES = Array.from({ length: RUNS }, (_, n) => {
  const about = { test: 't', run: `r${n}`, at: day(1, n) };
  const value = 100 + chance.normal() + (n >= 24 && n < 40 ? 50 : 0) + (n === 15 ? 80 : 0);
  const labels = { chip: n % 3 === 0 ? 'a' : 'b' };
  const more = {
    labels,
    framework_version: `2.${Math.floor(n / 10)}`,
    finished_at: new Date(day(1, n)).toISOString(),
  };
  const values = Object.fromEntries(Object.keys(CONDITIONS).map((name) => [name, value]));
  return [finished(about, 'success', more), reported(about, values)];
}).flat();
const SCENARIO: Scenario = { messages: MESSAGES, tests: TESTS, files: {}, end: day(4) };

const uuids = new Map<string, string>();

function did(
  kind: 'exclude' | 'include' | 'accept',
  hour: number,
  run: number,
  signal: string | null = null,
): PersonAction {
  const target = { runId: `r${run}`, uuid: uuids.get(`r${run}`)!, finishedAt: day(1, run) };
  return {
    ...{ actionId: `${kind} ${hour} ${run}`, at: day(1, hour), actor: 'ada', via: 'cli', kind },
    target: { testName: 't', signal, episodeId: null, run: target, matchers: [] },
    ...{ startsAt: null, endsAt: null, note: null },
  };
}

/** Plays messages and actions; `pass` says before which pass each action is done. */
async function play(passes: readonly Pass[], actions: readonly (readonly [PersonAction, pass: number])[]) {
  const world = makeWorld(settingsOf(TESTS), { files: {}, queue: plainQueue() });
  for (const [index, { now, messages }] of passes.entries()) {
    for (const [action, pass] of actions) if (pass === index) await world.ports.history.addAction(action);
    await world.tickAt(now, ...messages);
  }
  return tablesOf(world.store);
}

const WHOLE: Pass = { now: SCENARIO.end, messages: MESSAGES };
for (const { runId, uuid } of (await play([WHOLE], [])).job_history) uuids.set(runId, uuid);
const ACTIONS = [
  did('exclude', 17, 15),
  did('accept', 33, 24, 'metric:frozen'),
  did('exclude', 20, 3),
  did('include', 30, 3),
  did('accept', 36, 24, 'metric:split'),
];
const REFERENCE = await play(
  [WHOLE],
  ACTIONS.map((action) => [action, 0] as const),
);

const verdictsOf = (metric: string) =>
  REFERENCE.metric_history
    .filter(({ metricName }) => metricName === metric)
    .toSorted((a, b) => a.finishedAt - b.finishedAt)
    .map(({ verdict }) => verdict?.[0]);

test('the scenario holds what it promises: what was done shows in what is judged after it, and only there', async () => {
  const without = await play([WHOLE], []);
  const changed = REFERENCE.metric_history.filter((row, index) => {
    const other = without.metric_history[index]!;
    return JSON.stringify(row) !== JSON.stringify(other);
  });
  expect(changed.length).toBeGreaterThan(50);
  expect(changed.filter(({ finishedAt }) => finishedAt <= day(1, 17))).toEqual([]);
  expect(REFERENCE.job_history).toHaveLength(RUNS);
  // Accepted at hour 33: from then on the level since run 24 is normal; without that it goes on failing.
  expect(new Set(verdictsOf('frozen').slice(25, 34))).toEqual(new Set(['f']));
  expect(new Set(verdictsOf('frozen').slice(34, 40))).toEqual(new Set(['p']));
  expect(verdictsOf('auto').slice(27, 40)).not.toContain('p');
});

test('messages and actions in any order, split over ticks, give the same rows and baselines', async () => {
  const passes = fc.array(fc.nat(4), { minLength: ACTIONS.length, maxLength: ACTIONS.length });
  await fc.assert(
    fc.asyncProperty(schedules(MESSAGES.length), passes, async (schedule, when) => {
      const actions = ACTIONS.map((action, index) => [action, when[index]!] as const);
      expect(await play(deliveriesOf(SCENARIO, schedule), actions)).toEqual(REFERENCE);
    }),
    { seed: 20260802, numRuns: 20 },
  );
});

test('actions that come when everything is judged have it judged again, where they count', async () => {
  const last = { now: SCENARIO.end + HOUR, messages: [] };
  const actions = ACTIONS.map((action) => [action, 1] as const);
  expect(await play([WHOLE, last], actions)).toEqual(REFERENCE);
  expect(await play([WHOLE, last], actions.toReversed())).toEqual(REFERENCE);
});
