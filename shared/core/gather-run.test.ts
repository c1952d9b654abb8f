import { describe, expect, test } from 'vitest';
import { gatherRuns } from './gather-run.ts';
import { OUTCOMES } from './outcome.ts';
import { parseMessage } from './parse-message.ts';
import type { Run } from './run.ts';
import type { RunEvent } from './run-event.ts';
import { decideStatus, inferenceId, inferredEnd } from './status.ts';

const utf8 = new TextEncoder();
const at = (text: string) => Date.parse(`2026-08-01T${text}:00Z`);
const iso = (text: string) => `2026-08-01T${text}:00.000Z`;

type Data = Readonly<Record<string, unknown>>;

function row(message: Data, publishTime = at('00:00')): RunEvent {
  const body = utf8.encode(JSON.stringify(message));
  const parsed = parseMessage({ id: JSON.stringify(message), name: 'm', publishTime, format: 'json', body });
  if (parsed.kind === 'rejected') throw new Error(parsed.rejected.detail);
  return parsed.event;
}

function event(word: string, time: string, data: Data = {}): RunEvent {
  const { attempt = 1, source = '//host-a', ...rest } = data;
  const type = word === 'metrics' ? 'io.tidemark.metrics.reported.v1' : `io.tidemark.run.${word}.v1`;
  const id = `r1/${attempt}/${word}/${JSON.stringify(data)}`;
  const inside = { run_id: 'r1', test_name: 't', attempt, ...rest };
  return row({ specversion: '1.0', type, source, id, time: iso(time), data: inside });
}

const start = (time = '01:00', data: Data = {}) => event('started', time, { started_at: iso(time), ...data });
const end = (outcome: string, time = '02:00', data: Data = {}) =>
  event('finished', time, { outcome, finished_at: iso(time), ...data });
const beat = (time: string, data: Data = {}) => event('heartbeat', time, data);

function only(events: readonly RunEvent[]): Run {
  const runs = gatherRuns(events);
  expect(runs).toHaveLength(1);
  return runs[0]!;
}

describe('several ends of one run', () => {
  // contracts §3: the order of rank among what is reported.
  const RANK = ['oom', 'preempted', 'timeout', 'cancelled', 'failure', 'success'];
  const pairs = RANK.flatMap((better, index) =>
    RANK.slice(index + 1).map((worse) => [better, worse] as const),
  );

  test.each(pairs)('%s wins over %s whichever comes first, and whenever it says it was', (better, worse) => {
    for (const events of [
      [end(better, '02:00'), end(worse, '03:00')],
      [end(worse, '02:00'), end(better, '03:00')],
    ]) {
      expect(only(events).end?.outcome).toBe(better);
      expect(only([...events].reverse())).toEqual(only(events));
    }
  });

  test('of one rank the earliest report counts, then the source', () => {
    const late = end('failure', '03:00', { source: '//a' });
    const early = end('failure', '02:00', { source: '//b' });
    expect(only([late, early]).end).toMatchObject({ finishedAt: at('02:00'), source: '//b' });
    const twin = end('failure', '02:00', { source: '//a' });
    expect(only([early, twin]).end).toMatchObject({ source: '//a' });
  });

  test('every outcome has a rank', () => {
    for (const outcome of OUTCOMES) expect(only([end(outcome)]).end?.outcome).toBe(outcome);
  });
});

