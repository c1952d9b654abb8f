// Metrics of a run that a server holds: asked once, when the run has ended, and never again.
import { expect, test } from 'vitest';
import { memoryRemoteSource } from '../../shared/adapters/memory/remote-source.ts';
import { replay } from '../../shared/pipeline/replay.ts';
import { PortError } from '../../shared/ports/error.ts';
import type { RemoteRequest } from '../../shared/ports/source.ts';
import { day, finished, MINUTE } from '../support/messages.ts';
import { makeWorld, settingsOf, tablesOf } from '../support/world.ts';

const END = day(1, 12);
const SETTINGS = settingsOf({
  mnist: {
    sources: [{ mlflow: { connection: 'tracking', run: '{run_id}' } }],
    regression_test_config: {
      metric_success_conditions: {
        auc: { comparison: 'greater', success_threshold: { fixed_value: 0.8 } },
      },
    },
  },
});
const READING = { values: [{ name: 'auc', value: 0.81 }], points: [], notes: [] };

/** A world whose server answers so, and what it was asked. */
function serving(answer: () => typeof READING | null) {
  const asked: RemoteRequest[] = [];
  const remote = memoryRemoteSource({
    tracking: (request) => {
      asked.push(request);
      return answer();
    },
  });
  return { asked, world: makeWorld(SETTINGS, { files: {}, remote }) };
}

const ends = finished({ test: 'mnist', run: 'r1', at: END }, 'success');

test('they are judged, and a replay asks nobody', async () => {
  const { asked, world } = serving(() => READING);
  await world.tickAt(END + MINUTE, ends);
  expect(asked).toEqual([{ kind: 'mlflow', connection: 'tracking', run: 'r1' }]);
  const before = tablesOf(world.store);
  expect(before.job_history).toMatchObject([{ runId: 'r1', verdict: 'pass' }]);
  await replay(world.ports, SETTINGS, { reread: false });
  expect(tablesOf(world.store)).toEqual(before);
  expect(asked).toHaveLength(1);
});

test('a server that is away makes the run wait, and no longer than it is away', async () => {
  let isAway = true;
  const { world } = serving(() => {
    if (isAway) throw new PortError('unavailable', 'Cannot ask tracking: it does not answer');
    return READING;
  });
  await world.tickAt(END + MINUTE, ends);
  expect(tablesOf(world.store).job_history).toEqual([]);
  isAway = false;
  await world.tickAt(END + 16 * MINUTE);
  expect(tablesOf(world.store).job_history).toMatchObject([{ runId: 'r1', verdict: 'pass' }]);
});

test('a server that has nothing of the run leaves its metric missing, and the log says why', async () => {
  const { world } = serving(() => null);
  await world.tickAt(END + MINUTE, ends);
  expect(tablesOf(world.store).job_history).toMatchObject([{ runId: 'r1', verdict: 'fail' }]);
  const words = world.log.words.map(({ message }) => message);
  expect(words.filter((word) => word.includes('it has nothing of the kind'))).toHaveLength(1);
});
