import { describe, expect, test } from 'vitest';
import type { NoticePoint } from '../../core/episodes/notice.ts';
import { levelOf, levelText, percentText, phasesOf, valueBeside } from './level.ts';

const point = (at: number, value: number | null, isBad = false): NoticePoint => ({
  runId: String(at),
  at,
  value,
  lower: null,
  upper: null,
  isBad,
});
const values = (...all: (number | null)[]) => all.map((value, at) => point(at, value));

describe('a level', () => {
  test('is the mean and the sample standard deviation of what is finite', () => {
    // R: c(mean(c(2,4,4,4,5,5,7,9)), sd(c(2,4,4,4,5,5,7,9))) gives 5 and 2.13808993529940.
    const level = levelOf(values(2, 4, null, 4, 4, 5, 5, 7, Number.NaN, 9));
    expect(level?.centre).toBe(5);
    expect(level?.spread).toBeCloseTo(2.1380899352994, 12);
    expect(level?.count).toBe(8);
  });

  test('of nothing is none', () => {
    expect(levelOf(values(null, Number.POSITIVE_INFINITY))).toBeNull();
  });

  test.each([
    ['one digit of the spread', { centre: 0.9312, spread: 0.0071 }, '0.931 ± 0.007'],
    ['two where the first is a 1', { centre: 0.9312, spread: 0.0123 }, '0.931 ± 0.012'],
    ['which may round up', { centre: 10, spread: 0.196 }, '10.0 ± 0.2'],
    ['tens of large numbers', { centre: 3824.4, spread: 52.7 }, '3,820 ± 50'],
    ['negative ones', { centre: -0.0512, spread: 0.0021 }, '-0.051 ± 0.002'],
    ['one that rounds to zero', { centre: -0.0004, spread: 0.3 }, '0.0 ± 0.3'],
    ['no spread', { centre: 0.93, spread: 0 }, '0.93'],
    ['a single run', { centre: 0.93, spread: null }, '0.93'],
    ['what no decimals can show', { centre: 3e-20, spread: 4e-21 }, '3e-20 ± 4e-21'],
    ['what no digits can show', { centre: 3.21e200, spread: 4e180 }, '3.21e200 ± 4e180'],
  ])('is written with %s', (_, level, text) => {
    expect(levelText({ ...level, count: 9 })).toBe(text);
  });

  test('has beside it a value with one decimal more', () => {
    expect(valueBeside(0.7900000214576721, { centre: 0.93, spread: 0.01, count: 9 })).toBe('0.79');
    expect(valueBeside(3351.2847, { centre: 3827, spread: 57, count: 9 })).toBe('3,351');
    expect(valueBeside(1500, { centre: 1000, spread: 0.5, count: 9 })).toBe('1,500');
    expect(valueBeside(0.79, null)).toBe('0.79');
  });
});

test.each([
  [3351, 3827, '−12.4 %'],
  [1.1, 1, '+10 %'],
  [-3, -2, '−50 %'],
  [1, 0, null],
  [1e9, 1, null],
  [1, 1, null],
])('%d after %d is a change of %s', (value, reference, text) => {
  expect(percentText(value, reference)).toBe(text);
});

test('runs are before, in and after an episode by their ends', () => {
  const points = [
    point(1, 1),
    point(2, 2, true),
    point(3, 3, true),
    point(4, 4),
    point(5, 5, true),
    point(6, 6),
  ];
  const run = (at: number) => ({
    uuid: '',
    runId: '',
    at,
    outcome: null,
    value: null,
    valueKind: null,
    facts: {},
  });
  const { before, during, after } = phasesOf(points, { firstBad: run(3), lastBad: run(5) });
  expect(before.map(({ at }) => at)).toEqual([1]);
  expect(during.map(({ at }) => at)).toEqual([3, 5]);
  expect(after.map(({ at }) => at)).toEqual([6]);
});
