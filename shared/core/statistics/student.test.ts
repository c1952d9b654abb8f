import { expect, test } from 'vitest';
import { studentQuantile, studentTail, upperQuantile } from './student.ts';

// mpmath 1.3, 40 digits: findroot(lambda x: 1 - betainc(df/2, .5, 0, df/(df+x*x), regularized=True)/2 - p, t.ppf(p, df));
// SciPy 1.17's t.ppf agrees to 1e-13.
test.each([
  [1, 0.5000001, 3.1415926519363007e-7],
  [1, 0.6, 0.32491969623290623],
  [1, 0.99, 31.82051595377393],
  [1, 0.999999999, 318309895.1862093],
  [2, 0.75, 0.816496580927726],
  [2, 0.99999, 223.60344363454604],
  [3, 0.975, 3.1824463052837086],
  [5, 0.9, 1.4758840488244813],
  [9, 0.99, 2.8214379250258084],
  [29, 0.999, 3.3962402883568026],
  [63, 0.999999999, 6.999812327523227],
  [149, 0.5000001, 2.510837524113183e-7],
  [149, 0.99999, 4.406189315416194],
  [1000, 0.975, 1.962339080826408],
  [1e6, 0.6, 0.2533471705378416],
  [1e6, 0.999999999, 5.9978624603049715],
])('studentQuantile() with %d degrees of freedom at %d', (df, p, wanted) => {
  expect(Math.abs(studentQuantile(p, df) / wanted - 1)).toBeLessThan(1e-10);
});

// mpmath as above, float(betainc(df/2, .5, 0, df/(df+x*x), regularized=True)/2).
test.each([
  [1, 0.1, 0.4682744825694464],
  [1, 1, 0.25],
  [3, 1.7, 0.09384532077670504],
  [10, 1, 0.17044656615102993],
  [1e6, 4, 0.00003167351700502405],
])('studentTail() with %d degrees of freedom above %d', (df, t, wanted) => {
  expect(Math.abs(studentTail(t, df) / wanted - 1)).toBeLessThan(1e-10);
  expect(studentTail(-t, df)).toBeCloseTo(1 - wanted, 12);
});

test('a quantile is the inverse of the tail, far out too', () => {
  for (const df of [1, 2.5, 7, 150]) {
    for (const tail of [1e-120, 1e-12, 0.01, 0.24, 0.26, 0.49999]) {
      expect(Math.abs(studentTail(upperQuantile(tail, df), df) / tail - 1)).toBeLessThan(1e-11);
    }
  }
});

test('quantiles at the edges of probability', () => {
  expect([0, 0.5, 1, -0.1, Number.NaN].map((p) => studentQuantile(p, 4))).toEqual([
    Number.NEGATIVE_INFINITY,
    0,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    Number.NaN,
  ]);
  expect(studentQuantile(0.01, 9)).toBe(-studentQuantile(0.99, 9));
});
