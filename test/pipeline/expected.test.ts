// A run that has to start (story S2.3): it does, or it is missed; whatever order the messages come in.
import { describe, expect, test } from 'vitest';
import { EVENT_TYPES } from '../../shared/core/event-envelope.ts';
import { formatTime } from '../../shared/core/time.ts';
import { replay } from '../../shared/pipeline/replay.ts';
import { day, finished, type Message, MINUTE, started } from '../support/messages.ts';
import { makeWorld, NO_REMINDERS, settingsOf, tablesOf, type World } from '../support/world.ts';

const NOON = day(1, 12);
const SETTINGS = settingsOf({}, { fallback: ['all@example.com'], policy: NO_REMINDERS });
const open = () => makeWorld(SETTINGS, { files: {} });

/** Registered `at`, to start within half an hour. */
function expected(run: string, at: number, more: { anyRun?: boolean; by?: number } = {}): Message {
  const { anyRun = true, by = at + 30 * MINUTE } = more;
  const data = { run_id: run, test_name: 'mnist', start_by: formatTime(by), any_run: anyRun };
  const event = {
    ...{
      specversion: '1.0',
      type: EVENT_TYPES.expected,
      source: '//shell/box/mnist',
      id: `${run}/1/expected`,
    },
    ...{ time: formatTime(at), subject: 'mnist', data: { ...data, hint: 'Is the pool up?' } },
  };
  return {
    name: `${run}-expected.json`,
    publishTime: at,
    body: new TextEncoder().encode(JSON.stringify(event)),
  };
}

const begins = (run: string, at: number) => started({ test: 'mnist', run, at });
const ends = (run: string, at: number) => finished({ test: 'mnist', run, at }, 'success');

function runs({ store }: World): Record<string, string> {
  return Object.fromEntries(tablesOf(store).job_history.map(({ runId, outcome }) => [runId, outcome]));
}

describe('a run that is waited for by its name', () => {
  const waited = expected('r1', NOON, { anyRun: false });

  test('and does not start is missed when the time is up, and that is told', async () => {
    const world = open();
    await world.tickAt(NOON + 30 * MINUTE, waited);
    expect(runs(world)).toStrictEqual({});
    await world.tickAt(NOON + 31 * MINUTE);
    expect(tablesOf(world.store).job_history).toMatchObject([
      { runId: 'r1', outcome: 'missed', verdict: 'fail', startedAt: null, finishedAt: NOON + 30 * MINUTE },
    ]);
    expect(world.mailer.sent.map(({ subject }) => subject)).toStrictEqual([expect.stringContaining('mnist')]);
  });

  test('and starts is a run like others, although another one began as well', async () => {
    const world = open();
    await world.tickAt(NOON + 60 * MINUTE, waited, begins('r1', NOON + 5 * MINUTE), begins('x', NOON));
    expect(runs(world)).toStrictEqual({});
    await world.tickAt(NOON + 90 * MINUTE, ends('r1', NOON + 80 * MINUTE));
    expect(runs(world)).toStrictEqual({ r1: 'success' });
  });

  test('is not replaced by another one', async () => {
    const world = open();
    await world.tickAt(NOON + 60 * MINUTE, waited, begins('x', NOON + MINUTE), ends('x', NOON + 9 * MINUTE));
    expect(runs(world)).toStrictEqual({ r1: 'missed', x: 'success' });
  });

  test('that says after all that it ended is judged by that', async () => {
    const world = open();
    await world.tickAt(NOON + 60 * MINUTE, waited);
    expect(runs(world)).toStrictEqual({ r1: 'missed' });
    await world.tickAt(NOON + 90 * MINUTE, begins('r1', NOON + 5 * MINUTE), ends('r1', NOON + 50 * MINUTE));
    expect(runs(world)).toStrictEqual({ r1: 'success' });
  });
});

