import { describe, expect, test } from 'vitest';
import { assessed } from '../../../test/support/assessed.ts';
import { ended, job } from '../../../test/support/history-rows.ts';
import { night } from '../../../test/support/sights.ts';
import { type EffectiveConfig, effectiveConfig } from '../effective-config.ts';
import { type Metric, metricOf } from '../metric.ts';
import type { Outcome } from '../outcome.ts';
import type { JobRow } from '../rows.ts';
import type { RegressionTestConfig } from '../schema/test-config.ts';
import type { Episode, Signal } from './episode.ts';
import { applyRecord } from './fold.ts';
import { EPISODE_SETTINGS } from './settings.ts';
import { pastWanted, sightsOf, withPast } from './sights-of.ts';

const FIXED = { comparison: 'less', success_threshold: { fixed_value: 1 } } as const;

function configOf(regression: RegressionTestConfig | null, messageConfig: unknown = null): EffectiveConfig {
  const metrics = regression?.metric_success_conditions ?? {};
  const whole = regression && {
    ...regression,
    metric_success_conditions: { total_wall_time: null, ...metrics },
  };
  return effectiveConfig({ messageConfig, configErrors: [], fileConfig: { regression_test_config: whole } });
}

interface Night {
  readonly config?: EffectiveConfig;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly outcome?: Outcome;
  readonly earlier?: readonly number[];
  readonly episodes?: readonly Episode[];
}

const LOSS = configOf({ metric_success_conditions: { loss: FIXED } });

function sightsOfNight(
  index: number,
  { config = LOSS, metrics = {}, outcome = 'success', earlier, episodes = [] }: Night,
) {
  const reported: Metric[] = Object.entries(metrics).map(([name, value]) => metricOf(name, value));
  const assessment = assessed({ metrics: reported, config, outcome, ...(earlier && { earlier }) });
  return sightsOf({ job: jobOf(index, outcome), assessment, config }, episodes);
}

function jobOf(index: number, outcome: Outcome): JobRow {
  const run = ended(`run-${index}`, 0, {
    uuid: `uuid-${index}`,
    attempt: 2,
    testName: 'resnet',
    ended: { outcome, finishedAt: night(index) },
  });
  const labels = { team: 'perf', attempt: 'first' };
  return job(run, { accelerator: 'v5e', frameworkVersion: 'jax-1', labels });
}

/** `signal says`, for short. */
const said = (index: number, of: Night) =>
  sightsOfNight(index, of).map(
    ({ signal, says, polarity }) => `${signal} ${says}${polarity === 'good' ? ' (good)' : ''}`,
  );

/** The episodes after nights that went as told. */
function episodesAfter(nights: readonly Night[]): Episode[] {
  const newest = new Map<string, Episode>();
  for (const [index, of] of nights.entries()) {
    const inputs = sightsOfNight(index, { ...of, episodes: [...newest.values()] });
    const step = applyRecord([...newest.values()], { seq: index + 1, inputs }, EPISODE_SETTINGS);
    for (const episode of step.episodes) newest.set(episode.fingerprint, episode);
  }
  return [...newest.values()];
}
const states = (episodes: readonly Episode[]) =>
  episodes.map(({ signal, state, closedReason }) => `${signal} ${closedReason ?? state}`);

