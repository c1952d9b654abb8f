import { describe, expect, test } from 'vitest';
import { job, jobSet, POD_STATUS, pod, SET_STATUS, STATUS } from '../../test/support/watched-jobs.ts';
import { readJob, readPod } from './job-object.ts';
import { jobSetStatus, needsChildren, readJobSet } from './job-set.ts';

const set = (status: object) => readJobSet(jobSet({ uid: 's' }, status))!;
const jobs = (...all: readonly object[]) => all.map((one) => readJob(one)!);
const pods = (...all: readonly object[]) => all.map((one) => readPod(one)!);
const NOBODY = { jobs: [], pods: [] };
const suspended = { conditions: [{ type: 'Suspended', status: 'True', reason: 'SuspendedJobs' }] };
const resumed = { conditions: [{ type: 'Suspended', status: 'False', reason: 'ResumeJobs' }] };

describe('how a JobSet stands', () => {
  test.each([
    ['one that just began', {}],
    ['one that is suspended, as a queue has it', suspended],
    ['one that was resumed', resumed],
    ['one that begins anew after a failure', { restarts: 3 }],
    ['one whose condition does not hold', { conditions: [{ type: 'Failed', status: 'False' }] }],
  ])('%s is open', (_, status) => {
    expect(jobSetStatus(set(status), NOBODY)).toEqual({ kind: 'open' });
    expect(needsChildren(set(status))).toBe(false);
  });

  test('one that completed has its restarts for failures, and tells no start', () => {
    expect(jobSetStatus(set({ restarts: 2, ...SET_STATUS.completed }), NOBODY)).toEqual({
      kind: 'ended',
      end: {
        outcome: 'success',
        finishedAt: Date.parse('2026-11-20T01:30:00Z'),
        startedAt: null,
        failures: 2,
        reason: 'AllJobsCompleted',
        message: 'jobset completed successfully',
      },
    });
  });

  test('one that has ended but not when is unknown', () => {
    const status = { conditions: [{ type: 'Completed', status: 'True' }] };
    expect(jobSetStatus(set(status), NOBODY)).toEqual({
      kind: 'unknown',
      detail: 'JobSet "set-s" has ended, but does not say when',
    });
  });
});

describe('why a JobSet failed', () => {
  const first = { uid: 'a', name: 'set-s-train-0' };
  const second = { uid: 'b', name: 'set-s-train-1' };
  const failed = set({ restarts: 1, ...SET_STATUS.failed(second.name) });

  test('says the Job that it names, with its Pods, not the one that another began with', () => {
    const children = jobs(job(first, STATUS.overdue), job(second, STATUS.failed));
    const left = pods(pod(second, 'p', POD_STATUS.outOfMemory), pod(first, 'q', POD_STATUS.exit));
    expect(needsChildren(failed)).toBe(true);
    expect(jobSetStatus(failed, { jobs: children, pods: left })).toMatchObject({
      kind: 'ended',
      end: {
        outcome: 'oom',
        failures: 2,
        reason: 'OOMKilled',
        message: expect.stringMatching(
          /^ReachedMaxRestarts: .*; BackoffLimitExceeded: .*"p" ran out of memory$/,
        ),
      },
    });
  });

  test('else the earliest that failed; Jobs that did not fail say nothing', () => {
    const nameless = set({ conditions: [{ ...SET_STATUS.failed('x').conditions[0], message: 'failed' }] });
    const children = jobs(job(second, STATUS.complete), job(first, STATUS.overdue));
    const status = jobSetStatus(nameless, { jobs: children, pods: [] });
    expect(status).toMatchObject({ kind: 'ended', end: { outcome: 'timeout', reason: 'DeadlineExceeded' } });
  });

  test('else its own words', () => {
    const status = jobSetStatus(failed, { jobs: jobs(job(first, STATUS.running)), pods: null });
    expect(status).toMatchObject({
      kind: 'ended',
      end: { outcome: 'failure', reason: 'ReachedMaxRestarts' },
    });
  });
});

test.each([
  ['nothing', null],
  ['no name', { metadata: { uid: 'u' } }],
  ['no uid', { metadata: { name: 'n' } }],
])('%s is no JobSet', (_, value) => {
  expect(readJobSet(value)).toBeNull();
});

test.each([
  ['a text', '3', 0],
  ['below nothing', -1, 0],
  ['no whole number', 1.5, 0],
  ['a number', 4, 4],
])('restarts that are %s', (_, restarts, read) => {
  expect(readJobSet(jobSet({ uid: 's' }, { restarts }))!.restarts).toBe(read);
});
