import { describe, expect, test } from 'vitest';
import { seriesOf } from '../../../test/support/earlier.ts';
import { noisy } from '../../../test/support/seeded.ts';
import type { ActionKind, PersonAction } from '../person-action.ts';
import type { ConditionConfig } from '../schema/test-config.ts';
import { actionsFor } from './actions.ts';
import { cutByVersion } from './cut.ts';
import { keptOf } from './kept.ts';
import { kindOf, labelOf } from './label.ts';
import { type JudgedRun, needOf } from './question.ts';
import { digestOfValues, recordOf } from './record.ts';
import { wantedRuns } from './window.ts';

const HOUR = 3_600_000;
const run = (id: string, hour: number) => ({ runId: id, uuid: `uuid-${id}`, finishedAt: hour * HOUR });

/** What somebody did at an hour to a run that ended at another one. */
function did(
  kind: ActionKind,
  at: number,
  more: { id?: string; end?: number; signal?: string } = {},
): PersonAction {
  const { id = 'a', end = 1, signal = null } = more;
  return {
    actionId: `${kind} ${at} ${id}`,
    at: at * HOUR,
    actor: 'ada',
    via: 'cli',
    kind,
    target: { testName: 't', signal, episodeId: null, run: run(id, end), matchers: [] },
    startsAt: null,
    endsAt: null,
    note: null,
  };
}

const decisions = (hour: number, ...actions: PersonAction[]) => actionsFor('loss', hour * HOUR, actions);

describe('what people decided', () => {
  test('counts for runs that ended after it was decided, and for no others', () => {
    const excluded = did('exclude', 5);
    expect(decisions(6, excluded).excluded).toEqual(['uuid-a']);
    expect(decisions(5, excluded).excluded).toEqual([]);
    expect(decisions(4, excluded).excluded).toEqual([]);
  });

  test('is what was decided last, in whatever order it is told', () => {
    const all = [did('exclude', 2), did('include', 3), did('exclude', 4), did('exclude', 2, { id: 'b' })];
    expect(decisions(9, ...all).excluded).toEqual(['uuid-a', 'uuid-b']);
    expect(decisions(9, ...all.slice(0, 2).reverse()).excluded).toEqual([]);
    expect(decisions(4, ...all).excluded).toEqual(['uuid-b']);
  });

  test('about a level holds for its metric, or for all when none is named', () => {
    expect(decisions(9, did('accept', 3, { signal: 'metric:loss' })).accepted).toEqual(run('a', 1));
    expect(decisions(9, did('accept', 3)).accepted).toEqual(run('a', 1));
    expect(decisions(9, did('accept', 3, { signal: 'metric:acc' })).accepted).toBeNull();
    expect(decisions(9, did('accept', 3, { signal: 'job' })).accepted).toBeNull();
  });

  test('about a level that lies ahead does not count', () => {
    expect(decisions(9, did('accept', 3, { end: 9 })).accepted).toBeNull();
    expect(decisions(9, did('accept', 3), did('accept', 4, { id: 'b', end: 2 })).accepted).toEqual(
      run('b', 2),
    );
  });

  test('leaves alone what other kinds of action say', () => {
    expect(decisions(9, did('ack', 2), did('comment', 3))).toEqual({ accepted: null, excluded: [] });
  });
});

describe('labels', () => {
  const labelled = {
    testType: 'func',
    accelerator: null,
    frameworkVersion: '2.1',
    labels: { team: 'x', toString: 'y', 'a.b': 'z' },
  };
  test.each([
    ['test_type', 'func'],
    ['accelerator', null],
    ['framework_version', '2.1'],
    ['label.team', 'x'],
    ['label.a.b', 'z'],
    ['label.toString', 'y'],
    ['label.constructor', null],
  ] as const)('%s is %s', (name, value) => {
    expect(labelOf(labelled, name)).toBe(value);
  });

  test('are the same kind of run in whatever order they were given', () => {
    const other = { ...labelled, labels: { 'a.b': 'z', toString: 'y', team: 'x' } };
    expect(kindOf(other)).toBe(kindOf(labelled));
    expect(kindOf({ ...other, accelerator: 'cpu' })).not.toBe(kindOf(labelled));
  });
});

