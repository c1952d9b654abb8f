import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Columns } from './columns.ts';
import { NEVER, type RestartedSeries, type RestartPolicy, restartsBy } from './restart.ts';

type Step = number | bigint;
/** In order: steps of points by tag, or a START. */
type Happening = { tag: string; step: Step } | { start: Step };

const a = (...steps: Step[]): Happening[] => steps.map((step) => ({ tag: 'a', step }));
const b = (...steps: Step[]): Happening[] => steps.map((step) => ({ tag: 'b', step }));
const start = (step: Step): Happening[] => [{ start: step }];

function moment(step: Step) {
  const rounded = Number(step);
  return { step: rounded, stepRest: Number(BigInt(step) - BigInt(rounded)), wallTime: 0 };
}

/** By tag, which points stay, as their numbers in order of writing; and how many went. */
function kept(policy: RestartPolicy, happenings: readonly Happening[]) {
  const restarts = restartsBy(policy);
  const tags = new Map<string, RestartedSeries>();
  happenings.forEach((one, value) => {
    if ('start' in one) {
      restarts.start(moment(one.start));
      return;
    }
    const series = tags.get(one.tag) ?? {
      columns: new Columns({ wallTimes: true }),
      above: NEVER,
      stepless: true,
      epochs: [],
    };
    tags.set(one.tag, series);
    restarts.add(series, { ...moment(one.step), value });
  });
  return Object.fromEntries(
    [...tags].map(([tag, series]) => {
      restarts.finish(series);
      return [tag, { points: [...series.columns.copy().values], removed: series.columns.removed }];
    }),
  );
}

describe('preempt', () => {
  test.each<[string, Happening[], number[]]>([
    ['rising steps stay', a(0, 1, 5), [0, 1, 2]],
    ['a step again replaces itself', a(0, 1, 1, 2), [0, 2, 3]],
    ['a step back takes all behind it', a(0, 1, 2, 3, 1), [0, 4]],
    ['a step back to the start takes all', a(3, 4, 0), [2]],
    ['a step between takes what is later', a(0, 10, 5), [0, 2]],
    ['steps that are all 0 stay', a(0, 0, 0), [0, 1, 2]],
    ['but only while all are', a(0, 0, 0, 1), [2, 3]],
    ['and not if a later one is', a(0, 0, -1), [2]],
    ['zeros that come back are ordinary', a(0, 1, 0, 0), [3]],
    ['steps that are all 5 are one step', a(5, 5, 5), [2]],
    ['negative steps are ordinary', a(-3, -2, -3), [2]],
    [
      'steps that a double cannot tell apart are apart',
      a(2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n),
      [0, 1, 2],
    ],
    ['and equal ones are equal', a(2n ** 53n + 1n, 2n ** 53n + 2n, 2n ** 53n + 1n), [2]],
    ['the ends of int64', a(-(2n ** 63n), 2n ** 63n - 1n), [0, 1]],
    ['a START takes nothing', [...a(0, 1), ...start(0)], [0, 1]],
  ])('%s', (_sentence, happenings, points) => {
    expect(kept('preempt', happenings).a).toEqual({ points, removed: count(happenings) - points.length });
  });

  test('leaves other tags alone', () => {
    expect(kept('preempt', [...a(0, 1), ...b(0, 1, 2), ...a(0)])).toEqual({
      a: { points: [5], removed: 2 },
      b: { points: [2, 3, 4], removed: 0 },
    });
  });
});

describe('session', () => {
  test.each<[string, Happening[], number[]]>([
    ['without a START all stay', a(0, 1, 0, 1), [0, 1, 2, 3]],
    ['a START takes what is at and after it', [...a(0, 1, 2), ...start(1), ...a(1)], [0, 4]],
    ['the first one too', [...start(0), ...a(0, 1), ...start(1)], [1]],
    ['nothing that follows it', [...start(0), ...a(5, 4, 0)], [1, 2, 3]],
    [
      'two STARTs each take theirs',
      [...a(0, 1, 2, 3), ...start(3), ...a(3, 4), ...start(2), ...a(9)],
      [0, 1, 8],
    ],
    ['a later, higher START saves nothing', [...a(0, 1, 2), ...start(1), ...start(2)], [0]],
    ['what is below stays, wherever it is', [...a(5, 1, 7, 2), ...start(3)], [1, 3]],
    ['beyond 2^53', [...a(2n ** 53n, 2n ** 53n + 1n), ...start(2n ** 53n + 1n)], [0]],
  ])('%s', (_sentence, happenings, points) => {
    expect(kept('session', happenings).a).toEqual({ points, removed: count(happenings) - points.length });
  });

  test('a START takes points of every tag, also of one that never comes again', () => {
    expect(kept('session', [...a(0, 1), ...b(0, 1), ...start(1), ...a(1)])).toEqual({
      a: { points: [0, 5], removed: 1 },
      b: { points: [2], removed: 1 },
    });
  });
});

test('keep keeps all', () => {
  expect(kept('keep', [...a(0, 1, 0), ...start(0)]).a).toEqual({ points: [0, 1, 2], removed: 0 });
});

describe('against the plain definition', () => {
  const happening = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ tag: fc.constantFrom('a', 'b'), step: fc.integer({ min: -2, max: 6 }) }),
    },
    { weight: 1, arbitrary: fc.record({ start: fc.integer({ min: -2, max: 6 }) }) },
  );

  test.each(['preempt', 'session'] as const)('%s', (policy) => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 30 }), (happenings) => {
        for (const [tag, { points }] of Object.entries(kept(policy, happenings)))
          expect(points).toEqual(plainly(policy, happenings, tag));
      }),
    );
  });
});

/** Removes at once, by looking through the list each time. */
function plainly(policy: 'preempt' | 'session', happenings: readonly Happening[], tag: string): number[] {
  const own = happenings.flatMap((one) => ('tag' in one && one.tag === tag ? [one.step] : []));
  let points: { step: Step; at: number }[] = [];
  const stepless = policy === 'preempt' && own.every((step) => step === 0);
  happenings.forEach((one, at) => {
    const removes = policy === 'session' ? 'start' in one : 'tag' in one && one.tag === tag && !stepless;
    const step = 'start' in one ? one.start : one.step;
    if (removes) points = points.filter((point) => point.step < step);
    if ('tag' in one && one.tag === tag) points.push({ step, at });
  });
  return points.map((point) => point.at);
}

const count = (happenings: readonly Happening[]) => happenings.filter((one) => 'tag' in one).length;
