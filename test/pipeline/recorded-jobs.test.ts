// S1, item 7: Jobs as a real cluster listed them, from the tutorial's message to the row of `job_history`.
import { expect, test } from 'vitest';
import { type MemoryCluster, memoryOutcomes } from '../../shared/adapters/memory/outcomes.ts';
import { GONE_GRACE_MS } from '../../shared/core/status.ts';
import { tick } from '../../shared/pipeline/tick.ts';
import { RECORDINGS, type Recording } from '../support/kubernetes-recordings.ts';
import { makeWorld, settingsOf, tablesOf } from '../support/world.ts';

const recordings = [...RECORDINGS.values()];
const LAST = Math.max(...recordings.map(({ knownAt }) => Date.parse(knownAt)));
const NOW = LAST + 60_000;

/** The message of the tutorial's publisher: it started; how it ends only its cluster knows. */
function message({ name, jobName, jobUid }: Recording): Uint8Array {
  const place = { cluster_name: 'main', zone: 'here', job_namespace: name };
  const body = { test_name: name, job_name: jobName, job_uid: jobUid, ...place };
  return new TextEncoder().encode(JSON.stringify(body));
}

function cluster(): MemoryCluster {
  const objects: MemoryCluster['objects'] = {};
  for (const { name, jobs, pods } of recordings) {
    objects[name] = { jobs: [...jobs.items], pods: [...pods.items] };
  }
  return { location: 'here', objects };
}

async function started() {
  const world = makeWorld(settingsOf({}));
  const main = cluster();
  const outcomes = memoryOutcomes({ main });
  for (const recording of recordings) {
    const publishTime = Date.parse(recording.knownAt);
    await world.ports.queue.publish(message(recording), recording.name, { publishTime });
  }
  const tickAt = (now: number) =>
    tick({ ...world.ports, outcomes, clock: { now: () => now } }, world.settings);
  const rows = () => tablesOf(world.store).job_history;
  const ends = () =>
    rows()
      .map(({ testName, outcome }) => `${testName}: ${outcome}`)
      .sort();
  return { main, outcomes, tickAt, rows, ends };
}

const ENDED = [
  'deadline: timeout',
  'evicted-without-trace: failure',
  'failed-indexes: failure',
  'failure: failure',
  'max-failed-indexes: failure',
  'node-shutdown-then-failure: failure',
  'node-shutdown: preempted',
  'out-of-memory-of-node: oom',
  'out-of-memory: oom',
  'pod-failure-policy: failure',
  'success-after-retry: success',
  'success-after-suspension: success',
  'success-policy: success',
  'success: success',
];

test('Jobs that have ended give their rows in one look, and the others wait', async () => {
  const { outcomes, tickAt, rows, ends } = await started();
  expect(await tickAt(NOW)).toMatchObject({ waiting: recordings.length - ENDED.length });
  expect(ends()).toEqual(ENDED);
  expect(outcomes.looks.map(({ length }) => length)).toEqual([recordings.length]);
  const retried = rows().find(({ testName }) => testName === 'success-after-retry');
  expect(retried).toMatchObject({ numFailures: 1, runId: RECORDINGS.get('success-after-retry')?.jobUid });
});

test('Jobs that are gone are lost after a grace, and those that were open are asked for until they end', async () => {
  const { main, outcomes, tickAt, ends } = await started();
  await tickAt(NOW);
  const running = main.objects.running!;
  running.jobs = (running.jobs as { metadata: object }[]).map(({ metadata }) => {
    return { metadata, status: RECORDINGS.get('success')!.jobs.items[0]!.status };
  });
  await tickAt(NOW + GONE_GRACE_MS + 1);
  expect(ends().filter((end) => !ENDED.includes(end))).toEqual([
    'deleted-after-ttl: lost',
    'name-used-again: lost',
    'running: success',
  ]);
  await tickAt(NOW + GONE_GRACE_MS + 2);
  const asked = outcomes.looks
    .at(-1)!
    .map(({ namespace }) => namespace)
    .sort();
  expect(asked).toEqual(['between-retries', 'failure-target', 'success-criteria-met', 'suspended']);
});