const MADS: ConditionConfig = { comparison: 'less', success_threshold: { mads_from_median: 5 } };

describe('the question to history', () => {
  const judged: JudgedRun = {
    finishedAt: 100 * HOUR,
    testType: null,
    accelerator: 'tpu',
    frameworkVersion: null,
    labels: { team: 'x' },
  };
  const asked = (more: Partial<ConditionConfig>, ...actions: PersonAction[]) =>
    needOf('loss', { ...MADS, ...more }, { run: judged, actions });

  test.each<[string, Partial<ConditionConfig>, object]>([
    ['a window of runs', { history_window: 10, freeze: false }, { limit: 10 }],
    ['behind a change that lasts it looks further', { history_window: 10 }, { limit: 40 }],
    ['a window of time', { history_window: '2h' }, { limit: 1000, since: 98 * HOUR }],
    [
      'a window longer than there are years, as a run may have kept it from before that was refused',
      { history_window: '999999999999d' },
      { limit: 1000, since: Date.parse('0001-01-01T00:00:00.000Z') },
    ],
    ['a first day', { history_since: '1970-01-03T00:00:00Z' }, { limit: 120, since: 48 * HOUR }],
    [
      'of a first day and a window of time the later',
      { history_since: '1970-01-03T00:00:00Z', history_window: '60h' },
      { limit: 1000, since: 48 * HOUR },
    ],
    [
      'a window of versions',
      { history_versions: { of: 'label.v', last: 2 } },
      { limit: 1000, version: 'label.v' },
    ],
    [
      'labels that split the series, a missing one too',
      { split_by: ['accelerator', 'framework_version', 'label.team'] },
      {
        limit: 120,
        like: new Map([
          ['accelerator', 'tpu'],
          ['framework_version', null],
          ['label.team', 'x'],
        ]),
      },
    ],
    ['labels that must not split it', { split_by: [] }, { limit: 120 }],
    [
      'the recommended rule',
      { success_threshold: { auto: {} }, history_window: '1h' },
      { limit: 400, since: 99 * HOUR },
    ],
  ])('%s', (_, more, need) => {
    expect(asked(more)).toEqual(need);
  });

  test('knows what people decided', () => {
    const actions = [did('exclude', 5), did('accept', 6, { id: 'b', end: 2 })];
    expect(asked({}, ...actions)).toEqual({ limit: 120, from: run('b', 2), without: ['uuid-a'] });
  });

  test('is not asked for a threshold that needs no history', () => {
    const fixed = { comparison: 'less', success_threshold: { fixed_value: 1 } } as const;
    expect(needOf('loss', fixed, { run: judged, actions: [] })).toBeNull();
    expect(wantedRuns({ ...fixed, wait_for_n_points_of_history: 7 })).toBe(7);
  });
});

test('a window of versions holds the newest ones, that of the run itself included', () => {
  const versions = ['b', 'b', 'a', null, 'a', 'x'];
  const series = { ...seriesOf([1, 2, 3, 4, 5, 6]), versions };
  const cut = (last: number, own: string | null) =>
    cutByVersion({ ...MADS, history_versions: { of: 'label.v', last } }, series, own).values;
  expect(cut(1, 'b')).toEqual([1, 2]);
  expect(cut(1, 'c')).toEqual([]);
  expect(cut(2, 'b')).toEqual([1, 2, 3]);
  expect(cut(3, 'b')).toEqual([1, 2, 3, 4, 5]);
  expect(cut(9, 'b')).toEqual([1, 2, 3, 4, 5, 6]);
  expect(cutByVersion(MADS, series, 'b')).toBe(series);
});