describe('attempts', () => {
  test('the newest one counts: its end, its folder, its heartbeats', () => {
    const run = only([
      start('01:00', { model_dir: '/a' }),
      beat('01:30'),
      end('failure', '02:00'),
      start('03:00', { attempt: 2, model_dir: '/b' }),
    ]);
    expect(run).toMatchObject({
      attempt: 2,
      end: null,
      modelDir: '/b',
      lastHeartbeat: null,
      startedAt: at('01:00'),
    });
    expect(run.numFailures).toBe(2);
  });

  test('a success at the second attempt has one failure', () => {
    const run = only([end('failure'), end('success', '04:00', { attempt: 2 })]);
    expect(run).toMatchObject({ attempt: 2, numFailures: 1, end: { outcome: 'success' } });
  });

  test('an end that is not final leaves the run open', () => {
    expect(only([start(), end('failure', '02:00', { final: false })]).end).toBeNull();
  });

  test('nor can it fall silent until the next attempt speaks', () => {
    const over = [start(), beat('01:30'), end('cancelled', '02:00', { final: false })];
    expect(only(over).lastHeartbeat).toBeNull();
    expect(only([...over, beat('03:30', { attempt: 2 })]).lastHeartbeat).toBe(at('03:30'));
    expect(only([...over, beat('03:30')]).lastHeartbeat).toBe(at('03:30'));
  });

  test('two Pods of one attempt, as of a Job that was suspended: what ends the run is final', () => {
    const first = [
      start('01:00', { source: '//a' }),
      end('cancelled', '02:00', { source: '//a', final: false }),
    ];
    const second = [start('05:00', { source: '//b' }), end('success', '06:00', { source: '//b' })];
    expect(only([...first, ...second])).toMatchObject({ attempt: 1, end: { outcome: 'success' } });
  });

  test('what it reports counts, of one name the newest', () => {
    const metrics = (time: string, value: unknown) =>
      event('metrics', time, { metrics: [{ name: 'm', value }] });
    const run = only([metrics('01:30', 2), metrics('01:20', 1), start(), end('success')]);
    expect([...run.reportedMetrics]).toEqual([['m', 2]]);
    expect(only([metrics('01:30', '-Infinity')]).reportedMetrics.get('m')).toBe(-Infinity);
  });
});

describe('a run whose end nobody told', () => {
  const nobody = new Set<string>();
  const HOURS = 3_600_000;

  test.each([
    [
      'past its declared deadline: timeout',
      [start('01:00', { deadline: iso('05:00') })],
      'timeout',
      at('05:00'),
      at('05:00'),
    ],
    [
      '48 hours after it began: lost',
      [start('01:00')],
      'lost',
      at('01:00') + 48 * HOURS,
      at('01:00') + 48 * HOURS,
    ],
    [
      'silent for ten minutes: lost, when it last spoke',
      [start('01:00'), beat('01:30')],
      'lost',
      at('01:30'),
      at('01:40'),
    ],
    [
      'silent, but its deadline is nearer: timeout',
      [start('01:00', { deadline: iso('01:35') }), beat('01:30')],
      'timeout',
      at('01:35'),
      at('01:35'),
    ],
    [
      'the newest heartbeat counts',
      [start('01:00'), beat('01:30'), beat('01:50')],
      'lost',
      at('01:50'),
      at('02:00'),
    ],
  ])('%s', (_, events, outcome, finishedAt, dueAt) => {
    const run = only(events);
    expect(decideStatus(run, dueAt, nobody)).toEqual({ kind: 'open', checkAt: dueAt });
    const status = decideStatus(run, dueAt + 1, nobody);
    expect(status).toMatchObject({ kind: 'ended', outcome, finishedAt });
    // Learnt by an earlier tick it holds without a clock, so that a replay needs none.
    const learnt = new Set([inferenceId(inferredEnd(run))]);
    expect(decideStatus(run, Number.NEGATIVE_INFINITY, learnt)).toEqual(status);
  });

  test('a reported end wins over an inferred one, however late', () => {
    const run = only([start('01:00', { deadline: iso('02:00') }), end('success', '04:00')]);
    expect(decideStatus(run, at('23:00'), new Set(['timeout/2026-08-01T02:00:00.000Z']))).toEqual({
      kind: 'ended',
      outcome: 'success',
      finishedAt: at('04:00'),
      reason: 'reported',
    });
  });
});

