import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Columns, type Point } from './columns.ts';

const step = fc.oneof(fc.nat(5), fc.integer(), fc.constantFrom(2 ** 31, -(2 ** 40), 2 ** 53));
const point = fc.record<Point>({
  step,
  stepRest: fc.constantFrom(0, 0, 0, 1, -1),
  wallTime: fc.double(),
  value: fc.oneof(fc.float(), fc.double(), fc.constantFrom(0.1, -0, Number.NaN)),
});

/** What is done to columns, and the same to an array of points. */
type Action = { push: Point } | { cut: number } | { modulus: number } | { keepLast: true };
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: point.map((one) => ({ push: one })) },
  fc.nat(40).map((cut) => ({ cut })),
  fc.nat(3).map((modulus) => ({ modulus: modulus + 2 })),
  fc.constant({ keepLast: true as const }),
);

function apply(columns: Columns, points: Point[], { one }: { one: Action }): Point[] {
  if ('push' in one) {
    columns.push(one.push);
    return [...points, one.push];
  }
  if ('cut' in one) {
    const length = Math.min(one.cut, points.length);
    columns.cut(length);
    return points.slice(0, length);
  }
  if ('modulus' in one) {
    columns.filter((at) => at % one.modulus !== 0);
    return points.filter((_, at) => at % one.modulus !== 0);
  }
  if (points.length > 0) columns.keepLast();
  return points.slice(-1);
}

describe('columns', () => {
  test('hold what an array of points would, whatever is done to them', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const columns = new Columns({ wallTimes: true });
        let points: Point[] = [];
        let pushed = 0;
        for (const one of actions) {
          points = apply(columns, points, { one });
          if ('push' in one) pushed++;
        }
        const { steps, wallTimes, values } = columns.copy();
        expect([...steps]).toEqual(points.map((one) => one.step));
        expect([...wallTimes]).toEqual(points.map((one) => one.wallTime));
        expect([...values]).toEqual(points.map((one) => one.value));
        expect(columns.removed).toBe(pushed - points.length);
        points.forEach((one, at) => {
          expect(columns.isFrom(at, one)).toBe(true);
          expect(columns.isFrom(at, { ...one, stepRest: one.stepRest + 1 })).toBe(false);
        });
      }),
    );
  });

  test('know the wall times of the ends when they keep none', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), fc.nat(20), (times, cut) => {
        const columns = new Columns({ wallTimes: false });
        const push = (wallTime: number, at: number) =>
          columns.push({ step: at, stepRest: 0, wallTime, value: at });
        times.forEach(push);
        columns.cut(Math.min(cut, times.length));
        push(7, 99);
        const first = cut === 0 ? 7 : times[0]!;
        expect([columns.pointAt(0).wallTime, columns.pointAt(columns.length - 1).wallTime]).toEqual([
          first,
          7,
        ]);
        columns.keepLast();
        expect(columns.pointAt(0).wallTime).toBe(7);
      }),
    );
  });

  test('of hundreds of thousands of points are exact', () => {
    const columns = new Columns({ wallTimes: false });
    for (let at = 0; at < 300_000; at++) columns.push({ step: at, stepRest: 0, wallTime: at, value: at / 3 });
    columns.cut(200_001);
    expect(columns.length).toBe(200_001);
    expect(columns.copyValues().every((value, at) => value === at / 3)).toBe(true);
  });

  test('take eight bytes a point while numbers are small, and do not double what is long', () => {
    const columns = new Columns({ wallTimes: false });
    for (let at = 0; at < 100_000; at++) columns.push({ step: at, stepRest: 0, wallTime: at, value: 0.5 });
    const parts = columns.valueParts();
    expect(parts.every((part) => part instanceof Float32Array)).toBe(true);
    expect(Math.max(...parts.map((part) => part.buffer.byteLength))).toBeLessThanOrEqual(65_536);
  });
});