describe('runs of a change that lasts', () => {
  /** Positions that are left out of `n` values, counted from the oldest. */
  const leftOut = (oldestFirst: readonly number[], more: Partial<ConditionConfig> = {}) => {
    const kept = new Set(keptOf({ ...MADS, history_window: 500, ...more }, [...oldestFirst].reverse()));
    return oldestFirst.flatMap((_, at) => (kept.has(oldestFirst.length - 1 - at) ? [] : [at]));
  };
  const from =
    (start: number, end: number, size = 20) =>
    (at: number) =>
      at >= start && at < end ? size : 0;

  test('stay out from the first of two that are out to the last before two are back', () => {
    expect(leftOut(noisy(60, { change: from(30, 40) }))).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
  });

  test('stay out as long as the change lasts', () => {
    expect(leftOut(noisy(100, { change: from(30, 100) }))).toHaveLength(70);
  });

  test('count again one by one where a single run was out, or the newest is the first', () => {
    expect(leftOut(noisy(60, { change: from(30, 31) }))).toEqual([]);
    expect(leftOut(noisy(60, { change: from(59, 60) }))).toEqual([]);
    expect(leftOut(noisy(60, { change: from(58, 60) }))).toEqual([58, 59]);
  });

  test('do not end by a single run that is back', () => {
    const once = (at: number) => (at >= 30 && at < 50 && at !== 40 ? 20 : 0);
    expect(leftOut(noisy(60, { change: once }))).toHaveLength(20);
  });

  test('count where they are for the better', () => {
    expect(leftOut(noisy(60, { change: from(30, 60, -20) }))).toEqual([]);
    expect(leftOut(noisy(60, { change: from(30, 60, -20) }), { comparison: 'within' })).toHaveLength(30);
  });

  test('count for stddevs_from_mean, as in the original, unless it says otherwise', () => {
    const values = noisy(60, { change: from(30, 40) });
    const success_threshold = { stddevs_from_mean: 5 };
    expect(leftOut(values, { success_threshold })).toEqual([]);
    expect(leftOut(values, { success_threshold, freeze: true })).toHaveLength(10);
    expect(leftOut(values, { freeze: false })).toEqual([]);
  });

  test('do not fill the window: older runs take their place', () => {
    const values = noisy(90, { change: from(40, 80) }).reverse();
    const kept = keptOf({ ...MADS, history_window: 30 }, values);
    expect(kept).toHaveLength(30);
    expect(kept.filter((at) => at >= 10 && at < 50)).toEqual([]);
  });

  test('are not told from a level nobody knows yet', () => {
    expect(leftOut([1, 1, 1, 1, 1, 900, 900, 900])).toEqual([]);
  });
});

describe('what is stored of a baseline', () => {
  test('the digest is that of the values as numbers of 64 bits', () => {
    // Python: sha256(b''.join(struct.pack('<d', x) for x in [1.0, 2.5, -3.0])).hexdigest()[:16], and of b''.
    expect(digestOfValues([-3, 2.5, 1])).toBe('9bc2a371b86c48be');
    expect(digestOfValues([])).toBe('e3b0c44298fc1c14');
    expect(digestOfValues([-0])).not.toBe(digestOfValues([0]));
  });

  test('names the runs and what cut them, and nothing that says nothing', () => {
    const series = seriesOf([5, 6, 7, 8]);
    const plain = recordOf(MADS, { need: { limit: 4 }, series, used: [0, 1, 3] });
    expect(plain).toEqual({ n: 3, first: '4', last: '1', digest: expect.any(String), frozen: 1 });
    const condition = {
      ...MADS,
      history_window: '90d',
      history_versions: { of: 'framework_version', last: 3 },
    } as const;
    const need = {
      limit: 4,
      from: run('b', 2),
      without: ['x', 'y'],
      like: new Map([['label.t', null]] as const),
    };
    expect(recordOf(condition, { need, series, used: [] })).toEqual({
      n: 0,
      first: null,
      last: null,
      digest: digestOfValues([]),
      accepted: 'b',
      excluded: 2,
      like: { 'label.t': null },
      window: '90d, 3 of framework_version',
    });
  });
});