describe('a run of which only the test is known', () => {
  test('is met by whichever begins in time, and leaves no row', async () => {
    const world = open();
    await world.tickAt(NOON + 20 * MINUTE, expected('e1', NOON));
    await world.tickAt(NOON + 60 * MINUTE, begins('x', NOON + 25 * MINUTE), ends('x', NOON + 50 * MINUTE));
    expect(runs(world)).toStrictEqual({ x: 'success' });
    expect(await world.ports.history.openRuns()).toStrictEqual([]);
    expect(world.mailer.sent).toStrictEqual([]);
  });

  test('is met as soon as one begins, and waits for nobody any more', async () => {
    const world = open();
    await world.tickAt(NOON + 20 * MINUTE, expected('e1', NOON));
    expect(await world.ports.history.openRuns()).toMatchObject([{ runId: 'e1' }]);
    await world.tickAt(NOON + 22 * MINUTE, begins('x', NOON + 21 * MINUTE));
    expect(await world.ports.history.openRuns()).toMatchObject([{ runId: 'x' }]);
    // A second one takes the next expectation, not the one that is met.
    await world.tickAt(
      NOON + 24 * MINUTE,
      expected('e2', NOON + 10 * MINUTE),
      begins('y', NOON + 23 * MINUTE),
    );
    await world.tickAt(NOON + 90 * MINUTE);
    expect(runs(world)).toStrictEqual({});
  });

  test.each<[string, number]>([
    ['before it was asked for', NOON - MINUTE],
    ['too late', NOON + 31 * MINUTE],
  ])('is missed when one began %s', async (_, at) => {
    const world = open();
    await world.tickAt(NOON + 60 * MINUTE, expected('e1', NOON), begins('x', at));
    expect(runs(world)).toStrictEqual({ e1: 'missed' });
  });

  test('two that are expected take two that begin: the one that is missing is told', async () => {
    const world = open();
    const asked = [expected('e1', NOON), expected('e2', NOON + MINUTE)];
    await world.tickAt(NOON + 60 * MINUTE, ...asked, begins('x', NOON + 9 * MINUTE));
    expect(runs(world)).toStrictEqual({ e2: 'missed' });
    const both = open();
    await both.tickAt(
      NOON + 60 * MINUTE,
      ...asked,
      begins('x', NOON + 9 * MINUTE),
      begins('y', NOON + 2 * MINUTE),
    );
    expect(runs(both)).toStrictEqual({});
  });

  test('of two the one whose time is up first takes the first, so that both are met if they can be', async () => {
    const world = open();
    const short = expected('short', NOON + 2 * MINUTE, { by: NOON + 10 * MINUTE });
    const long = expected('long', NOON, { by: NOON + 40 * MINUTE });
    await world.tickAt(
      NOON + 90 * MINUTE,
      long,
      short,
      begins('a', NOON + 5 * MINUTE),
      begins('b', NOON + 20 * MINUTE),
    );
    expect(runs(world)).toStrictEqual({});
  });

  test('is not met by one that is waited for by its name', async () => {
    const world = open();
    await world.tickAt(
      NOON + 60 * MINUTE,
      expected('e1', NOON),
      expected('r1', NOON, { anyRun: false }),
      begins('r1', NOON + MINUTE),
    );
    expect(runs(world)).toStrictEqual({ e1: 'missed' });
  });

  test('a replay finds the same, whatever the time', async () => {
    const world = open();
    const asked = [expected('e1', NOON), expected('e2', NOON + MINUTE)];
    await world.tickAt(
      NOON + 60 * MINUTE,
      ...asked,
      begins('x', NOON + 9 * MINUTE),
      ends('x', NOON + 20 * MINUTE),
    );
    const before = tablesOf(world.store);
    expect(runs(world)).toStrictEqual({ e2: 'missed', x: 'success' });
    await replay(world.ports, SETTINGS, { reread: false });
    expect(tablesOf(world.store)).toStrictEqual(before);
  });

  test('a second delivery of everything changes nothing', async () => {
    const world = open();
    const all = [expected('e1', NOON), expected('e2', NOON), begins('x', NOON + MINUTE)];
    await world.tickAt(NOON + 60 * MINUTE, ...all);
    const before = tablesOf(world.store);
    await world.tickAt(NOON + 61 * MINUTE, ...all);
    expect(tablesOf(world.store)).toStrictEqual(before);
  });
});
