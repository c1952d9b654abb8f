import { describe, expect, test } from 'vitest';
import { noisy } from '../../../../test/support/seeded.ts';
import { backtest, type TrialSeries } from './backtest.ts';
import { OTAVA_RULE, PERFHERDER_RULE } from './change-rules.ts';
import { alertRate, powerOf } from './figures.ts';
import { parseRule } from './parse-rule.ts';
import { AUTO_RULE, type Point, type Rule } from './rule.ts';
import { suggest } from './suggest.ts';

const DAY = 24 * 3600 * 1000;
const rule = (text: string): Rule => {
  const parsed = parseRule(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};
const seriesOf = (points: readonly Point[]): TrialSeries => ({
  id: 'a',
  good: 'lower',
  points,
  times: points.map((_, index) => index * DAY),
});
const step = (index: number) => (index >= 60 ? 6 : 0);

describe('rules by their names', () => {
  test('the classic one judges each run by the thirty before it, after ten, and tells a streak once', () => {
    const points = [...noisy(11), 130, 130, 100, 130, null, 130];
    const { verdicts, alerts, bands } = rule('stddevs=5').run(points, 'lower');
    expect(verdicts.slice(9)).toEqual([
      'inconclusive',
      'pass',
      'fail',
      'pass',
      'pass',
      'pass',
      'inconclusive',
      'pass',
    ]);
    expect(alerts).toEqual([{ index: 11, since: 11, direction: 'worse', kind: 'point' }]);
    expect(bands[10]).toEqual({ lower: null, upper: expect.any(Number) });
  });

  test('a failing streak that needs a second run is told at the second', () => {
    const points = [...noisy(40), 104.6, 104.6, 104.6];
    const alerts = (text: string) =>
      rule(text)
        .run(points, 'lower')
        .alerts.map(({ index, since }) => [index, since]);
    expect(alerts('stddevs=3')).toEqual([
      [12, 12],
      [40, 40],
    ]);
    expect(alerts('stddevs=3,confirm=2')).toEqual([[41, 40]]);
  });

  test('a value that is no number never waits for a second run', () => {
    const { verdicts, alerts } = rule('mads=5,confirm=2').run([...noisy(20), Number.NaN], 'lower');
    expect(verdicts.at(-1)).toBe('fail');
    expect(alerts).toEqual([{ index: 20, since: 20, direction: 'worse', kind: 'nonfinite' }]);
  });

  test('the good direction is the side that is open', () => {
    const points = [...noisy(40), 120];
    const last = (good: 'higher' | 'lower' | null) =>
      rule('interval=0.999').run(points, good).verdicts.at(-1);
    expect([last('higher'), last('lower'), last(null)]).toEqual(['pass', 'fail', 'fail']);
  });

  test("Perfherder's tells a change eleven runs after its first", () => {
    const { alerts, verdicts } = PERFHERDER_RULE.run(noisy(120, { change: step }), 'lower');
    expect(alerts).toEqual([{ index: 71, since: 60, direction: 'worse', kind: 'shift' }]);
    expect(new Set(verdicts)).toEqual(new Set(['pass']));
    expect(PERFHERDER_RULE.run(noisy(120, { change: step }), 'higher').alerts[0]!.direction).toBe('better');
  });

  test("Otava's tells a change point when it appears, once", () => {
    const { alerts } = OTAVA_RULE.run(noisy(120, { change: step }), 'lower');
    // It sees two more in the noise, as its figures say it does.
    expect(alerts.filter(({ since }) => since === 60)).toEqual([
      { index: 60, since: 60, direction: 'worse', kind: 'shift' },
    ]);
  });

  test.each([
    ['stddevs', 'needs a number'],
    ['stddevs=x', 'needs a number'],
    ['magic=3', 'no rule is called "magic"'],
    ['__proto__=3', 'no rule is called "__proto__"'],
    ['stddevs=-1', 'success_threshold.stddevs_from_mean'],
    ['interval=1.5', 'success_threshold.prediction_interval.confidence'],
    ['stddevs=3,window', 'cannot read "window"'],
    ['stddevs=3,window=1', 'history_window'],
    ['stddevs=3,scale=cubic', 'cannot read "scale=cubic"'],
    ['stddevs=3,confirm=9', 'cannot read "confirm=9"'],
  ])('%s is refused', (text, sentence) => {
    expect(parseRule(text)).toEqual(expect.stringContaining(sentence));
  });

  test.each([
    'auto',
    'perfherder',
    'percent=5,window=9,wait=3',
    'alarms=2,scale=log',
    'population=5',
    'mads=4,percent_at_least=2',
    'stddevs=4,absolute_at_least=1',
  ])('%s is a rule', (text) => {
    expect(parseRule(text)).toMatchObject({ name: text });
  });
});

describe('figures', () => {
  test('alerts a month are counted over the time the runs span', () => {
    const answer = { verdicts: new Array<'pass'>(365).fill('pass'), alerts: [], bands: [] };
    const rate = alertRate({ ...answer, alerts: new Array(12).fill({}) }, [0, 364 * DAY]);
    expect(rate.aMonth).toBeCloseTo(12 / 11.992, 3);
    // Garwood's interval of 12, over 11.99 months: SciPy's chi2.ppf as in intervals.test.ts.
    expect(rate.interval[0]).toBeCloseTo(6.2006 / 11.992, 3);
    expect(alertRate(answer, null).aMonth).toBe(0);
  });

  test('power counts injected changes that are told in time, and their delay', () => {
    const power = powerOf(AUTO_RULE, noisy(200, { seed: 2 }), { good: 'higher', spread: 1 });
    expect(power.map(({ name, tried }) => [name, tried])).toEqual([
      ['step of 1 sd', 10],
      ['step of 2 sd', 10],
      ['step of 3 sd', 10],
      ['step of 5 sd', 10],
      ['drift of 4 sd over 40 runs', 10],
    ]);
    expect(power[3]).toMatchObject({ told: 10, delay: 3 });
    expect(power[0]!.told).toBeLessThan(power[3]!.told);
  });

  test('what a rule tells anyway counts for nothing', () => {
    const power = powerOf(AUTO_RULE, noisy(200, { seed: 2, change: (index) => (index >= 100 ? 8 : 0) }), {
      good: 'lower',
      spread: 1,
    });
    expect(power[3]!.tried).toBeLessThan(10);
    expect(power[0]!.told).toBeLessThan(power[0]!.tried / 2);
  });

  test('nothing is put into a series that is too short or has no noise', () => {
    expect(powerOf(AUTO_RULE, noisy(12), { good: 'lower', spread: 1 }).map(({ tried }) => tried)).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(
      powerOf(AUTO_RULE, new Array(100).fill(1), { good: 'lower', spread: 0 }).map(({ tried }) => tried),
    ).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('backtest()', () => {
  test('holds rules against each other on one series', () => {
    const points: Point[] = noisy(120, { change: step });
    points.splice(20, 0, null);
    const trial = backtest(seriesOf(points), [AUTO_RULE, rule('stddevs=5')], { power: true });
    expect(trial.rules.map(({ rule: name, rate }) => [name, rate.alerts, rate.runs])).toEqual([
      ['auto', 1, 121],
      ['stddevs=5', 1, 121],
    ]);
    expect(trial.changePoints.map(({ index }) => index)).toEqual([61]);
    expect(trial.suggestion!.rule).toBe('auto');
  });

  test('suggests nothing fancy for a few runs, and the quietest where all are loud', () => {
    const tried = (name: string, alerts: number, told: number) => ({
      name,
      rate: { alerts, runs: 60, aMonth: alerts, interval: [0, 9] as const },
      power: [
        {
          name: 'step of 3 sd',
          size: 3,
          over: 1,
          within: 7,
          tried: 10,
          told,
          interval: [0, 1] as const,
          delay: 3,
        },
      ],
    });
    expect(suggest([])).toMatchObject({ rule: 'auto', reason: expect.stringContaining('too few') });
    expect(suggest([tried('a', 0.5, 3), tried('b', 0.9, 8), tried('c', 4, 10)]).rule).toBe('b');
    expect(suggest([tried('a', 9, 3), tried('b', 3, 1)])).toMatchObject({
      rule: 'b',
      reason: expect.stringContaining('quietest'),
    });
  });
});
