import { describe, expect, test } from 'vitest';
import { random } from '../../../../test/bench/judge/random.ts';
import { type Curve, onCommonSteps } from './common-steps.ts';
import { compareCurves } from './compare-curves.ts';

interface Training {
  /** The curve is this many times as slow. */
  readonly slow?: number;
  readonly points?: number;
  /** Added to every value. */
  readonly off?: number;
}

/** Trainings of one test: each has its own speed, floor and noise, as seeds make them differ. */
function training(seed: number, { slow = 1, points = 80, off = 0 }: Training = {}): Curve {
  const chance = random(seed);
  const rate = 12 * slow * Math.exp(0.04 * chance.normal());
  const floor = 0.2 + 0.01 * chance.normal();
  const values = Array.from(
    { length: points },
    (_, i) => floor + off + 2 * Math.exp(-i / rate) + 0.02 * chance.normal(),
  );
  return { steps: values.map((_, i) => i * 100), values };
}

const earlier = (seed: number, n = 25) => Array.from({ length: n }, (_, i) => training(seed * 1000 + i));
const options = { good: 'lower', coverage: 0.99 } as const;
const failing = (n: number, make: (seed: number) => Curve) =>
  Array.from({ length: n }, (_, i) => compareCurves(make(i * 1000 + 999), earlier(i), options)).filter(
    ({ verdict }) => verdict === 'fail',
  ).length;

test('about one in a hundred ordinary curves leaves the band of 99 %', () => {
  // 500 trials at 1 %: a Poisson count of 5; 14 or more has probability 0.0007.
  expect(failing(500, (seed) => training(seed))).toBeLessThan(14);
});

describe('a curve that ends where the others end', () => {
  test.each([
    [1.2, 40],
    [1.1, 15],
  ])('and gets there %d times as late is told at least %d times in 50', (slow, least) => {
    expect(failing(50, (seed) => training(seed, { slow }))).toBeGreaterThanOrEqual(least);
  });

  test('and gets there earlier is not', () => {
    expect(failing(50, (seed) => training(seed, { slow: 0.8 }))).toBe(0);
  });
});

test('says where it is furthest out, and whether it lies on one side all along', () => {
  const high = compareCurves(training(7, { off: 0.2 }), earlier(3), options);
  expect(high).toMatchObject({ verdict: 'fail', reason: 'along', curves: 25 });
  expect(high.along!.distance).toBeGreaterThan(high.along!.limit);
  const once = training(8);
  const bumped = { ...once, values: Array.from(once.values, (value, i) => (i === 50 ? value + 0.5 : value)) };
  expect(compareCurves(bumped, earlier(3), options)).toMatchObject({ reason: 'left', worst: { step: 5000 } });
  const down = { ...once, values: Array.from(once.values, (value) => value - 0.3) };
  expect(compareCurves(down, earlier(3), options).verdict).toBe('pass');
  expect(compareCurves(down, earlier(3), { ...options, good: null }).verdict).toBe('fail');
});

test('a run still going is compared as far as it has come', () => {
  expect(compareCurves(training(9, { points: 30 }), earlier(3), options).verdict).toBe('pass');
  expect(compareCurves(training(9, { points: 30, slow: 1.5 }), earlier(3), options).verdict).toBe('fail');
});

test.each<[string, Curve, readonly Curve[]]>([
  ['too few earlier curves', training(1), earlier(1, 7)],
  ['an empty curve', { steps: [], values: [] }, earlier(1)],
  ['earlier curves elsewhere', training(1), earlier(1).map(({ values }) => ({ steps: values, values }))],
])('nothing is said of %s', (_, curve, others) => {
  expect(compareCurves(curve, others, options)).toMatchObject({ verdict: 'inconclusive', reason: 'history' });
});

test('curves that were always the same pass while they are', () => {
  const same = { steps: [0, 1, 2], values: [3, 2, 1] };
  const others = new Array<Curve>(10).fill(same);
  expect(compareCurves(same, others, options).verdict).toBe('pass');
});

test('onCommonSteps() draws lines between points, and leaves out what is no number', () => {
  const common = onCommonSteps({ steps: [0, 5, 10, 15], values: [1, Number.NaN, 2, 4] }, [
    { steps: [0, 20], values: [0, 20] },
    { steps: [10, 0, 10], values: [7, 0, 10] },
    { steps: [0, 4], values: [0, 0] },
  ]);
  expect(common).toEqual({
    steps: [0, 10],
    curve: [1, 2],
    earlier: [
      [0, 10],
      [0, 10],
    ],
  });
});
