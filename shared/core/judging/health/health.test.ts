import { describe, expect, test } from 'vitest';
import { type Random, random } from '../../../../test/bench/judge/random.ts';
import type { HealthCurve } from './curve.ts';
import { trainingHealth } from './health.ts';

/** A training as it should be: losses that fall towards a floor, at an even pace with jitter. */
function training(seed: number, { points = 200, seconds = 5 } = {}): HealthCurve {
  const chance = random(seed);
  const floor = 0.1 + chance.uniform();
  const fall = 1 + 3 * chance.uniform();
  const rate = points * (0.08 + 0.3 * chance.uniform());
  const noise = 0.01 + 0.06 * chance.uniform();
  const values = Array.from(
    { length: points },
    (_, i) => floor + fall * Math.exp(-i / rate) + noise * chance.normal(),
  );
  let time = 1e9;
  const wallTimes = values.map(() => {
    time += seconds * pace(chance);
    return time;
  });
  return { tag: 'train/loss', steps: values.map((_, i) => i * 10), wallTimes, values };
}

const pace = (chance: Random) => Math.exp(0.1 * chance.normal());
const ended = { now: null };
const kinds = (curve: HealthCurve, now: number | null = null) =>
  trainingHealth([curve], { now }).map(({ kind, step }) => [kind, step]);
const turned = (curve: HealthCurve): HealthCurve => ({
  ...curve,
  tag: 'accuracy',
  values: Array.from(curve.values, (value) => 10 - value),
});

test('of 400 healthy trainings none is told', () => {
  const told = Array.from({ length: 400 }, (_, seed) => {
    const curve = training(seed + 1);
    return trainingHealth([seed % 2 === 0 ? curve : turned(curve)], ended);
  });
  expect(told.flat()).toEqual([]);
});

describe('faults', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])('the first %s, with its step', (value) => {
    const curve = training(1);
    const values = Array.from(curve.values, (one, i) => (i >= 120 ? value : one));
    expect(trainingHealth([{ ...curve, values }], ended)[0]).toEqual({
      kind: 'nonfinite',
      tag: 'train/loss',
      step: 1200,
      wallTime: curve.wallTimes[120],
      text: `train/loss is ${value} from step 1200 on`,
    });
  });

  test('of 100 trainings that diverge all are told, near where they began to', () => {
    const late = Array.from({ length: 100 }, (_, seed) => {
      const curve = training(seed + 1000);
      const from = 60 + (seed % 100);
      const values = Array.from(curve.values, (value, i) => (i < from ? value : value + 0.3 * (i - from)));
      const one = { ...curve, values };
      const [found] = kinds(seed % 2 === 0 ? one : turned(one));
      return found?.[0] === 'divergence' ? (found[1] as number) / 10 - from : Number.NaN;
    });
    expect(late.filter(Number.isNaN)).toEqual([]);
    expect(Math.max(...late.map(Math.abs))).toBeLessThan(12);
  });

  test('a loss that rises a little after its best is no divergence', () => {
    const curve = training(3);
    const values = Array.from(curve.values, (value, i) => (i < 150 ? value : value + 0.002 * (i - 150)));
    expect(kinds({ ...curve, values })).toEqual([]);
  });

  test('a stall between two points, and one that lasts', () => {
    const curve = training(4);
    const wallTimes = Array.from(curve.wallTimes, (time, i) => (i > 80 ? time + 600 : time));
    expect(kinds({ ...curve, wallTimes })).toEqual([['stall', 800]]);
    const last = curve.wallTimes[199]!;
    expect(kinds(curve, last + 40)).toEqual([]);
    expect(kinds(curve, last + 400)).toEqual([['stall', 1990]]);
  });

  test('steps that take twice as long from somewhere on', () => {
    const curve = training(5);
    const wallTimes = Array.from(curve.wallTimes, (time, i) => (i > 100 ? time + 5 * (i - 100) : time));
    const [found] = trainingHealth([{ ...curve, wallTimes }], ended);
    expect(found).toMatchObject({
      kind: 'slower',
      text: expect.stringMatching(/^steps take (1\.9|2\.\d) times/),
    });
    expect(Math.abs(found!.step - 1000)).toBeLessThan(40);
  });

  test('a curve that never learnt', () => {
    const chance = random(6);
    const curve = training(6);
    const values = Array.from({ length: 200 }, () => 2.3 + 0.02 * chance.normal());
    expect(kinds({ ...curve, values })).toEqual([['plateau', 0]]);
  });
});

test.each<[string, HealthCurve[]]>([
  ['no curve', []],
  ['an empty one', [{ tag: 'loss', steps: [], wallTimes: [], values: [] }]],
  ['three points', [{ tag: 'loss', steps: [0, 1, 2], wallTimes: [0, 1, 900], values: [1, 5, 9] }]],
  ['a rate of learning', [{ ...training(7), tag: 'learning_rate', values: new Array(200).fill(0.1) }]],
  ['clocks that go back', [{ ...training(8), wallTimes: Array.from({ length: 200 }, (_, i) => 1000 - i) }]],
])('nothing is said of %s', (_, curves) => {
  expect(trainingHealth(curves, { now: null })).toEqual([]);
});
