import { describe, expect, test } from 'vitest';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { formatTime } from '../../shared/core/time.ts';
import { replay } from '../../shared/pipeline/replay.ts';
import { PortError } from '../../shared/ports/error.ts';
import { day, finished, HOUR, heartbeat, type Message, MINUTE, named, started } from '../support/messages.ts';
import { eventFile, scalars } from '../support/tfevents-writer.ts';
import { makeWorld, NO_REMINDERS, settingsOf, tablesOf, type World } from '../support/world.ts';

/** Lower is better, held against two runs before it or more. */
const DRIFT: TestConfig = {
  owner: 'owner@example.com',
  regression_test_config: {
    metric_success_conditions: {
      loss: { comparison: 'less', success_threshold: { stddevs_from_mean: 2 } },
      total_wall_time: null,
    },
  },
};
const TRAINED: TestConfig = {
  metric_collection_config: { default_aggregation_strategies: ['final', 'count'] },
};
const SETTINGS = settingsOf({ drift: DRIFT, trained: TRAINED }, { policy: NO_REMINDERS });

const about = (run: string, at: number) => ({ test: 'drift', run, at });

function run(name: string, at: number, loss: number): Message {
  return finished(about(name, at), 'success', { metrics: named({ loss }) });
}

/** What stands in the tables when everything came at once. */
async function inOrder(now: number, ...messages: readonly Message[]) {
  const world = makeWorld(SETTINGS);
  await world.tickAt(now, ...messages);
  return tablesOf(world.store);
}

function lossesOf({ store }: World) {
  return (store.judged.get('drift') ?? []).map(({ runId, metrics }) => {
    const row = metrics.find(({ metricName }) => metricName === 'loss');
    return `${runId} ${row?.verdict} ${row?.baselineN}`;
  });
}

