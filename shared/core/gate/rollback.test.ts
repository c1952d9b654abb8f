import { expect, test } from 'vitest';
import { job } from '../../../test/support/gate-question.ts';
import type { JobRow } from '../rows.ts';
import { rollbackReport } from './rollback.ts';

type Said = readonly [
  n: number,
  verdict: JobRow['verdict'],
  labels?: Record<string, string>,
  more?: Partial<JobRow>,
];

/** Runs by test, newest first, as history gives them. */
function runsOf(tests: Readonly<Record<string, readonly Said[]>>) {
  return new Map(
    Object.entries(tests).map(([testName, said]) => [
      testName,
      said
        .map(([n, verdict, labels = {}, more]) =>
          job(`${testName}-${n}`, n, { testName, verdict, labels, ...more }),
        )
        .reverse(),
    ]),
  );
}

const OLD = { mesos: '1.4' };
const NEW = { mesos: '1.5' };

const told = (tests: Parameters<typeof runsOf>[0], fact: string | null = 'mesos') =>
  rollbackReport(runsOf(tests), { fact, value: '1.5' }).tests.map(
    ({ testName, isMarked, runs, failed, before }) =>
      [testName, isMarked ? 'marked' : 'unmarked', `${failed}/${runs}`, before].join(' '),
  );

test('tests that failed since the label appeared are told, those that passed before first', () => {
  const tests = {
    already: [
      [1, 'fail', OLD],
      [6, 'fail', NEW],
    ],
    broke: [
      [1, 'pass', OLD],
      [5, 'fail', NEW],
      [6, 'pass', NEW],
    ],
    fine: [
      [1, 'pass', OLD],
      [5, 'pass', NEW],
    ],
    fresh: [[7, 'fail', NEW]],
    gone: [[1, 'fail', OLD]],
  } as const;
  expect(told(tests)).toStrictEqual([
    'broke marked 1/2 pass',
    'fresh marked 1/1 ',
    'already marked 1/1 fail',
  ]);
  expect(rollbackReport(runsOf(tests), { fact: 'mesos', value: '1.5' }).looked).toBe(4);
});

test('an old version that runs beside the new one is not blamed on it', () => {
  expect(
    told({
      a: [
        [1, 'pass', OLD],
        [5, 'pass', NEW],
        [6, 'fail', OLD],
      ],
    }),
  ).toStrictEqual([]);
});

test('of a test that does not say the label every run since then counts', () => {
  expect(
    told({
      a: [[5, 'pass', NEW]],
      b: [
        [4, 'pass'],
        [6, 'fail'],
      ],
    }),
  ).toStrictEqual(['b unmarked 1/1 pass']);
});

test('a run that somebody stopped has not failed', () => {
  expect(told({ a: [[5, 'fail', NEW, { outcome: 'preempted' }]] })).toStrictEqual([]);
});

test('a bare value is a version, and where no run has that, any label of this value', () => {
  const label = {
    a: [
      [1, 'pass', OLD],
      [5, 'fail', NEW],
    ],
  } as const;
  expect(told(label, null)).toStrictEqual(['a marked 1/1 pass']);
  expect(told({ ...label, b: [[6, 'fail', { version: '1.5' }]] }, null)).toStrictEqual(['b marked 1/1 ']);
});

test('a label that no run has is told', () => {
  expect(rollbackReport(runsOf({ a: [[1, 'fail']] }), { fact: 'mesos', value: '1.5' }).since).toBeNull();
});