describe('a run without episodes', () => {
  test.each<[sentence: string, night: Night, sights: string[]]>([
    ['that is well says nothing', { metrics: { loss: 0.5 } }, []],
    ['whose condition fails', { metrics: { loss: 2 } }, ['metric:loss bad']],
    ['whose value is no number', { metrics: { loss: Number.NaN } }, ['metric:loss bad']],
    ['that lacks its metric', {}, ['metric:loss bad']],
    ['that crashed says so of its job alone', { outcome: 'failure' }, ['job bad']],
    ['that ran out of memory', { outcome: 'oom' }, ['job bad']],
    ['that fell silent', { outcome: 'lost' }, ['job bad']],
    ['that somebody cancelled says nothing', { outcome: 'cancelled' }, []],
    ['that lost its machine', { outcome: 'preempted' }, ['infra bad']],
    ['that was never started', { outcome: 'missed' }, ['schedule bad']],
    ['whose test demands nothing', { config: configOf(null), outcome: 'failure' }, []],
    [
      'whose config cannot be read',
      {
        config: configOf({ metric_success_conditions: { loss: FIXED } }, { nonsense: 1 }),
        metrics: { loss: 2 },
      },
      [],
    ],
    [
      'with a metric that nobody wants to hear of',
      {
        config: configOf({ metric_success_conditions: { loss: FIXED }, metric_subset_to_alert: ['other'] }),
        metrics: { loss: 2 },
      },
      [],
    ],
    [
      'with alerts for metrics switched off',
      {
        config: configOf({ metric_success_conditions: { loss: FIXED }, alert_for_oob_metrics: false }),
        metrics: { loss: 2 },
      },
      [],
    ],
    [
      'with alerts for jobs switched off',
      { config: configOf({ alert_for_failed_jobs: 'False' }), outcome: 'failure' },
      [],
    ],
    [
      'with too little history',
      {
        config: configOf({
          metric_success_conditions: {
            loss: { comparison: 'less', success_threshold: { stddevs_from_mean: 3 } },
          },
        }),
        metrics: { loss: 2 },
      },
      [],
    ],
  ])('%s', (_, of, sights) => {
    expect(said(0, of)).toEqual(sights);
  });

  test('half of what must be there is missing: one signal, and not one for each', () => {
    const config = (names: readonly string[]) =>
      configOf({ metric_success_conditions: { loss: FIXED }, required_metrics: [...names] });
    expect(said(0, { config: config(['a', 'b', 'c']), metrics: { loss: 0, a: 1 } })).toEqual(['metrics bad']);
    expect(said(0, { config: config(['a', 'b', 'c']), metrics: { loss: 0, a: 1, b: 1 } })).toEqual([
      'metric:c bad',
    ]);
    expect(said(0, { config: config(['a', 'b', 'c', 'd']), metrics: { loss: 0, a: 1, b: 1 } })).toEqual([
      'metric:c bad',
      'metric:d bad',
    ]);
    expect(said(0, { config: config([]) })).toEqual(['metric:loss bad']);
  });

  test('half is missing, and what is there fails by itself', () => {
    const config = configOf({ metric_success_conditions: { loss: FIXED }, required_metrics: ['a', 'b'] });
    expect(said(0, { config, metrics: { loss: 2 } })).toEqual(['metric:loss bad', 'metrics bad']);
  });
});

