import { expect, test } from 'vitest';
import { day, finished, started } from '../support/messages.ts';
import { eventFile, simpleValue } from '../support/tfevents-writer.ts';
import { makeWorld, settingsOf, tablesOf } from '../support/world.ts';

// A Job that is tried again writes into the same folder, one file more. What counts then follows from the steps: a
// step that comes again takes the earlier points from there on away. When the attempts began is not asked, since what
// an earlier attempt wrote before a checkpoint belongs to the run as much as what came behind it.

const SETTINGS = settingsOf({
  trained: {
    metric_collection_config: {
      default_aggregation_strategies: ['first', 'final', 'count', 'min', 'max', 'average'],
    },
  },
});
const FOLDER = 'memory:/model';
const SECOND = 1000;

/** Points of one attempt by step, a second apart from `at` on. */
function written(at: number, losses: readonly (readonly [step: number, loss: number])[]): Uint8Array {
  return eventFile(losses.map(([step, loss], i) => simpleValue('loss', step, loss, at / SECOND + i)));
}

async function numbersOf(
  first: readonly (readonly [number, number])[],
  second: readonly (readonly [number, number])[],
): Promise<Record<string, number | null>> {
  const file = (at: number) => `${FOLDER}/events.out.tfevents.${at / SECOND}.host`;
  const [begun, again] = [day(1), day(1, 2)];
  const files = { [file(begun)]: written(begun, first) };
  const world = makeWorld(SETTINGS, { files });
  const one = { test: 'trained', run: 'm', at: begun, attempt: 1 };
  await world.tickAt(
    day(1, 1),
    started(one, { model_dir: FOLDER, started_at: begun }),
    finished({ ...one, at: day(1, 1) }, 'failure', { final: false }),
  );
  world.files = { ...files, [file(again)]: written(again, second) };
  const two = { ...one, at: again, attempt: 2 };
  await world.tickAt(
    day(2),
    started(two, { model_dir: FOLDER }),
    finished({ ...two, at: day(1, 3) }, 'success'),
  );
  const { job_history: jobs, metric_history: metrics } = tablesOf(world.store);
  expect(jobs).toMatchObject([{ runId: 'm', attempt: 2, outcome: 'success' }]);
  return Object.fromEntries(
    metrics.flatMap(({ metricName, value }) =>
      metricName.startsWith('loss_') ? [[metricName.slice('loss_'.length), value]] : [],
    ),
  );
}

test('an attempt that goes on from a checkpoint is one curve with the one before it', async () => {
  const before = [0, 100, 200, 300].map((step) => [step, 9 - step / 100] as const);
  const after = [200, 300, 400].map((step) => [step, 8 - step / 100] as const);
  expect(await numbersOf(before, after)).toEqual({
    first: 9,
    final: 4,
    count: 5,
    min: 4,
    max: 9,
    average: 6.4,
  });
});

test('an attempt that begins anew leaves nothing of the one before it, even if that one came further', async () => {
  const before = [0, 100, 200, 300].map((step) => [step, 90 - step / 10] as const);
  const after = [0, 100].map((step) => [step, 5 - step / 100] as const);
  expect(await numbersOf(before, after)).toEqual({
    first: 5,
    final: 4,
    count: 2,
    min: 4,
    max: 5,
    average: 4.5,
  });
});

test('of a tag without steps all points of both count, since nothing tells which came again', async () => {
  const points = (...losses: readonly number[]) => losses.map((loss) => [0, loss] as const);
  const numbers = await numbersOf(points(9, 7), points(5, 3));
  expect(numbers).toEqual({ first: 9, final: 3, count: 4, min: 3, max: 9, average: 6 });
});
