import { describe, expect, test } from 'vitest';
import { gatherRuns } from './gather-run.ts';
import { type JobEnd, observedEvent, observedOf } from './job-end.ts';
import { parseMessage } from './parse-message.ts';
import type { RunEvent } from './run-event.ts';
import { decideStatus, GONE_GRACE_MS } from './status.ts';

const START = Date.parse('2026-08-01T00:00:00Z');
const MINUTE = 60_000;

const END: JobEnd = {
  outcome: 'failure',
  finishedAt: START + 30 * MINUTE,
  startedAt: START - 2000,
  failures: 3,
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};

function v1(at: number, more: Record<string, unknown> = {}): RunEvent {
  const message = {
    job_name: 'train',
    test_name: 'train',
    model_dir: '/m',
    cluster_name: 'c',
    job_namespace: 'ns',
    zone: 'europe-west4-a',
    ...more,
  };
  const body = new TextEncoder().encode(JSON.stringify(message));
  const parsed = parseMessage({ id: `m-${at}`, name: 'm', publishTime: at, format: 'json', body });
  if (parsed.kind !== 'event') throw new Error(parsed.rejected.detail);
  return parsed.event;
}

function only(events: readonly RunEvent[]) {
  const runs = gatherRuns(events);
  expect(runs).toHaveLength(1);
  return runs[0]!;
}

describe('the Job of a run', () => {
  test('is named by a v1 message with a cluster, and by no other', () => {
    expect(only([v1(START, { job_uid: 'u-1' })]).job).toStrictEqual({
      cluster: 'c',
      location: 'europe-west4-a',
      namespace: 'ns',
      name: 'train',
      uid: 'u-1',
    });
    expect(only([v1(START)]).job).toMatchObject({ uid: null });
    expect(only([v1(START, { cluster_name: '' })]).job).toBeNull();
  });

  test.each([
    ['with a uid', { job_uid: 'u-1' }],
    ['known by its name only', {}],
  ])('ends its run as it was observed, %s', (_, more) => {
    const said = v1(START, more);
    const run = only([said]);
    const seen = observedEvent(run, { kind: 'ended', runId: run.runId, end: END });
    const ended = only([seen, said]);
    expect(ended).toMatchObject({ runId: run.runId, uuid: run.uuid, numFailures: 3, attempt: 1 });
    expect(ended.startedAt).toBe(END.startedAt);
    expect(decideStatus(ended, START, new Set())).toStrictEqual({
      kind: 'ended',
      outcome: 'failure',
      finishedAt: END.finishedAt,
      reason: 'reported',
    });
  });

  test('a row of what was observed reads back as it was, and is the same row when it is seen again', () => {
    const run = only([v1(START)]);
    const ended = { kind: 'ended', runId: run.runId, end: END } as const;
    expect(observedOf(observedEvent(run, ended))).toStrictEqual(ended);
    expect(observedEvent(run, ended)).toStrictEqual(observedEvent(run, ended));
    const gone = { kind: 'gone', runId: run.runId, at: START + 5 } as const;
    expect(observedOf(observedEvent(run, gone))).toStrictEqual(gone);
    expect(observedEvent(run, { ...gone, at: START + 9 }).eventKey).toBe(observedEvent(run, gone).eventKey);
    const refused = { kind: 'refused', runId: run.runId, detail: 'not in clusters' } as const;
    expect(observedOf(observedEvent(run, refused))).toStrictEqual(refused);
  });

  test('the next Job of the same name is a new run, and what was seen of the first stays with the first', () => {
    const first = v1(START);
    const run = only([first]);
    const seen = observedEvent(run, { kind: 'ended', runId: run.runId, end: END });
    const next = v1(START + 60 * MINUTE);
    const runs = gatherRuns([next, seen, first]);
    expect(runs.map(({ end }) => end?.outcome ?? null)).toStrictEqual(['failure', null]);
    expect(runs[0]!.runId).toBe(run.runId);
  });

  test('an end that the clock of the cluster puts before the message still belongs to its run', () => {
    const said = v1(START);
    const run = only([said]);
    const early = { ...END, finishedAt: START - 5 * MINUTE, startedAt: null };
    const ended = only([said, observedEvent(run, { kind: 'ended', runId: run.runId, end: early })]);
    expect(ended).toMatchObject({ runId: run.runId, publishTime: START });
    expect(ended.end?.finishedAt).toBe(early.finishedAt);
  });

  test('counts from the start that the cluster tells with its end, whatever other clocks say', () => {
    const said = v1(START);
    const run = only([said]);
    const ahead = { ...END, startedAt: START + 40 * MINUTE, finishedAt: START + 70 * MINUTE };
    const ended = only([said, observedEvent(run, { kind: 'ended', runId: run.runId, end: ahead })]);
    expect(ended.startedAt).toBe(ahead.startedAt);
    const silent = { ...ahead, startedAt: null };
    const told = only([said, observedEvent(run, { kind: 'ended', runId: run.runId, end: silent })]);
    expect(told.startedAt).toBe(START);
  });

  test('gone before anybody saw its end, its run is lost after a while, as of when that was seen', () => {
    const said = v1(START);
    const { runId, ...run } = only([said]);
    const goneAt = START + 45 * MINUTE;
    const lost = only([said, observedEvent(run, { kind: 'gone', runId, at: goneAt })]);
    expect(decideStatus(lost, goneAt + GONE_GRACE_MS, new Set())).toMatchObject({ kind: 'open' });
    expect(decideStatus(lost, goneAt + GONE_GRACE_MS + 1, new Set())).toStrictEqual({
      kind: 'ended',
      outcome: 'lost',
      finishedAt: goneAt,
      reason: 'gone',
    });
  });

  test('of a cluster that may not be asked waits for its deadline, and says why it was not asked', () => {
    const said = v1(START);
    const { runId, ...run } = only([said]);
    const refused = observedEvent(run, { kind: 'refused', runId, detail: 'not in clusters' });
    const open = only([said, refused]);
    expect(open.jobRefusal).toBe('not in clusters');
    expect(decideStatus(open, START + 999 * MINUTE, new Set())).toMatchObject({ kind: 'open' });
  });

  test('an end that is told after all beats that the Job is gone', () => {
    const said = v1(START);
    const { runId, ...run } = only([said]);
    const gone = observedEvent(run, { kind: 'gone', runId, at: START + 45 * MINUTE });
    const told = v1(START + 31 * MINUTE, {
      job_info: { status: 'success', stop_time: (START + 31 * MINUTE) / 1000 },
    });
    const ended = only([said, gone, told]);
    expect(decideStatus(ended, START + 999 * MINUTE, new Set())).toMatchObject({ outcome: 'success' });
  });
});
