import { expect, test } from 'vitest';
import { gatherRuns } from './gather-run.ts';
import type { JobEnd } from './job-end.ts';
import { parseMessage } from './parse-message.ts';
import type { RunEvent } from './run-event.ts';
import { watcherEvent } from './watcher-event.ts';

const T = Date.parse('2026-11-20T01:00:00Z');
const MINUTE = 60_000;
const END: JobEnd = {
  outcome: 'oom',
  finishedAt: T + 30 * MINUTE,
  startedAt: T,
  failures: 2,
  reason: 'OOMKilled',
  message: 'container "train" ran out of memory',
};
const WHERE = { testName: 'mnist', cluster: 'main', namespace: 'ml', uid: 'u-1' };

function event(body: object, publishTime = T): RunEvent {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const read = parseMessage({ id: 'm', name: 'm', publishTime, format: 'json', body: bytes });
  if (read.kind === 'rejected') throw new Error(read.rejected.detail);
  return read.event;
}

const seen = (change: Partial<JobEnd> = {}, partial: number | null = null) =>
  event(watcherEvent({ ...WHERE, end: { ...END, ...change }, partial }));
const announced = (publishTime: number) =>
  event(
    { test_name: 'mnist', job_name: 'j', cluster_name: 'main', job_namespace: 'ml', job_uid: 'u-1' },
    publishTime,
  );
const wrapped = (attempt: number, more: object) =>
  event({
    specversion: '1.0',
    type: 'io.tidemark.run.finished.v1',
    source: '//kubernetes/main/ml/mnist',
    id: `u-1/${attempt}/finished`,
    time: '2026-11-20T01:20:00Z',
    data: { run_id: 'u-1', attempt, test_name: 'mnist', cluster_name: 'main', job_namespace: 'ml', ...more },
  });

test('its run is the one that the publisher announced', () => {
  expect(seen().thread).toBe(announced(T).thread);
  expect(gatherRuns([announced(T), seen()])).toHaveLength(1);
});

test('what is known less of has another id and the same run', () => {
  const [whole, part] = [seen(), seen({ outcome: 'failure' }, 0)];
  expect([whole.id, part.id]).toEqual(['u-1/1/finished', 'u-1/1/finished/0']);
  expect(part.eventKey).not.toBe(whole.eventKey);
  const [run] = gatherRuns([part, whole]);
  expect(run!.end).toMatchObject({ outcome: 'oom' });
  expect(run!.numFailures).toBe(2);
});

test('a cluster whose clock is ahead tells its own start; one whose clock is behind moves no publish time', () => {
  const [ahead] = gatherRuns([announced(T - MINUTE), seen()]);
  expect(ahead).toMatchObject({ startedAt: T, publishTime: T - MINUTE });
  const [behind] = gatherRuns([announced(T + 40 * MINUTE), seen()]);
  expect(behind).toMatchObject({ startedAt: T, publishTime: T + 40 * MINUTE });
  expect(behind!.uuid).toBe(ahead!.uuid);
});

test('it speaks of all attempts of its Job, whichever is the newest', () => {
  const told = wrapped(3, { outcome: 'failure', exit_code: 137 });
  const [run] = gatherRuns([told, seen()]);
  expect(run).toMatchObject({ attempt: 3, end: { outcome: 'oom' } });
});

test('a name that is no part of an address can stand in the source', () => {
  const { source } = watcherEvent({ ...WHERE, cluster: 'a/b ü\ud800', end: END, partial: null });
  expect(source).toBe('//tidemark/watcher/a%2Fb%20%C3%BC%EF%BF%BD');
});
