import { describe, expect, test } from 'vitest';
import { type JobObject, type PodObject, readJob, readPod } from '../shared/core/job-object.ts';
import { readWatched } from '../shared/core/watched-object.ts';
import { PortError } from '../shared/ports/error.ts';
import { job, jobSet, POD_STATUS, pod, SET_STATUS, STATUS } from '../test/support/watched-jobs.ts';
import { deletedEnd, endOf, hasFailed, readWatchedAs, statusOf, type Traces, type Watched } from './ends.ts';

const OWNER = { uid: 'u' };
const NONE: Traces = { jobs: [], listed: [], remembered: [], waiting: null, problem: null };
const DENIED = new PortError('denied', 'grant list on pods');

function watchedJob(status: object): Watched {
  const object = job(OWNER, status);
  return readWatchedAs('job', object, { who: readWatched(object)!, testName: 'mnist' })!;
}

function watchedSet(status: object): Watched {
  const object = jobSet(OWNER, status);
  return readWatchedAs('job-set', object, { who: readWatched(object)!, testName: 'mnist' })!;
}

const left = (name: string, status: object): PodObject => readPod(pod(OWNER, name, status))!;
const failedTwice = { ...STATUS.failed, failed: 2 };

describe('how a Job failed', () => {
  test.each<[string, object, Partial<Traces>, { outcome: string; partial: number | null; says: RegExp }]>([
    [
      'all its Pods are there',
      failedTwice,
      { listed: [left('a', POD_STATUS.exit), left('b', POD_STATUS.outOfMemory)] },
      { outcome: 'oom', partial: null, says: /Pod "b" ran out of memory/ },
    ],
    [
      'none of its Pods is left',
      failedTwice,
      {},
      { outcome: 'failure', partial: 0, says: /none of its Pods is left/ },
    ],
    [
      'one is left and one is remembered',
      failedTwice,
      { listed: [left('a', POD_STATUS.exit)], remembered: [left('b', POD_STATUS.outOfMemory)] },
      { outcome: 'oom', partial: null, says: /ran out of memory/ },
    ],
    [
      'the same one is left and remembered, and counts once',
      failedTwice,
      { listed: [left('a', POD_STATUS.exit)], remembered: [left('a', POD_STATUS.exit)] },
      { outcome: 'failure', partial: 1, says: /exit code 3/ },
    ],
    [
      'one was taken away, and of the other nothing is known: not every one was',
      failedTwice,
      { remembered: [left('a', POD_STATUS.preempted)] },
      { outcome: 'failure', partial: 1, says: /none of its Pods is left/ },
    ],
    [
      'all were taken away',
      failedTwice,
      { remembered: [left('a', POD_STATUS.preempted), left('b', POD_STATUS.preempted)] },
      { outcome: 'preempted', partial: null, says: /was taken away/ },
    ],
    [
      'a Pod that still runs says nothing',
      STATUS.failed,
      { listed: [left('a', POD_STATUS.running)] },
      { outcome: 'failure', partial: 0, says: /none of its Pods is left/ },
    ],
    [
      'its Pods may not be listed',
      STATUS.failed,
      { problem: DENIED },
      { outcome: 'failure', partial: 0, says: /what its Pods say is not known: grant list on pods$/ },
    ],
    [
      'its Pods may not be listed, and were seen',
      STATUS.failed,
      { problem: DENIED, remembered: [left('a', POD_STATUS.outOfMemory)] },
      { outcome: 'oom', partial: null, says: /ran out of memory$/ },
    ],
    [
      'its time was over while a Pod waited',
      STATUS.overdue,
      { waiting: 'Pod "a" waits: Unschedulable' },
      { outcome: 'timeout', partial: null, says: /specified deadline; Pod "a" waits: Unschedulable$/ },
    ],
    [
      'its time was over',
      STATUS.overdue,
      {},
      { outcome: 'timeout', partial: 0, says: /specified deadline$/ },
    ],
  ])('%s', (_, status, traces, { outcome, partial, says }) => {
    const watched = watchedJob(status);
    expect(hasFailed(watched)).toBe(true);
    const known = endOf(watched, { ...NONE, ...traces })!;
    expect({ outcome: known.end.outcome, partial: known.partial }).toEqual({ outcome, partial });
    expect(known.end.message).toMatch(says);
  });

  test('one that does not say when is not told of', () => {
    expect(endOf(watchedJob({ conditions: [{ type: 'Failed', status: 'True' }] }), NONE)).toBeNull();
  });
});

