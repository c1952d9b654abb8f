import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scaleFor, ticksOf } from './scale.ts';

const SPAN = { top: 20, bottom: 180 };
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('a scale', () => {
  test('puts the larger value higher, and every value between the edges', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 20 }), (values) => {
        const scale = scaleFor(values, SPAN);
        if (scale === null) return;
        for (const value of values) {
          expect(scale.at(value)).toBeGreaterThanOrEqual(SPAN.top);
          expect(scale.at(value)).toBeLessThanOrEqual(SPAN.bottom);
        }
        expect(scale.at(Math.max(...values))).toBeLessThanOrEqual(scale.at(Math.min(...values)));
      }),
    );
  });

  test('of equal values has them in the middle', () => {
    expect(scaleFor([5, 5], SPAN)?.at(5)).toBe(100);
    expect(scaleFor([0], SPAN)?.at(0)).toBe(100);
  });

  test('is none where the range is more than a double holds', () => {
    expect(scaleFor([-Number.MAX_VALUE, Number.MAX_VALUE], SPAN)).toBeNull();
    expect(scaleFor([], SPAN)).toBeNull();
  });

  test.each([
    [3300, 4100, ['3,400', '3,600', '3,800', '4,000']],
    [0.74, 0.97, ['0.75', '0.80', '0.85', '0.90', '0.95']],
    [-0.12, 0.12, ['−0.10', '−0.05', '0', '0.05', '0.10']],
    [-5, 5, ['−4', '−2', '0', '2', '4']],
    [1.2e9, 1.6e9, ['1.2e9', '1.3e9', '1.4e9', '1.5e9', '1.6e9']],
    [2.1e-9, 4.2e-9, ['2.5e-9', '3e-9', '3.5e-9', '4e-9']],
  ])('from %d to %d has round lines', (low, high, labels) => {
    expect(ticksOf({ low, high }).map(({ label }) => label)).toEqual(labels);
  });

  test('never has more lines than a chart has room for, nor lines outside', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const scale = scaleFor([a, b], SPAN);
        if (scale === null) return;
        const ticks = ticksOf(scale);
        expect(ticks.length).toBeLessThanOrEqual(7);
        for (const { value } of ticks) {
          expect(value).toBeLessThanOrEqual(scale.high);
          expect(value).toBeGreaterThanOrEqual(scale.low - Math.abs(scale.low) * 1e-12);
        }
      }),
    );
  });
});
