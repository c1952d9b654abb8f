import { expect, test } from 'vitest';
import { parseMessage } from '../../shared/core/parse-message.ts';
import { PAST_SOURCE } from '../../shared/core/past-run.ts';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { formatTime } from '../../shared/core/time.ts';
import { backfill } from '../../shared/pipeline/backfill.ts';
import { tick } from '../../shared/pipeline/tick.ts';
import { day, finished, type Message, named, started } from '../support/messages.ts';
import { makeWorld, NO_REMINDERS, settingsOf, type World } from '../support/world.ts';

const OWNED: TestConfig = { owner: 'owner@example.com' };

/** A run of the night before day `n`, half an hour long. */
function night(n: number, outcome = 'success'): Message {
  const about = { test: 'nightly', run: `n${n}`, at: day(n, 2) };
  return finished(about, outcome, { started_at: formatTime(day(n, 1.5)), metrics: named({ loss: 1 }) });
}

function worldOf(config: TestConfig): World {
  return makeWorld(settingsOf({ nightly: config }, { policy: NO_REMINDERS }));
}

/** Nights 1 to 7, a tick after each. */
async function aWeek(world: World): Promise<void> {
  for (let n = 1; n <= 7; n++) await world.tickAt(day(n, 3), night(n));
}

async function told({ ports }: World): Promise<string[]> {
  const notices = await ports.history.notices(null);
  return notices.map(({ notice: { kind, episode } }) => `${episode.signal} ${episode.reason} ${kind}`);
}

test('a night that does not come is told once its grace is over, once, and its end with the next run', async () => {
  const world = worldOf(OWNED);
  await aWeek(world);
  await world.tickAt(day(8, 2.25));
  expect(await told(world)).toEqual([]);
  await world.tickAt(day(8, 4));
  expect(await told(world)).toEqual(['schedule late firing']);
  const [first] = await world.ports.history.episodes({});
  await world.tickAt(day(8, 20));
  await world.tickAt(day(9, 4));
  expect(await told(world)).toEqual(['schedule late firing']);
  await world.tickAt(day(10, 3), night(10));
  expect(await told(world)).toEqual(['schedule late firing', 'schedule late recovered']);
  // Its times are those of the habit: when a pass noticed does not matter.
  const late = worldOf(OWNED);
  await aWeek(late);
  await late.tickAt(day(9, 1));
  expect((await late.ports.history.episodes({}))[0]).toEqual(first);
});

test('a test that is not run any more has expired, and nobody waits for it again', async () => {
  const world = worldOf(OWNED);
  await aWeek(world);
  await world.tickAt(day(8, 4));
  await world.tickAt(day(21, 1));
  expect(await told(world)).toEqual(['schedule late firing']);
  await world.tickAt(day(22, 1));
  expect(await told(world)).toEqual(['schedule late firing', 'schedule late closed']);
  const [episode] = await world.ports.history.episodes({});
  // Fourteen days after its last run ended.
  expect(episode).toMatchObject({ closedReason: 'expired', closedAt: day(21, 2) });
  await world.tickAt(day(60, 1));
  expect(await world.ports.history.episodes({})).toEqual([episode]);
});

test('a schedule that somebody wrote counts from the first run on', async () => {
  const world = worldOf({ ...OWNED, schedule: '30 1 * * *' });
  await world.tickAt(day(1, 3), night(1));
  await world.tickAt(day(2, 4));
  expect(await told(world)).toEqual(['schedule late firing']);
});

test('a run that does not end is told, and that it ended after all', async () => {
  const world = worldOf({ ...OWNED, max_duration: '2h' });
  await aWeek(world);
  await world.tickAt(day(8, 3), started({ test: 'nightly', run: 'n8', at: day(8, 1.5) }));
  expect(await told(world)).toEqual([]);
  await world.tickAt(day(8, 4));
  expect(await told(world)).toEqual(['schedule overrun firing']);
  await world.tickAt(day(8, 9), finished({ test: 'nightly', run: 'n8', at: day(8, 8) }, 'success'));
  expect((await told(world)).at(-1)).toBe('schedule overrun recovered');
});

test.each<readonly [string, TestConfig]>([
  ['that wants no alerts', { ...OWNED, regression_test_config: null }],
  ['that wants none of its jobs', { ...OWNED, regression_test_config: { alert_for_failed_jobs: false } }],
])('nobody hears that a test is late %s', async (_, config) => {
  const world = worldOf(config);
  await aWeek(world);
  await world.tickAt(day(8, 9));
  expect(await told(world)).toEqual([]);
});

test('while the queue cannot be read nobody is late', async () => {
  const world = worldOf(OWNED);
  await aWeek(world);
  const queue = { ...world.ports.queue, pull: () => Promise.reject(new Error('away')) };
  const ports = { ...world.ports, queue, clock: { now: () => day(8, 9) } };
  await expect(tick(ports, world.settings)).rejects.toThrow('away');
  expect(await told(world)).toEqual([]);
});

test('a test with a run that waits to be judged is not late', async () => {
  const world = worldOf(OWNED);
  await aWeek(world);
  const away = () => Promise.reject(new Error('no way to the files'));
  world.ports.eventFiles.list = away as never;
  const about = { test: 'nightly', run: 'n8', at: day(8, 2) };
  await world.tickAt(day(8, 9), finished(about, 'success', { model_dir: 'memory:/model' }));
  expect((await world.ports.history.toJudge(null, 9)).map(({ runId }) => runId)).toEqual(['n8']);
  expect(await told(world)).toEqual([]);
});

test('what only a backfill told of is not waited for', async () => {
  const world = worldOf(OWNED);
  const events = Array.from({ length: 7 }, (_, n) => {
    const parsed = parseMessage({ ...night(n + 1), id: `${n}`, format: 'json' });
    if (parsed.kind !== 'event') throw new Error(parsed.rejected.detail);
    return { ...parsed.event, source: `${PAST_SOURCE}nightly` };
  });
  const { ports, settings } = world;
  await backfill({ events, rejected: [] }, { ports, settings }, { mail: true });
  await world.tickAt(day(8, 9));
  expect(await told(world)).toEqual([]);
});
