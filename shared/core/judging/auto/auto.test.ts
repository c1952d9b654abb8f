import { describe, expect, test } from 'vitest';
import { noisy } from '../../../../test/support/seeded.ts';
import { type AutoPoint, judgeSeries } from './auto.ts';

const alertsOf = (points: readonly AutoPoint[], good: 'higher' | 'lower' | null = 'lower') =>
  judgeSeries(points, { good }).flatMap(({ alert }, index) => (alert === null ? [] : [{ index, ...alert }]));
const verdictsOf = (points: readonly AutoPoint[], good: 'higher' | 'lower' | null = 'lower') =>
  judgeSeries(points, { good }).map(({ verdict }) => verdict);
const from = (start: number, size: number) => (index: number) => (index >= start ? size : 0);
const between = (start: number, end: number, size: number) => (index: number) =>
  index >= start && index < end ? size : 0;

describe('a change', () => {
  test('for the worse that stays is told once, with its first run, and never becomes normal by itself', () => {
    const results = judgeSeries(noisy(400, { change: from(60, 5) }), { good: 'lower' });
    const told = results.flatMap(({ alert }, index) => (alert === null ? [] : [[index, alert] as const]));
    expect(told).toEqual([
      [62, { direction: 'worse', kind: 'shift', since: 60, evidence: expect.any(Number) }],
    ]);
    expect(results.slice(62).filter(({ state }) => state !== 'changed')).toEqual([]);
    expect(results.slice(62).filter(({ verdict }) => verdict === 'fail').length).toBeGreaterThan(240);
    expect(results.at(-1)).toMatchObject({ since: 60, level: { centre: expect.closeTo(100, 0) } });
  });

  test('for the worse that holds still for twenty runs looks normal, and is offered once', () => {
    const results = judgeSeries(noisy(120, { change: from(60, 5) }), { good: 'lower' });
    expect(results.flatMap(({ looksNormal }, index) => (looksNormal ? [index] : []))).toEqual([79]);
  });

  test('for the worse that goes on creeping is not offered', () => {
    const results = judgeSeries(noisy(100, { change: (index) => Math.max(0, (index - 60) / 2) }), {
      good: 'lower',
    });
    expect(results.filter(({ alert }) => alert !== null)).toHaveLength(1);
    expect(results.filter(({ looksNormal }) => looksNormal)).toEqual([]);
  });

  test('for the better that stays is told once, and its level is taken after twelve runs', () => {
    const results = judgeSeries(noisy(120, { change: from(60, -6) }), { good: 'lower' });
    expect(results.findIndex(({ state }) => state === 'accepted')).toBe(71);
    expect(results.at(-1)).toMatchObject({ state: 'normal', level: { centre: expect.closeTo(94, 0) } });
    expect(results.filter(({ looksNormal }) => looksNormal)).toEqual([]);
  });

  test('that ends after sixty runs leaves nothing behind: the level is as it was, and so is its spread', () => {
    const [clean, incident] = [noisy(180), noisy(180, { change: between(60, 120, 8) })];
    const [ordinary, after] = [clean, incident].map(
      (points) => judgeSeries(points, { good: 'lower' }).at(-1)!,
    );
    expect(after!.state).toBe('normal');
    expect(after!.level!.centre).toBeCloseTo(ordinary!.level!.centre, 0);
    expect(after!.level!.spread / ordinary!.level!.spread).toBeCloseTo(1, 0);
    expect(after!.level!.highest).toBeLessThan(105);
    const told = judgeSeries(incident, { good: 'lower' }).filter(({ alert }) => alert !== null);
    expect(told).toHaveLength(1);
  });

  test('where neither direction is good never becomes normal by itself, whichever way it goes', () => {
    for (const size of [5, -5])
      expect(judgeSeries(noisy(160, { change: from(60, size) }), { good: null }).at(-1)!.state).toBe(
        'changed',
      );
  });

  test('that passes is told once, and the old level is back without a second alert', () => {
    const results = judgeSeries(noisy(120, { change: between(60, 67, 6) }), { good: 'lower' });
    expect(results.filter(({ alert }) => alert !== null)).toHaveLength(1);
    expect(results.findIndex(({ state }) => state === 'recovered')).toBeGreaterThan(67);
    expect(results.at(-1)).toMatchObject({ state: 'normal', level: { centre: expect.closeTo(100, 0) } });
  });

  test.each([3, 5, 40])('of %d sd that comes again after its end is told again', (size) => {
    const twice = (index: number) => between(60, 67, size)(index) || between(80, 87, size)(index);
    const results = judgeSeries(noisy(110, { change: twice }), { good: 'lower' });
    const told = results.flatMap(({ alert }, index) => (alert === null ? [] : [index]));
    expect(told).toHaveLength(2);
    expect(told[1]).toBeGreaterThanOrEqual(81);
    expect(told[1]).toBeLessThan(87);
  });

  test('of one run fails that run and tells nobody', () => {
    const points = noisy(100, { change: between(60, 61, 12) });
    expect(verdictsOf(points)[60]).toBe('fail');
    expect(alertsOf(points)).toEqual([]);
  });

  test('that creeps in is told as a drift', () => {
    const points = noisy(140, { seed: 8, change: (index) => Math.min(4, Math.max(0, (index - 60) / 11)) });
    expect(alertsOf(points).slice(0, 1)).toEqual([
      expect.objectContaining({ direction: 'worse', kind: 'drift' }),
    ]);
  });

  test('for the better fails no run and is told as better', () => {
    const points = noisy(120, { change: from(60, -6) });
    expect(verdictsOf(points).slice(60)).not.toContain('fail');
    expect(alertsOf(points)).toEqual([expect.objectContaining({ direction: 'better', since: 60 })]);
    expect(alertsOf(points, 'higher')).toEqual([expect.objectContaining({ direction: 'worse', since: 60 })]);
  });

  test('in either direction is worse where neither is good', () => {
    for (const size of [5, -5]) {
      expect(alertsOf(noisy(90, { change: from(60, size) }), null)).toEqual([
        expect.objectContaining({ direction: 'worse', since: 60 }),
      ]);
    }
  });
});

