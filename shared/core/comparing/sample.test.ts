import { describe, expect, test } from 'vitest';
import { comparisonJson, comparisonOfJson } from './comparison-json.ts';
import { decideComparison } from './decide.ts';
import { COMPARE_SETTINGS } from './finding.ts';
import { compareLabelShares, comparePairedLabels, compareShares } from './labels.ts';
import { SKETCHED, sampleOfClasses, sampleOfNumbers, sampleOfPairs } from './sample.ts';
import { compareValues } from './values.ts';

const many = Float64Array.from({ length: 501 }, (_, i) => i);

describe('what is kept of numbers', () => {
  test('are all of them while they are few', () => {
    const { values, a } = sampleOfNumbers(Float64Array.of(3, 1), Float64Array.of(2)) as never;
    expect(values).toStrictEqual({ a: [3, 1], b: [2] });
    expect(a).toHaveLength(SKETCHED.length);
  });

  test('is a sketch of many: the quantiles that NumPy gives', () => {
    const sample = sampleOfNumbers(many, many);
    expect(sample).not.toHaveProperty('values');
    expect(sample).toMatchObject({ a: [0, 5, 25, 50, 125, 250, 375, 450, 475, 495, 500] });
  });

  test('is nothing of an empty side', () => {
    expect(sampleOfNumbers(Float64Array.of(1), new Float64Array(0))).toMatchObject({ b: [] });
  });

  test('tells data apart: a value, a side, an order', () => {
    const [a, b] = [Float64Array.of(1, 2), Float64Array.of(3)];
    const digests = [
      sampleOfNumbers(a, b),
      sampleOfNumbers(a, Float64Array.of(3.0000000000000004)),
      sampleOfNumbers(b, a),
      sampleOfNumbers(Float64Array.of(2, 1), b),
      sampleOfNumbers(Float64Array.of(1), Float64Array.of(2, 3)),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(digests.length);
    expect(sampleOfNumbers(many.subarray(0, 2), many).digest).toBe(
      sampleOfNumbers(Float64Array.of(0, 1), many).digest,
    );
  });
});

test('classes are kept by what they say, whatever order they come in', () => {
  const pairs = [
    { a: 'x', b: 'y', count: 2 },
    { a: 'x', b: 'x', count: 9 },
  ];
  expect(sampleOfPairs(pairs)).toStrictEqual(sampleOfPairs(pairs.toReversed()));
  const [one, other] = [new Map(Object.entries({ x: 1, y: 2 })), new Map(Object.entries({ y: 2, x: 1 }))];
  expect(sampleOfClasses({ a: one, b: other })).toStrictEqual(sampleOfClasses({ a: other, b: one }));
});

test('a comparison is the same when it comes back from its JSON', () => {
  const settings = { ...COMPARE_SETTINGS, metrics: 4 };
  const evidence = [
    compareValues(
      {
        metric: 'loss',
        good: 'lower',
        a: many,
        b: many.map((x) => x + 9),
        statistic: 'mean',
        arePairs: false,
      },
      settings,
    ),
    compareValues(
      {
        metric: 'few',
        good: null,
        a: many.subarray(0, 1),
        b: many.subarray(0, 0),
        statistic: 'mean',
        arePairs: false,
      },
      settings,
    ),
    comparePairedLabels('output', [{ a: 'x', b: 'y', count: 20 }], settings),
    compareLabelShares('class', { a: new Map([['x', 3]]), b: new Map([['y', 4]]) }, settings),
    compareShares('outcome', { a: { n: 9, holds: 9 }, b: { n: 9, holds: 1 }, estimates: 'share' }, settings),
  ];
  const subject = { subject: 't', by: 'mesos', a: '1.4', b: '1.5' };
  const comparison = decideComparison(evidence, settings, ['A note.']);
  const json = JSON.parse(JSON.stringify(comparisonJson(subject, comparison, settings)));
  const back = comparisonOfJson(json);
  expect(JSON.stringify(comparisonJson(back.subject, back.comparison, back.settings))).toBe(
    JSON.stringify(json),
  );
  expect(back.comparison).toStrictEqual(comparison);
  expect(back.settings).toStrictEqual(settings);
});