test('a sight has all that an episode will remember', () => {
  const config = configOf({
    metric_success_conditions: {
      loss: {
        comparison: 'less',
        success_threshold: { stddevs_from_mean: 2 },
        confirm_n: 3,
        recover_m: 4,
        severity: 'info',
      },
    },
  });
  // mean 2 and sample standard deviation 1, by hand
  const [one, ...more] = sightsOfNight(3, { config, metrics: { loss: 9 }, earlier: [1, 2, 3] });
  expect(more).toEqual([]);
  expect(one).toEqual({
    from: 'run',
    testName: 'resnet',
    signal: 'metric:loss',
    polarity: 'bad',
    run: {
      uuid: 'uuid-3',
      runId: 'run-3',
      at: night(3),
      outcome: 'success',
      value: 9,
      valueKind: 'finite',
      facts: { team: 'perf', accelerator: 'v5e', framework_version: 'jax-1', attempt: '2' },
    },
    at: night(3),
    says: 'bad',
    judge: null,
    instant: false,
    confirmAfter: 3,
    recoverAfter: 4,
    reason: 'above',
    severity: 'info',
    bounds: { lower: null, upper: 4, centre: 2, baselineN: 3 },
    better: 'lower',
    demand: 'less than the mean of the last 30 successful runs plus 2 sample standard deviations',
    runsAgo: 0,
    firstBad: null,
    lastGood: null,
    labels: { team: 'perf', attempt: 'first' },
    configDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    // It says how loud it is told, which a version before took for a part of the demand.
    formerDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('a second failing run is waited for where the test asks for it, and never for one that cannot be wrong', () => {
  const config = configOf({
    metric_success_conditions: { loss: FIXED },
    alert_after_second_test_failure: true,
  });
  const details = (metrics: Record<string, number>) =>
    sightsOfNight(0, { config, metrics }).map(({ instant, confirmAfter, severity }) => [
      instant,
      confirmAfter,
      severity,
    ]);
  expect(details({ loss: 2 })).toEqual([[false, 2, 'warning']]);
  expect(details({ loss: Number.POSITIVE_INFINITY })).toEqual([[true, 2, 'critical']]);
  expect(details({})).toEqual([[true, 2, 'warning']]);
  const hard = configOf({
    metric_success_conditions: { loss: { ...FIXED, severity: 'critical' } },
    alert_after_second_test_failure: true,
  });
  expect(sightsOfNight(0, { config: hard, metrics: { loss: 2 } })[0]).toMatchObject({
    instant: true,
    recoverAfter: 1,
  });
  const slow = configOf({
    metric_success_conditions: { loss: { ...FIXED, severity: 'critical', recover_m: 3 } },
  });
  expect(sightsOfNight(0, { config: slow, metrics: {} })[0]).toMatchObject({
    instant: true,
    recoverAfter: 3,
  });
});

describe('a run with open episodes', () => {
  const crashed = episodesAfter([{ outcome: 'failure' }]);
  const failing = episodesAfter([{ metrics: { loss: 2 } }]);

  test('tells them that all is well, that nothing is said, or that nobody asks any more', () => {
    expect(said(1, { metrics: { loss: 0.5 }, episodes: crashed })).toEqual(['job good']);
    expect(said(1, { metrics: { loss: 0.5 }, episodes: failing })).toEqual(['metric:loss good']);
    expect(said(1, { outcome: 'cancelled', episodes: [...crashed, ...failing] })).toEqual([
      'job neutral',
      'metric:loss neutral',
    ]);
    expect(said(1, { outcome: 'failure', episodes: failing })).toEqual(['job bad', 'metric:loss neutral']);
    const other = configOf({ metric_success_conditions: { accuracy: FIXED }, alert_for_failed_jobs: false });
    expect(
      said(1, { config: other, metrics: { loss: 9, accuracy: 0 }, episodes: [...crashed, ...failing] }),
    ).toEqual(['job undemanded', 'metric:loss undemanded']);
    expect(said(1, { config: configOf(null), episodes: failing })).toEqual(['metric:loss undemanded']);
  });

  test('an optional metric that is not there is absent', () => {
    const config = configOf({ metric_success_conditions: { default: FIXED } });
    const episodes = episodesAfter([{ config, metrics: { loss: 2 } }]);
    expect(said(1, { config, metrics: { other: 0 }, episodes })).toEqual(['metric:loss absent']);
    const lenient = configOf({ metric_success_conditions: { loss: { ...FIXED, on_missing: 'ignore' } } });
    expect(said(1, { config: lenient, episodes })).toEqual(['metric:loss absent']);
  });

  test('a metric that is only required is good once it is there, unless it is no number', () => {
    const config = configOf({ required_metrics: ['a'] });
    const episodes = episodesAfter([{ config }]);
    expect(states(episodes)).toEqual(['metric:a firing']);
    expect(said(1, { config, metrics: { a: 5 }, episodes })).toEqual(['metric:a good']);
    expect(said(1, { config, metrics: { a: Number.NaN }, episodes })).toEqual(['metric:a neutral']);
  });

  test('a value that is no number is never good, whatever the condition makes of it', () => {
    for (const policy of ['warn', 'ignore'] as const) {
      const config = configOf({
        metric_success_conditions: { loss: { ...FIXED, on_nonfinite: policy, on_missing: policy } },
      });
      expect(said(1, { config, metrics: { loss: Number.NaN }, episodes: failing })).toEqual([
        'metric:loss neutral',
      ]);
      expect(said(1, { config, episodes: failing })).toEqual(['metric:loss absent']);
    }
  });

  test('three preemptions in a row are told, once machines stay the episode is over', () => {
    const nights: Night[] = [{ outcome: 'preempted' }, { outcome: 'preempted' }, { outcome: 'preempted' }];
    expect(states(episodesAfter(nights.slice(1)))).toEqual(['infra suspect']);
    expect(states(episodesAfter(nights))).toEqual(['infra firing']);
    expect(states(episodesAfter([...nights, { outcome: 'cancelled' }]))).toEqual(['infra firing']);
    expect(states(episodesAfter([...nights, { outcome: 'oom' }]))).toEqual(['infra recovered', 'job firing']);
  });

  test('an episode that has just recovered hears of three more runs, and then of none', () => {
    const good = { metrics: { loss: 0.5 } };
    const nights: Night[] = [{ outcome: 'failure' }, good];
    expect(states(episodesAfter(nights))).toEqual(['job recovered']);
    for (let count = 0; count < 3; count++) {
      expect(said(nights.length, { ...good, episodes: episodesAfter(nights) })).toEqual(['job good']);
      nights.push(good);
    }
    expect(said(nights.length, { ...good, episodes: episodesAfter(nights) })).toEqual([]);
  });
});

describe('the recommended rule', () => {
  test('is not surer of a change for being told loudly', () => {
    const auto = { comparison: 'less', success_threshold: { auto: {} }, severity: 'critical' } as const;
    const loud = configOf({ metric_success_conditions: { loss: auto } });
    const [one] = sightsOfNight(50, { config: loud, metrics: { loss: 20 }, earlier });
    expect(one).toMatchObject({ says: 'fail', judge: null, instant: false, severity: 'critical' });
    const [none] = sightsOfNight(50, { config: loud, metrics: { loss: Number.NaN }, earlier });
    expect(none).toMatchObject({ says: 'bad', instant: true });
  });

  const config = configOf({
    metric_success_conditions: { loss: { comparison: 'less', success_threshold: { auto: {} } } },
  });
  const earlier = Array.from({ length: 40 }, (_, index) => 10 + ((index * 7) % 5) / 10);
  const last = (values: readonly number[]) => {
    const [value = 0, ...before] = [...values].reverse();
    return sightsOfNight(50, { config, metrics: { loss: value }, earlier: [...before, ...earlier] });
  };

  test('a lone failing run waits for the judge, whose alert comes with where it began', () => {
    expect(last([20]).map(({ says, judge, confirmAfter }) => [says, judge, confirmAfter])).toEqual([
      ['fail', null, null],
    ]);
    const [fired] = last([20, 20, 20]);
    expect(fired).toMatchObject({ says: 'fail', judge: 'alert', runsAgo: 2, reason: 'above' });
    expect(pastWanted([fired!], [])).toEqual([
      { signal: 'metric:loss', polarity: 'bad', metric: 'loss', runsAgo: 2 },
    ]);
    const good = { ...fired!.run, runId: 'good' };
    expect(withPast(fired!, { firstBad: fired!.run, lastGood: good })).toEqual({
      ...fired,
      firstBad: fired!.run,
      lastGood: good,
    });
  });

  test('goes on saying so, says once that the new level holds still, and when the old one is back', () => {
    const judged = (runs: number, then: readonly number[] = []) => {
      const all = [...Array.from({ length: runs }, (_, index) => 20 + (index % 3) / 10), ...then];
      const [value = 0, ...before] = [...all].reverse();
      const [episode] = episodesAfter([{ config, metrics: { loss: Number.NaN } }]);
      const [one] = sightsOfNight(99, {
        config,
        metrics: { loss: value },
        earlier: [...before, ...earlier],
        episodes: [episode!],
      });
      return [one!.says, one!.judge];
    };
    expect([judged(19), judged(20), judged(21), judged(40)]).toEqual([
      ['fail', null],
      ['fail', 'looks_normal'],
      ['fail', null],
      ['fail', null],
    ]);
    expect(judged(30, [10, 10.2])).toEqual(['neutral', null]);
    expect(judged(30, [10, 10.2, 10.1])).toEqual(['good', 'recovered']);
  });

  test('an improvement is a signal of its own, that only its alert opens', () => {
    const [better] = last([5, 5, 5, 5]);
    expect(better).toMatchObject({
      polarity: 'good',
      judge: 'alert',
      severity: 'info',
      signal: 'metric:loss',
    });
    expect(last([5, 5, 5, 5, 5])).toEqual([]);
  });

  test('an open improvement hears of runs without the metric, and of the end of the demand', () => {
    const [better] = last([5, 5, 5, 5]);
    const { episodes } = applyRecord([], { seq: 1, inputs: [better!] }, EPISODE_SETTINGS);
    expect(said(60, { config, episodes })).toEqual(['metric:loss bad', 'metric:loss neutral (good)']);
    expect(said(60, { metrics: { loss: 0.5 }, episodes })).toEqual(['metric:loss undemanded (good)']);
  });
});

test('the past is asked for where an episode opens or the judge confirms one, and nowhere else', () => {
  const [bad] = sightsOfNight(1, { metrics: { loss: 2 } });
  const firing = episodesAfter([{ metrics: { loss: 2 } }]);
  expect(pastWanted([bad!], [])).toEqual([
    { signal: 'metric:loss', polarity: 'bad', metric: 'loss', runsAgo: 0 },
  ]);
  expect(pastWanted([bad!], firing)).toEqual([]);
  const suspect = firing.map((episode): Episode => ({ ...episode, state: 'suspect' }));
  expect(pastWanted([bad!], suspect)).toEqual([]);
  expect(pastWanted([{ ...bad!, judge: 'alert', runsAgo: 3 }], suspect)).toHaveLength(1);
  const [job] = sightsOfNight(1, { outcome: 'failure' });
  expect(pastWanted([job!], firing)).toEqual([
    { signal: 'job' as Signal, polarity: 'bad', metric: null, runsAgo: 0 },
  ]);
});
