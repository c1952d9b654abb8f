import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RECORDINGS, type Recording, recording } from '../../test/support/kubernetes-recordings.ts';
import { readJob, readPod } from './job-object.ts';
import { isMeant, jobStatus, needsPods } from './job-status.ts';

const jobOf = (value: unknown) => readJob(value)!;
const podsOf = ({ pods }: Recording) => pods.items.map((pod) => readPod(pod)!);

interface RawCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly lastTransitionTime?: string;
}

interface RawStatus {
  readonly startTime: string;
  readonly completionTime?: string;
  readonly conditions: readonly RawCondition[];
}

/** The recorded status as it stands in the file. */
const rawStatus = ({ jobs }: Recording) => jobs.items[0]!.status as RawStatus;

/** A Job with these parts of a status; the name and uid are all it needs besides. */
const job = (status: unknown, metadata: object = {}) =>
  jobOf({ metadata: { name: 'train', uid: 'uid-1', ...metadata }, status });

const FAILED = { type: 'Failed', status: 'True', lastTransitionTime: '2026-11-23T03:00:05Z' };
const COMPLETE = { type: 'Complete', status: 'True', lastTransitionTime: '2026-11-23T03:00:05Z' };
const AT = Date.parse('2026-11-23T03:00:05Z');

describe('times are those of the cluster', () => {
  test.each(['success', 'success-after-suspension', 'success-policy'])('a success: %s', (name) => {
    const raw = rawStatus(recording(name));
    expect(jobStatus(jobOf(recording(name).jobs.items[0]), [])).toMatchObject({
      end: { finishedAt: Date.parse(raw.completionTime!), startedAt: Date.parse(raw.startTime) },
    });
  });

  test.each(['failure', 'deadline', 'failed-indexes'])('a failure, by its last transition: %s', (name) => {
    const raw = rawStatus(recording(name));
    const { lastTransitionTime } = raw.conditions.find(({ type }) => type === 'Failed')!;
    expect(jobStatus(jobOf(recording(name).jobs.items[0]), podsOf(recording(name)))).toMatchObject({
      end: { finishedAt: Date.parse(lastTransitionTime!), startedAt: Date.parse(raw.startTime) },
    });
  });

  test('a start that is not told is null, and one that is no time too', () => {
    for (const startTime of [undefined, null, 'yesterday', 7]) {
      const status = jobStatus(
        job({ conditions: [COMPLETE], completionTime: '2026-11-23T03:00:05Z', startTime }),
        [],
      );
      expect(status).toMatchObject({ kind: 'ended', end: { finishedAt: AT, startedAt: null } });
    }
  });
});

describe('conditions count by type and status', () => {
  test.each<[string, readonly unknown[], string, string | null]>([
    ['the order does not matter', [FAILED, { ...FAILED, type: 'FailureTarget' }], 'ended', 'failure'],
    ['nor what stands between', [{ type: 'Other', status: 'True' }, null, 7, COMPLETE], 'ended', 'success'],
    ['one that is false', [{ ...COMPLETE, status: 'False' }], 'open', null],
    ['one that is unknown', [{ ...FAILED, status: 'Unknown' }], 'open', null],
    ['one that is the boolean', [{ ...FAILED, status: true }], 'open', null],
    ['another spelling', [{ ...COMPLETE, type: 'complete' }], 'open', null],
    ['only about to fail', [{ ...FAILED, type: 'FailureTarget' }], 'open', null],
    ['only about to succeed', [{ ...COMPLETE, type: 'SuccessCriteriaMet' }], 'open', null],
    [
      'suspended no more, and complete',
      [{ type: 'Suspended', status: 'False' }, COMPLETE],
      'ended',
      'success',
    ],
    ['suspended', [{ type: 'Suspended', status: 'True' }], 'open', null],
    ['a reason of a version to come', [{ ...FAILED, reason: 'SomethingNew' }], 'ended', 'failure'],
    ['both, which no server allows', [COMPLETE, FAILED], 'ended', 'failure'],
    ['none', [], 'open', null],
  ])('%s', (_, conditions, kind, outcome) => {
    const status = jobStatus(job({ conditions }), null);
    expect(status).toMatchObject(outcome === null ? { kind } : { kind, end: { outcome, finishedAt: AT } });
  });

  test('an end without a time is not guessed', () => {
    for (const condition of [FAILED, COMPLETE]) {
      const { lastTransitionTime: _, ...timeless } = condition;
      expect(jobStatus(job({ conditions: [timeless] }), [])).toEqual({
        kind: 'unknown',
        detail: 'Job "train" has ended, but does not say when',
      });
    }
  });
});