describe('bad input', () => {
  const quiet = noisy(40);
  const flat = new Array<number>(30).fill(0.9731);

  // The list at the end of the study of the peers; every row was a bug of one of them.
  test.each<[string, readonly AutoPoint[], unknown, unknown]>([
    ['a negative mean', noisy(90, { level: -500, change: from(60, 5) }), 'fail', [60]],
    ['a mean of zero', noisy(90, { level: 0, change: from(60, 5) }), 'fail', [60]],
    ['a constant that stays', flat, 'pass', []],
    ['a constant that steps alerts at once', [...flat, 1.2], 'fail', [30]],
    [
      'a whole number that always was 100 and is 101',
      [...new Array<number>(30).fill(100), 101],
      'fail',
      [30],
    ],
    ['a constant that steps by one last digit', [...flat, 0.9732], 'pass', []],
    ['a constant that differs by rounding', [...flat, 0.9731 + 1e-13], 'pass', []],
    ['a count that was always zero and is one', [...new Array<number>(30).fill(0), 1], 'pass', []],
    ['a count that was always zero and is seven', [...new Array<number>(30).fill(0), 7], 'fail', [30]],
    ['nothing', [], undefined, []],
    ['one point', [5], 'inconclusive', []],
    ['seven points', quiet.slice(0, 8), 'inconclusive', []],
    ['NaN now', [...quiet, Number.NaN], 'fail', [40]],
    ['infinity now', [...quiet, Number.NEGATIVE_INFINITY], 'fail', [40]],
    ['NaN at the first run', [Number.NaN], 'fail', [0]],
    ['a missing run now', [...quiet, null], 'inconclusive', []],
    ['missing runs between', quiet.flatMap((value) => [value, null]).concat(100), 'pass', []],
    ['the same value again and again', [...quiet, 100, 100, 100, 100], 'pass', []],
    ['values at the edge of numbers', noisy(30).map((value) => value * 1e306), 'pass', []],
    ['values at the edge of zero', noisy(30).map((value) => value * 1e-306), 'pass', []],
    ['two values in turn', Array.from({ length: 60 }, (_, index) => index % 2), 'pass', []],
  ])('%s', (_sentence, points, last, since) => {
    expect(verdictsOf(points).at(-1)).toBe(last);
    expect(alertsOf(points).map((alert) => alert.since)).toEqual(since);
  });

  test('NaN in the history is told and learnt from by nobody', () => {
    const points: AutoPoint[] = noisy(60);
    const spoilt = points.flatMap((value, index) =>
      index === 30 ? [Number.NaN, Number.NaN, value] : [value],
    );
    expect(alertsOf(spoilt).map(({ index, kind }) => [index, kind])).toEqual([
      [30, 'nonfinite'],
      [31, 'nonfinite'],
    ]);
    expect(judgeSeries(spoilt, { good: 'lower' }).at(-1)!.level).toEqual(
      judgeSeries(points, { good: 'lower' }).at(-1)!.level,
    );
  });

  test('each run is judged by itself and the runs before it', () => {
    const points = noisy(150, { seed: 3, change: from(70, 3) });
    const whole = judgeSeries(points, { good: 'lower' });
    for (const length of [9, 40, 71, 73, 76, 90]) {
      expect(judgeSeries(points.slice(0, length), { good: 'lower' })).toEqual(whole.slice(0, length));
    }
  });

  test('the unit of the metric changes nothing', () => {
    const points = noisy(120, { seed: 5, change: from(70, 3) });
    const scaled = points.map((value) => value * 2 ** 20);
    expect(alertsOf(scaled).map(({ index }) => index)).toEqual(alertsOf(points).map(({ index }) => index));
    expect(verdictsOf(scaled)).toEqual(verdictsOf(points));
  });
});