describe('a run that arrives late', () => {
  const early = [
    run('r1', day(1), 1),
    run('r2', day(2), 1.2),
    run('r4', day(4), 1.5),
    run('r5', day(5), 1.1),
  ];
  const late = run('r3', day(3), 1.9);

  test('changes the verdicts of later runs, as if all had come in order, and nobody is told anew', async () => {
    const world = makeWorld(SETTINGS);
    for (const [index, message] of early.entries()) await world.tickAt(day(6) + index * HOUR, message);
    expect(lossesOf(world)).toEqual(['r1 inconclusive 0', 'r2 inconclusive 1', 'r4 fail 2', 'r5 pass 3']);
    expect(world.mailer.sent).toHaveLength(1);
    await world.tickAt(day(7), late);
    expect(lossesOf(world)).toEqual([
      'r1 inconclusive 0',
      'r2 inconclusive 1',
      'r3 fail 2',
      'r4 pass 3',
      'r5 pass 4',
    ]);
    expect(world.mailer.sent).toHaveLength(1);
    expect(tablesOf(world.store)).toEqual(await inOrder(day(8), ...early, late));
  });

  test('can make the newest run fail: its row says so, no mail does', async () => {
    const world = makeWorld(SETTINGS);
    await world.tickAt(day(5), run('r1', day(1), 1), run('r2', day(2), 3), run('r4', day(4), 4.5));
    expect(lossesOf(world).at(-1)).toBe('r4 pass 2');
    await world.tickAt(day(6), run('r3', day(3), 1.1));
    expect(lossesOf(world).at(-1)).toBe('r4 fail 3');
    expect(world.mailer.attempts).toEqual([]);
  });

  test('that makes the newest run fail does not keep the next bad run from being told', async () => {
    const world = makeWorld(SETTINGS);
    await world.tickAt(day(5), run('r1', day(1), 1), run('r2', day(2), 3), run('r4', day(4), 4.5));
    await world.tickAt(day(6), run('r3', day(3), 1.1));
    await world.tickAt(day(7), run('r5', day(6), 90));
    expect(lossesOf(world).at(-1)).toBe('r5 fail 4');
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('in the same tick as a new one: also the runs between the two are judged again', async () => {
    const world = makeWorld(SETTINGS);
    const newest = run('r6', day(6), 1.3);
    await world.tickAt(day(6), ...early);
    await world.tickAt(day(7), newest, late);
    expect(tablesOf(world.store)).toEqual(await inOrder(day(8), ...early, late, newest));
  });

  test('is reported alone: what was judged again is no news', async () => {
    const world = makeWorld(SETTINGS);
    await world.tickAt(day(6), ...early);
    const report = await world.tickAt(day(7), late);
    expect(report.runs.map(({ job }) => job.runId)).toEqual(['r3']);
  });

  test('at the very end of the others it moves nothing', async () => {
    const world = makeWorld(SETTINGS);
    await world.tickAt(day(6), ...early);
    const before = tablesOf(world.store);
    await world.tickAt(day(7), run('r9', day(6), 1));
    const after = tablesOf(world.store);
    expect(after.job_history.filter(({ runId }) => runId !== 'r9')).toEqual(before.job_history);
  });
});

describe('a run that fell silent', () => {
  const silent = [started(about('s', day(3))), heartbeat(about('s', day(3, 1)))];
  const others = [run('r1', day(1), 1), run('r2', day(2), 1.2), run('r4', day(4), 1.1)];

  test('is lost at its last heartbeat, not when a tick noticed', async () => {
    const world = makeWorld(SETTINGS);
    await world.tickAt(day(3, 1) + 10 * MINUTE, ...silent);
    expect(tablesOf(world.store).job_history).toEqual([]);
    await world.tickAt(day(3, 1) + 10 * MINUTE + 1);
    expect(tablesOf(world.store).job_history).toMatchObject([
      { runId: 's', outcome: 'lost', finishedAt: day(3, 1) },
    ]);
  });

  test('and is heard of again is open again, and its row is gone', async () => {
    const world = makeWorld(SETTINGS);
    await world.tickAt(day(4), ...silent);
    const report = await world.tickAt(day(4, 1), heartbeat({ ...about('s', day(4, 1)), n: 2 }));
    expect(report).toMatchObject({ waiting: 1, runs: [] });
    expect(tablesOf(world.store)).toEqual({ job_history: [], metric_history: [] });
    await world.tickAt(day(5));
    expect(tablesOf(world.store).job_history).toMatchObject([{ outcome: 'lost', finishedAt: day(4, 1) }]);
  });

  test('and whose end is reported after all moves in the order; the runs it passes are judged again', async () => {
    const end = finished(about('s', day(3, 12)), 'success', { metrics: named({ loss: 1.4 }) });
    const world = makeWorld(SETTINGS);
    await world.tickAt(day(5), ...others, ...silent);
    expect(lossesOf(world)).toEqual([
      'r1 inconclusive 0',
      'r2 inconclusive 1',
      's inconclusive 0',
      'r4 pass 2',
    ]);
    await world.tickAt(day(6), end);
    expect(lossesOf(world).slice(2)).toEqual(['s fail 2', 'r4 pass 3']);
    expect(tablesOf(world.store)).toEqual(await inOrder(day(7), ...others, ...silent, end));
  });

  test('that turns out to have ended well ends its incident at once, and not with the next run', async () => {
    const world = makeWorld(SETTINGS);
    await world.tickAt(day(5), ...silent);
    await world.tickAt(day(6), finished(about('s', day(3, 12)), 'success'));
    const episodes = await world.ports.history.episodes({});
    expect(episodes.filter(({ signal }) => signal === 'job')).toMatchObject([
      { state: 'closed', closedReason: 'recovered', lastBad: { runId: 's' }, badTotal: 1 },
    ]);
    expect(world.mailer.sent).toHaveLength(2);
    expect(world.mailer.sent[1]!.text).toContain('RECOVERED');
    await replay(world.ports, world.settings, { reread: false });
    expect(await world.ports.history.episodes({})).toEqual(episodes);
  });

  test('is told as lost once, however often it is judged', async () => {
    const world = makeWorld(SETTINGS);
    await world.tickAt(day(5), ...silent);
    expect(world.mailer.sent.map(({ subject }) => subject)).toHaveLength(1);
    await world.tickAt(day(6), finished(about('s', day(3, 12)), 'failure'));
    await world.tickAt(day(7));
    expect(world.mailer.sent).toHaveLength(1);
  });
});

describe('event files', () => {
  const folder = 'memory:/model';
  const file = `${folder}/events.out.tfevents.1`;
  const training = (...loss: readonly number[]) => ({ [file]: eventFile(scalars({ loss })) });
  const of = (at: number, attempt = 1) => ({ test: 'trained', run: 'm', at, attempt });
  const numbers = ({ store }: World) =>
    tablesOf(store).metric_history.map(({ metricName, value }) => `${metricName} ${value}`);

  test('are read again when a lost run turns out to have gone on', async () => {
    const world = makeWorld(SETTINGS, { files: training(4, 2) });
    await world.tickAt(day(2), started(of(day(1)), { model_dir: folder }), heartbeat(of(day(1, 1))));
    expect(numbers(world)).toContain('loss_final 2');
    world.files = training(4, 2, 1);
    await world.tickAt(day(3), finished(of(day(2)), 'success'));
    expect(numbers(world)).toContain('loss_final 1');
    expect(numbers(world)).toContain('loss_count 3');
  });

  test('are read again when a second attempt has gone on in the same folder', async () => {
    const world = makeWorld(SETTINGS, { files: training(4) });
    const [first, second] = [of(day(1)), of(day(1, 2), 2)];
    await world.tickAt(
      day(2),
      started(first, { model_dir: folder }),
      finished({ ...first, at: day(1, 1) }, 'failure'),
    );
    world.files = training(4, 3);
    await world.tickAt(day(2), started(second), finished(second, 'success'));
    expect(numbers(world)).toContain('loss_final 3');
  });

  test('that nobody can reach now cost their run this tick, and no other run', async () => {
    const world = makeWorld(SETTINGS, { files: training(1) });
    const { eventFiles } = world.ports;
    const list = eventFiles.list;
    eventFiles.list = async () => {
      throw new PortError('unavailable', 'Cannot read the folder: no route to host');
    };
    const config = { metric_collection_config: { default_aggregation_strategies: ['min'] } };
    const one = finished(of(day(1)), 'success', { model_dir: folder, config });
    const other = finished({ ...of(day(2)), run: 'n' }, 'success');
    expect(await world.tickAt(day(3), one, other)).toMatchObject({ waiting: 1 });
    expect(await world.ports.history.counts()).toMatchObject({ open_runs: 0, unjudged_runs: 1 });
    expect(tablesOf(world.store).job_history.map(({ runId }) => runId)).toEqual(['n']);
    // The config text is learnt with the run that is recorded, although the first one has met it before.
    world.settings = settingsOf({});
    await world.ports.history.rebuild();
    await replay(world.ports, world.settings, { reread: false });
    expect(world.store.events.values().some(({ kind }) => kind === 'config-text')).toBe(true);
    eventFiles.list = list;
    expect(await world.tickAt(day(4))).toMatchObject({ waiting: 0 });
    expect(numbers(world)).toContain('loss_min 1');
  });
});

test('a history that cannot be written stops the pass and is told; the next one does it all', async () => {
  const world = makeWorld(SETTINGS);
  const { history } = world.ports;
  const record = history.record;
  history.record = async () => {
    throw new PortError('unavailable', 'Cannot use history: disk I/O error');
  };
  const messages = [1, 2].map((n) => finished(about(`r${n}`, day(n)), 'success'));
  await expect(world.tickAt(day(3), ...messages)).rejects.toThrow('disk I/O error');
  expect(world.log.words.filter(({ message }) => message.includes('Cannot judge'))).toEqual([]);
  history.record = record;
  await world.tickAt(day(4));
  expect(tablesOf(world.store).job_history).toHaveLength(2);
});

test('a run without a start is put where it ended', async () => {
  const world = makeWorld(SETTINGS);
  await world.tickAt(day(2), finished(about('x', day(1)), 'success', { finished_at: formatTime(day(1, 3)) }));
  expect(tablesOf(world.store).job_history).toMatchObject([{ finishedAt: day(1, 3), startedAt: null }]);
});

test('a queue that cannot be read to its end keeps no recorded run from its verdict, and is told', async () => {
  const world = makeWorld(SETTINGS);
  const { queue } = world.ports;
  const pull = queue.pull.bind(queue);
  queue.pull = async (max) => {
    const some = await pull(max);
    if (some.length > 0) return some;
    throw new PortError('denied', 'Cannot read the messages: permission denied');
  };
  const message = finished(about('x', day(1)), 'success');
  await expect(world.tickAt(day(2), message)).rejects.toThrow('permission denied');
  expect(tablesOf(world.store).job_history).toHaveLength(1);
});
