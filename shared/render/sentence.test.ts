import { describe, expect, test } from 'vitest';
import { type Finding, headline, outOfBoundsLine } from './sentence.ts';

const BASE: Finding = {
  signal: 'metric:loss_final',
  reason: 'below',
  outcome: 'success',
  value: 0.79,
  valueKind: 'finite',
  lower: 0.96,
  upper: null,
  lastGood: { value: 0.9812 },
};
const good = (value: number | null) => ({ value });

const HEADLINES: readonly (readonly [string, Partial<Finding>, string])[] = [
  [
    'a drop below a bound',
    { value: 0.79, lower: 0.96, lastGood: good(0.98) },
    'loss_final fell to 0.79 (below 0.96)',
  ],
  [
    'no good run to fall from',
    { value: 0.79, lower: 0.96, lastGood: null },
    'loss_final is 0.79 (below 0.96)',
  ],
  [
    'a bound that rose, not a value that fell',
    { value: 0.95, lower: 0.96, lastGood: good(0.94) },
    'loss_final is 0.95 (below 0.96)',
  ],
  [
    'a rise above a bound',
    { reason: 'above', value: 3, lower: 0, upper: 2, lastGood: good(1) },
    'loss_final rose to 3 (above 2)',
  ],
  [
    'a value that rounds to its bound',
    { value: 0.9599999, lower: 0.96, lastGood: good(0.98) },
    'loss_final fell to 0.9599999 (below 0.96)',
  ],
  [
    'a unit that is known',
    { signal: 'metric:total_wall_time', reason: 'above', value: 9000, upper: 3600, lastGood: null },
    'total_wall_time is 9,000 s (above 3,600 s)',
  ],
  [
    'not equal',
    { reason: 'not_equal', value: 0.5, lower: 0.75, upper: 0.75 },
    'loss_final is 0.5 (not 0.75)',
  ],
  ['NaN after a good run', { reason: 'nonfinite', value: null, valueKind: 'nan' }, 'loss_final became NaN'],
  [
    'infinity from the start',
    { reason: 'nonfinite', value: null, valueKind: 'posinf', lastGood: null },
    'loss_final is infinite',
  ],
  [
    'minus infinity',
    { reason: 'nonfinite', value: null, valueKind: 'neginf', lastGood: null },
    'loss_final is minus infinity',
  ],
  ['nothing reported', { reason: 'missing', value: null, valueKind: 'missing' }, 'loss_final is missing'],
  [
    'clocks that disagree',
    { reason: 'clock', value: null, valueKind: 'missing' },
    'loss_final is missing (the run ended before it started)',
  ],
  [
    'a target never reached',
    { signal: 'metric:time_to_accuracy', reason: 'not_reached', value: null },
    'time_to_accuracy has no value (the target was never reached)',
  ],
  ['a job that failed', { signal: 'job', reason: 'outcome', outcome: 'failure' }, 'job failed'],
  [
    'a job that timed out',
    { signal: 'job', reason: 'timeout', outcome: 'timeout' },
    'job ran past its deadline',
  ],
  [
    'a job that was lost',
    { signal: 'job', reason: 'outcome', outcome: 'lost' },
    'job was lost: its end was never reported',
  ],
  ['a job that never started', { signal: 'job', reason: 'outcome', outcome: 'missed' }, 'job never started'],
  [
    'an outcome of the future',
    { signal: 'job', reason: 'outcome', outcome: 'evicted' },
    'job ended as evicted',
  ],
  [
    'an outcome named like a method',
    { signal: 'job', reason: 'outcome', outcome: 'toString' },
    'job ended as toString',
  ],
  [
    'a metric of a job that failed',
    { reason: 'outcome', outcome: 'oom' },
    'loss_final was not judged: the job ran out of memory',
  ],
  [
    'a config nobody can read',
    { signal: 'job', reason: 'config: tests.a: unknown key' },
    'job could not be judged: the configuration is invalid',
  ],
  ['a reason of the future', { reason: 'drift', value: 3 }, 'loss_final is 3 (drift)'],
];

test.each(HEADLINES)('the headline for %s', (_, change, text) => {
  expect(headline({ ...BASE, ...change })).toBe(text);
});

describe('the log line of the tutorial', () => {
  const line = (change: Partial<Finding>) =>
    outOfBoundsLine({ ...BASE, signal: 'metric:M', testName: 'T', ...change });

  test('with an open side', () => {
    expect(line({ value: 0.79, lower: 0.96, upper: null })).toBe(
      'Metric `M` was out of bounds for test `T`. Bounds were (0.96, inf) and value was 0.79',
    );
  });

  test.each([
    [{ value: 5, lower: null, upper: 4 }, 'Bounds were (-inf, 4.0) and value was 5.0'],
    [{ value: null, valueKind: 'nan' }, 'Bounds were (0.96, inf) and value was nan'],
    [{ value: null, valueKind: 'posinf' }, 'Bounds were (0.96, inf) and value was inf'],
    [{ value: null, valueKind: 'neginf' }, 'Bounds were (0.96, inf) and value was -inf'],
    [{ value: null, valueKind: 'missing' }, 'Bounds were (0.96, inf) and value was missing'],
    [{ value: 1e-7, lower: 1e16, upper: null }, 'Bounds were (1e+16, inf) and value was 1e-07'],
  ] as const)('prints %o as Python would', (change, end) => {
    expect(line(change).endsWith(end)).toBe(true);
  });
});