describe('Pods', () => {
  test('are needed where a Job failed by itself, and only there', () => {
    const needing = [...RECORDINGS.values()]
      .filter(({ jobs }) => jobs.items.length > 0 && needsPods(jobOf(jobs.items[0])))
      .map(({ name }) => name)
      .sort();
    expect(needing).toEqual([
      'evicted-without-trace',
      'failed-indexes',
      'failure',
      'max-failed-indexes',
      'node-shutdown',
      'node-shutdown-then-failure',
      'out-of-memory',
      'out-of-memory-of-node',
      'pod-failure-policy',
    ]);
  });

  test('of another Job say nothing, even under its name', () => {
    const [{ jobs }, others] = [recording('failure'), podsOf(recording('out-of-memory'))];
    expect(jobStatus(jobOf(jobs.items[0]), others)).toMatchObject({ end: { outcome: 'failure' } });
  });
});

describe('which Job is meant', () => {
  const created = job({}, { creationTimestamp: '2026-11-23T03:00:05Z' });
  test.each<[string, string | null, number, boolean]>([
    ['its uid', 'uid-1', AT, true],
    ['its uid, known long before it was made', 'uid-1', AT - 3_600_000, true],
    ['another uid', 'uid-2', AT, false],
    ['no uid, known after it was made', null, AT + 1, true],
    ['no uid, and clocks that differ by two minutes', null, AT - 120_000, true],
    ['no uid, made later', null, AT - 120_001, false],
  ])('%s', (_, jobUid, knownAt, expected) => {
    expect(isMeant(created, { jobUid, knownAt })).toBe(expected);
  });

  test('one that does not say when it was made is taken for it', () => {
    expect(isMeant(job({}), { jobUid: null, knownAt: 0 })).toBe(true);
  });
});

describe('hostile objects', () => {
  test('what has no name or uid is no Job', () => {
    const bad = [
      null,
      7,
      'x',
      [],
      {},
      { metadata: null },
      { metadata: { name: 'a' } },
      { metadata: { name: 'a', uid: 7 } },
    ];
    expect(bad.map(readJob)).toEqual(bad.map(() => null));
    expect(bad.map(readPod).filter((pod) => pod !== null)).toHaveLength(2);
  });

  test.each([-1, 0.5, Number.NaN, Infinity, 1e300, '3', null])('a count of %j failed Pods is 0', (failed) => {
    expect(job({ failed }).failed).toBe(0);
  });

  test('texts are cut, well-formed and on one line', () => {
    const conditions = [
      { ...FAILED, reason: 'r'.repeat(9_999), message: `\ud800\r\n\x1b[31m${'m'.repeat(99_999)}` },
    ];
    const status = jobStatus(job({ conditions }), null);
    if (status.kind !== 'ended') return expect(status.kind).toBe('ended');
    expect(status.end.reason).toHaveLength(1_000);
    expect(status.end.message).toHaveLength(1_000);
    expect(status.end.message).toMatch(/^\ufffd {3}\[31mm+$/);
  });

  test('any JSON is read without an error, and gives an end only with a time', () => {
    const condition = fc.record(
      {
        type: fc.constantFrom('Failed', 'Complete', 'x'),
        status: fc.constantFrom('True', 'x'),
        reason: fc.jsonValue(),
        message: fc.jsonValue(),
        lastTransitionTime: fc.oneof(fc.jsonValue(), fc.constant('2026-11-23T03:00:05Z')),
      },
      { requiredKeys: [] },
    );
    const anyStatus = fc.oneof(
      fc.jsonValue(),
      fc.record({
        conditions: fc.array(fc.oneof(condition, fc.jsonValue())),
        completionTime: fc.jsonValue(),
        containerStatuses: fc.jsonValue(),
        phase: fc.constant('Failed'),
      }),
    );
    fc.assert(
      fc.property(anyStatus, anyStatus, (status, podStatus) => {
        const labels = { 'batch.kubernetes.io/controller-uid': 'uid-1' };
        const pod = readPod({ metadata: { name: 'p', labels }, status: podStatus });
        const found = jobStatus(job(status), [pod!]);
        if (found.kind === 'ended') expect(Number.isSafeInteger(found.end.finishedAt)).toBe(true);
      }),
    );
  });
});