describe('v1 messages', () => {
  const v1 = (more: Data = {}, publishTime = at('01:00')) =>
    row(
      { test_name: 't', job_name: 'j-1', model_dir: '/m', cluster_name: 'c', job_namespace: 'n', ...more },
      publishTime,
    );
  const ended = (stop: string, published: string, status = 'success') =>
    v1({ job_info: { status, stop_time: iso(stop) } }, at(published));

  test('start and end of one Job are one run, named by Job and publish time', () => {
    const run = only([ended('02:00', '02:01'), v1()]);
    expect(run).toMatchObject({
      runId: `j-1@${iso('01:00')}`,
      startedAt: at('01:00'),
      publishTime: at('01:00'),
      attempt: 1,
      end: { outcome: 'success', finishedAt: at('02:00') },
    });
  });

  test('a second pod of the same Job is a second attempt of the open run', () => {
    expect(only([v1({}, at('01:00')), v1({}, at('01:20'))])).toMatchObject({
      attempt: 2,
      startedAt: at('01:00'),
    });
  });

  test('once it has ended, the next message of that name is another run', () => {
    const runs = gatherRuns([v1({}, at('01:00')), ended('02:00', '02:01'), v1({}, at('03:00'))]);
    expect(runs.map(({ runId, end: of }) => [runId, of?.outcome ?? null])).toEqual([
      [`j-1@${iso('01:00')}`, 'success'],
      [`j-1@${iso('03:00')}`, null],
    ]);
    expect(new Set(runs.map(({ uuid }) => uuid)).size).toBe(2);
  });

  test('the same end told twice is one end', () => {
    expect(only([v1(), ended('02:00', '02:01'), ended('02:00', '02:05', 'failure')]).end?.outcome).toBe(
      'failure',
    );
  });

  test('a declared deadline that passes means lost: nobody said that the Job was stopped', () => {
    const run = only([v1({ deadline: iso('02:00') })]);
    expect(run).toMatchObject({ deadline: at('02:00'), deadlineOutcome: 'lost' });
    expect(only([v1()])).toMatchObject({ deadline: at('01:00') + 48 * 3_600_000, deadlineOutcome: 'lost' });
  });

  test('with a uid the run is the Job with that uid', () => {
    expect(only([v1({ job_uid: 'u-1' }), v1({ job_uid: 'u-1' }, at('23:00'))])).toMatchObject({
      runId: 'u-1',
      attempt: 2,
    });
  });

  test('a Job that publishes and runs under "tidemark run" is one attempt, however many events it sends', () => {
    const where = { run_id: 'u-1', cluster_name: 'c', job_namespace: 'n' };
    const events = [
      v1({ job_uid: 'u-1' }),
      start('01:01', { ...where, deadline: iso('05:00') }),
      beat('01:02', where),
    ];
    expect(only(events)).toMatchObject({ attempt: 1, deadline: at('05:00'), deadlineOutcome: 'timeout' });
    expect(only([...events, end('success', '02:00', where)])).toMatchObject({ attempt: 1, numFailures: 0 });
    const second = end('success', '03:00', { ...where, attempt: 2 });
    expect(only([...events, end('failure', '02:00', where), second])).toMatchObject({
      attempt: 2,
      end: { outcome: 'success' },
    });
  });

  test('two that would have one name are one run', () => {
    expect(only([ended('02:00', '05:00'), ended('03:00', '05:00', 'failure')])).toMatchObject({
      runId: `j-1@${iso('05:00')}`,
      end: { outcome: 'failure', finishedAt: at('03:00') },
    });
  });

  test('a key nobody knows is a mistake of its config, with what was meant', () => {
    expect(only([v1({ acelerator: 'cpu' })]).configErrors).toEqual([
      'acelerator: unknown key; did you mean "accelerator"?',
    ]);
  });

  test('zone before region in the link of the Job', () => {
    const link = (more: Data) => only([v1(more)]).workloadLink;
    expect(link({ zone: 'z-b', region: 'z' })).toBe(
      'https://console.cloud.google.com/kubernetes/job/z-b/c/n/j-1',
    );
    expect(link({ region: 'z/ä' })).toBe(
      'https://console.cloud.google.com/kubernetes/job/z%2F%C3%A4/c/n/j-1',
    );
    expect(link({})).toBeNull();
  });
});

test('a run may have more messages than a call takes arguments', () => {
  const report = event('metrics', '01:30', { metrics: [{ name: 'm', value: 1 }] });
  expect(only([start(), ...Array(200_000).fill(report), end('success')]).attempt).toBe(1);
});

describe('uuids', () => {
  test('one that a message brings counts, of several the smallest; else it is derived', () => {
    const [a, b] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
    const run = only([start('01:00', { uuid: b }), end('success', '02:00', { uuid: a })]);
    expect(run.uuid).toBe(a);
    expect(run.ownUuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
    expect(only([start()]).uuid).toBe(run.ownUuid);
  });
});
