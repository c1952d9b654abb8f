import { describe, expect, test } from 'vitest';
import { random } from '../../../../test/bench/judge/random.ts';
import { assessed } from '../../../../test/support/assessed.ts';
import { ended, job } from '../../../../test/support/history-rows.ts';
import { effectiveConfig } from '../../effective-config.ts';
import type { SightRecord } from '../../episodes/actions.ts';
import type { Episode, EpisodeEvent } from '../../episodes/episode.ts';
import { applyRecord, foldEpisodes } from '../../episodes/fold.ts';
import { EPISODE_SETTINGS } from '../../episodes/settings.ts';
import { pastWanted, sightsOf, withPast } from '../../episodes/sights-of.ts';
import { metricOf } from '../../metric.ts';
import type { JobRow } from '../../rows.ts';
import type { ConditionConfig } from '../../schema/test-config.ts';
import { judgeSeries } from '../auto/auto.ts';
import { parseRule } from './parse-rule.ts';
import type { Point, Rule } from './rule.ts';

/** Noise of 160 nights around 100, with a change, spoiled runs, runs without the metric and values that are no numbers. */
function series(seed: number): Point[] {
  const chance = random(seed);
  const from = chance.whole(40, 90);
  const until = from + chance.whole(1, 50);
  const size = chance.pick([0, 3, 6, -6, 12]);
  return Array.from({ length: 160 }, (_, index) => {
    if (chance.uniform() < 0.02) return null;
    if (chance.uniform() < 0.02) return chance.pick([Number.NaN, Number.POSITIVE_INFINITY]);
    const spoiled = chance.uniform() < 0.02 ? 10 : 0;
    return 100 + chance.normal() + spoiled + (index >= from && index < until ? size : 0);
  });
}

/** Every run judged on its day by what `assess` makes of the runs before it, and its sights applied: a live pass. */
function liveAlerts(points: readonly Point[], condition: ConditionConfig) {
  const fileConfig = {
    regression_test_config: { metric_success_conditions: { metric: condition, total_wall_time: null } },
  };
  const config = effectiveConfig({ messageConfig: null, configErrors: [], fileConfig });
  const newest = new Map<string, Episode>();
  const records: SightRecord[] = [];
  const steps: EpisodeEvent[] = [];
  const earlier: { index: number; value: number }[] = [];
  const alerts: { index: number; since: number }[] = [];
  for (const [index, value] of points.entries()) {
    if (value === null) continue;
    const values = earlier.map((one) => one.value).reverse();
    const assessment = assessed({ metrics: [metricOf('metric', value)], config, earlier: values });
    const episodes = [...newest.values()];
    const found = sightsOf({ job: jobOf(index), assessment, config }, episodes);
    const past = pastWanted(found, episodes);
    const inputs = found.map((sight) => {
      const want = past.find(
        ({ signal, polarity }) => signal === sight.signal && polarity === sight.polarity,
      );
      const first = want === undefined || want.runsAgo === 0 ? undefined : earlier.at(-want.runsAgo);
      return first === undefined
        ? sight
        : withPast(sight, { firstBad: { ...sight.run, uuid: `${first.index}` }, lastGood: null });
    });
    if (Number.isFinite(value)) earlier.push({ index, value });
    const record = { seq: records.length + 1, inputs };
    const step = applyRecord(episodes, record, EPISODE_SETTINGS);
    if (step.episodes.length === 0) continue;
    records.push(JSON.parse(JSON.stringify(record)));
    steps.push(...step.events);
    for (const episode of step.episodes) newest.set(episode.fingerprint, episode);
    for (const { kind, event } of step.notices) {
      if (kind !== 'firing' && kind !== 'again') continue;
      const { polarity, firstBad } = event.after;
      const seen = inputs.find((sight) => sight.polarity === polarity && sight.judge === 'alert')?.firstBad;
      const since = kind === 'firing' ? Number(firstBad.uuid) : Number(seen?.uuid ?? index);
      alerts.push({ index, since });
    }
  }
  return { alerts, records, steps };
}

const jobOf = (index: number): JobRow => job(ended(`run-${index}`, index, { uuid: `${index}` }));

const ruleOf = (text: string): Rule => {
  const rule = parseRule(text);
  if (typeof rule === 'string') throw new Error(rule);
  return rule;
};

const CONDITIONS: readonly (readonly [rule: string, condition: Partial<ConditionConfig>])[] = [
  ['auto', { success_threshold: { auto: {} } }],
  ['stddevs=3', { success_threshold: { stddevs_from_mean: 3 }, wait_for_n_points_of_history: 10 }],
  [
    'stddevs=3,confirm=2',
    { success_threshold: { stddevs_from_mean: 3 }, wait_for_n_points_of_history: 10, confirm_n: 2 },
  ],
  ['percent=4', { success_threshold: { percent_from_mean: 4 }, wait_for_n_points_of_history: 10 }],
  [
    'interval=0.99,window=20',
    {
      success_threshold: { prediction_interval: { confidence: 0.99 } },
      wait_for_n_points_of_history: 10,
      history_window: 20,
    },
  ],
];

describe.each(CONDITIONS)('%s', (name, condition) => {
  test('backtest tells what live passes tell, run by run', () => {
    let told = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const points = series(seed);
      const good = (['higher', 'lower', null] as const)[seed % 3]!;
      const comparison = good === null ? 'within' : good === 'higher' ? 'greater_or_equal' : 'less_or_equal';
      const live = liveAlerts(points, { ...condition, comparison } as ConditionConfig);
      const { alerts } = ruleOf(name).run(points, good);
      // A further value that is no number is an alert of the judge, and nothing new to an episode that has one.
      const isNew = (at: number) => live.alerts.some(({ index }) => index === at);
      const tried = alerts
        .filter(({ index, kind }) => kind !== 'nonfinite' || isNew(index))
        .map(({ index, since }) => ({ index, since }));
      expect({ seed, alerts: tried }).toEqual({ seed, alerts: live.alerts });
      told += alerts.length;
      // What was learnt gives the same steps again, whatever order it is read in.
      const folded = foldEpisodes([...live.records].reverse(), EPISODE_SETTINGS);
      expect(folded.events).toEqual(live.steps);
    }
    expect(told).toBeGreaterThan(12);
  });
});

test('the recommended rule alerts at every value that is no number, also while something else is open', () => {
  const points = series(3).map((point, index) => (index >= 60 && index % 7 === 0 ? Number.NaN : point));
  const { alerts } = ruleOf('auto').run(points, 'lower');
  const nonfinite = alerts.filter(({ kind }) => kind === 'nonfinite').map(({ index }) => index);
  expect(nonfinite).toEqual(
    points.flatMap((point, index) => (point !== null && !Number.isFinite(point) ? [index] : [])),
  );
});

test('the recommended rule alerts where its judge does, but for what is open already', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const points = series(seed).filter((point) => point !== null && Number.isFinite(point));
    const judged = judgeSeries(points, { good: 'lower' }).flatMap(({ alert }, index) =>
      alert === null ? [] : [{ index, since: alert.since, direction: alert.direction, kind: alert.kind }],
    );
    expect({ seed, alerts: ruleOf('auto').run(points, 'lower').alerts }).toEqual({ seed, alerts: judged });
  }
});
