import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changePoints } from '../change-points/segments.ts';
import { type AutoPoint, judgeSeries } from './auto.ts';

const ordinary = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const few = fc.constantFrom(0, 1, 2, 0.5, -3);
const any = fc.double();
const point: fc.Arbitrary<AutoPoint> = fc.oneof(
  { weight: 8, arbitrary: ordinary },
  { weight: 8, arbitrary: few },
  { weight: 2, arbitrary: any },
  { weight: 1, arbitrary: fc.constant(null) },
);
const series = fc.array(point, { maxLength: 80 });
const good = fc.constantFrom('higher', 'lower', null);

test('whatever the values, every run has a verdict, and none depends on what comes later', () => {
  fc.assert(
    fc.property(series, good, fc.nat(80), (points, side, cut) => {
      const results = judgeSeries(points, { good: side });
      expect(results).toHaveLength(points.length);
      results.forEach(({ verdict, alert, lower, upper }, index) => {
        const value = points[index]!;
        if (value === null) expect(verdict).toBe('inconclusive');
        else if (!Number.isFinite(value)) expect([verdict, alert?.kind]).toEqual(['fail', 'nonfinite']);
        expect([lower, upper].some(Number.isNaN)).toBe(false);
        if (alert !== null) expect(alert.since).toBeLessThanOrEqual(index);
      });
      const part = judgeSeries(points.slice(0, cut), { good: side });
      expect(part.map(({ verdict, state }) => [verdict, state])).toEqual(
        results.slice(0, cut).map(({ verdict, state }) => [verdict, state]),
      );
    }),
    { numRuns: 300 },
  );
});

test('turned upside down, higher is what lower was', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(ordinary, few), { maxLength: 80 }), (values) => {
      const told = (points: readonly number[], side: 'higher' | 'lower') =>
        judgeSeries(points, { good: side }).map(({ verdict, alert }) => [
          verdict,
          alert?.direction,
          alert?.since,
        ]);
      expect(
        told(
          values.map((value) => -value),
          'higher',
        ),
      ).toEqual(told(values, 'lower'));
    }),
    { numRuns: 200 },
  );
});

test('change points lie inside the series, in order, whatever the values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(ordinary, few, fc.double({ noNaN: true, noDefaultInfinity: true })), {
        maxLength: 120,
      }),
      (values) => {
        const at = changePoints(values).map(({ index }) => index);
        expect(at.every((index, k) => index > (at[k - 1] ?? 0) && index < values.length)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