describe('how a JobSet failed', () => {
  const child = { uid: 'c', name: 'set-u-train-0', set: 'u' };
  const failed = watchedSet(SET_STATUS.failed(child.name));
  const childJob: JobObject = readJob(job(child, STATUS.failed))!;
  const childPod = readPod(pod(child, 'a', POD_STATUS.outOfMemory))!;

  test.each<[string, Partial<Traces>, { outcome: string; partial: number | null; says: RegExp }]>([
    [
      'by its Job and that one’s Pods',
      { jobs: [childJob], listed: [childPod] },
      { outcome: 'oom', partial: null, says: /ran out of memory/ },
    ],
    [
      'by Pods that are gone',
      { jobs: [childJob], remembered: [childPod] },
      { outcome: 'oom', partial: null, says: /ran out of memory/ },
    ],
    [
      'by a Job whose Pods are gone',
      { jobs: [childJob] },
      { outcome: 'failure', partial: 0, says: /none of its Pods is left/ },
    ],
    [
      'by nothing that is left',
      {},
      { outcome: 'failure', partial: 0, says: /^jobset failed .*\(first failed job: set-u-train-0\)$/ },
    ],
    [
      'by nothing that may be asked',
      { problem: DENIED },
      { outcome: 'failure', partial: 0, says: /say is not known: grant list on pods$/ },
    ],
  ])('%s', (_, traces, { outcome, partial, says }) => {
    expect(hasFailed(failed)).toBe(true);
    const known = endOf(failed, { ...NONE, ...traces })!;
    expect({ outcome: known.end.outcome, partial: known.partial }).toEqual({ outcome, partial });
    expect(known.end.message).toMatch(says);
  });
});

describe('what was deleted', () => {
  const AT = Date.parse('2026-11-20T01:10:00Z');

  test.each<[string, Watched, object | null]>([
    [
      'while it ran was cancelled',
      watchedJob(STATUS.running),
      { end: { outcome: 'cancelled', finishedAt: AT, reason: 'Deleted' } },
    ],
    ['before it began was no run', watchedJob({ startTime: undefined }), null],
    ['while it was suspended is none of the cluster’s telling', watchedJob(STATUS.suspended), null],
    [
      'as a JobSet that ran was cancelled',
      watchedSet({ restarts: 2 }),
      { end: { outcome: 'cancelled', failures: 2, startedAt: null } },
    ],
    [
      'as a JobSet that waited in a queue was no run',
      watchedSet({ conditions: [{ type: 'Suspended', status: 'True' }] }),
      null,
    ],
  ])('%s', (_, watched, end) => {
    const known = deletedEnd(watched, AT);
    if (end === null) expect(known).toBeNull();
    else expect(known).toMatchObject(end);
  });

  test('after it ended, or almost, has that end', () => {
    const ended = watchedJob(STATUS.complete);
    expect(deletedEnd(ended, AT)).toBe(ended);
    const ending = deletedEnd(watchedJob(STATUS.ending), AT) as Watched;
    expect(statusOf(ending)).toMatchObject({ kind: 'ended', end: { outcome: 'timeout' } });
  });
});

test('what is no object of its kind is not watched', () => {
  const about = { who: readWatched(job(OWNER))!, testName: 'mnist' };
  expect([readWatchedAs('job', {}, about), readWatchedAs('job-set', null, about)]).toEqual([null, null]);
});
